"""What each instrument plays, by patterns that suit it."""
