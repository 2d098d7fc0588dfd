"""From a timeline of moods and hit points to sections, bars and a tempo map."""
