"""One song named by two letters, as in 2016."""

from typing import Final

import numpy as np
from typing_extensions import override

from musify._checks import number
from musify.audio.arrange import loop_ranges, make_cues
from musify.cue import JOINERS, Joiner
from musify.cues import Cue, CueSheet
from musify.errors import NoSuitableTrackError, ParameterError
from musify.interfaces import SongLibrary, TrackSelector
from musify.libraries import usable_songs
from musify.timeline import MoodSegment, MoodTimeline
from musify.tracks import Track

__all__ = ["LetterCodeSelector"]

_LETTERS: Final = {"action": "A", "happy": "H", "sad": "S", "calm": "C"}
CODES: Final = ("AA", "HH", "SS", "CC", "CH", "AH", "CS", "AS")


class LetterCodeSelector(TrackSelector):
    """The rule of 2016: one song for the whole video, named by its winning mood.

    The winner alone gives AA, HH, SS or CC. When it is happy or sad, the first letter turns to C
    if calm scored more than ``ratio`` times as much as action, or to A the other way round. When it
    is action or calm, the second letter turns to S if sad scored more than ``ratio`` times as much
    as happy, or to H the other way round. The song is the file of that name, whatever its ending;
    it is looped and cut to length.

    Parameters
    ----------
    ratio : float, default 2
        At least 1.
    joined_by : {"musify", "pydub"}, default "musify"
        Who makes the song as long as the video: musify fits it, with its true ending and at the
        level of other music; pydub repeats it as it is and cuts it off, as in 2016.

    Raises
    ------
    ParameterError
        If ``ratio`` is below 1, or nobody is called ``joined_by``.
    """

    def __init__(self, ratio: float = 2.0, joined_by: Joiner = "musify") -> None:
        self.ratio = number("ratio", ratio, low=1)
        if joined_by not in JOINERS:
            raise ParameterError(f"joined_by must be one of {JOINERS}, got {joined_by!r}")
        self.joined_by: Joiner = joined_by

    def __repr__(self) -> str:
        return f"LetterCodeSelector(ratio={self.ratio}, joined_by={self.joined_by!r})"

    def code(self, timeline: MoodTimeline) -> str:
        """Return the two letters for a timeline.

        Raises
        ------
        ParameterError
            If the timeline does not tell action, happy, sad and calm apart.
        """
        missing = [mood for mood in _LETTERS if mood not in timeline.moods]
        if missing:
            raise ParameterError(
                "the letter code needs scores for action, happy, sad and calm; the timeline has "
                f"none for {', '.join(missing)}"
            )
        lengths = np.diff(timeline.edges)
        scores = dict(zip(timeline.moods, lengths @ timeline.scores, strict=True))
        shares = dict.fromkeys(_LETTERS, 0.0)
        for label, length in zip(timeline.labels, lengths, strict=True):
            if label in shares:
                shares[label] += float(length)
        winner = max(shares, key=lambda mood: (shares[mood], scores[mood]))
        first = second = _LETTERS[winner]
        if winner in ("happy", "sad"):
            first = self._leaning("calm", "action", scores) or first
        else:
            second = self._leaning("sad", "happy", scores) or second
        return first + second

    def _leaning(self, one: str, other: str, scores: dict[str, float]) -> str | None:
        if scores[one] > self.ratio * scores[other]:
            return _LETTERS[one]
        if scores[other] > self.ratio * scores[one]:
            return _LETTERS[other]
        return None

    @override
    def select(self, timeline: MoodTimeline, library: SongLibrary | None) -> CueSheet:
        code = self.code(timeline)
        songs: dict[str, Track] = {}
        for song in usable_songs(library):
            name = song.path.stem.upper()
            if name == code and name in songs:
                raise NoSuitableTrackError(
                    f"two songs are called {code}: {songs[name].path} and {song.path}; rename one"
                )
            songs[name] = song
        if code not in songs:
            named = [known for known in CODES if known in songs]
            raise NoSuitableTrackError(
                f"no song is called {code}; there are: {', '.join(named) or 'none'}; "
                f"name a file {code}.mp3, or use the selector 'nearest'"
            )
        return CueSheet(
            cues=self._cues(songs[code], timeline),
            duration=timeline.duration,
            decisions=(f"the letter code of the whole video is {code}",),
        )

    def _cues(self, song: Track, timeline: MoodTimeline) -> tuple[Cue, ...]:
        if self.joined_by == "pydub":
            ranges, _ = loop_ranges(song.duration, timeline.duration, crossfade=0.0)
            return (Cue(0.0, timeline.duration, song, ranges, joined_by="pydub"),)
        whole = MoodSegment(0.0, timeline.duration, timeline.labels[0], 1.0, 0.0, 0.0)
        return make_cues([(whole, song)], timeline.duration)
