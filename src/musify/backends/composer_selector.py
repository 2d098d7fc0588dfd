"""Music that is written for the video."""

from collections.abc import Iterable, Iterator

from typing_extensions import override

from musify._ffmpeg import StrPath
from musify.composer.score import Score
from musify.composing import ComposingWishes
from musify.cues import Cue, CueSheet, SourceRange
from musify.interfaces import SongLibrary, TrackSelector
from musify.shots import Shots
from musify.timeline import MoodTimeline

__all__ = ["ComposerSelector"]


class ComposerSelector(TrackSelector):
    """Writes one piece of music for the whole video, and needs no songs.

    Sections change where the mood changes, beats fall on cuts, and the last chord ends with the
    video. The piece is a score: the plan holds every note of it.

    Parameters
    ----------
    style : str, optional
        Name of a style, or the path of a file of one; chosen from the mood by default.
    tempo : float, optional
        Base tempo in beats a minute, in [30, 240]; from the mood by default.
    key : str, optional
        Main key, such as ``"D minor"``; from the mood by default.
    instruments : iterable of str, or str, optional
        Names of instruments to use, or one string with commas between them; the style's by default.
    energy : float, default 0
        Added to every arousal, in [-1, 1].
    seed : int, default 0
        Another seed, another piece.
    soundfont : path-like, optional
        A SoundFont (.sf2 or .sf3) to play it with; the instruments that are shipped by default.

    Raises
    ------
    ParameterError
        If a style, key or instrument is not known, a number leaves its range, or the SoundFont
        cannot be read.
    """

    def __init__(
        self,
        style: str | None = None,
        tempo: float | None = None,
        key: str | None = None,
        instruments: Iterable[str] | str = (),
        energy: float = 0.0,
        seed: int = 0,
        soundfont: StrPath | None = None,
    ) -> None:
        self.wishes = ComposingWishes(style, tempo, key, instruments, energy, seed, soundfont)

    def __repr__(self) -> str:
        return repr(self.wishes).replace("ComposingWishes", "ComposerSelector", 1)

    @property
    @override
    def needs_library(self) -> bool:
        return False

    @override
    def select(
        self, timeline: MoodTimeline, library: SongLibrary | None, *, shots: Shots | None = None
    ) -> CueSheet:
        """Compose for a timeline.

        Parameters
        ----------
        timeline : MoodTimeline
            The mood of the video over time, and its cuts; from 1 s to 3 h.
        library : SongLibrary or None
            Not needed.
        shots : Shots, optional
            How strong the cuts are: strong ones get an accent.
        """
        track = self.wishes.track(timeline, shots)
        end = timeline.duration
        assert track.score is not None
        return CueSheet(
            cues=[Cue(0.0, end, track, [SourceRange(0.0, end)])],
            duration=end,
            seed=self.wishes.seed,
            decisions=tuple(_decisions(track.score, len(timeline.cuts))),
        )


def _decisions(score: Score, cuts: int) -> Iterator[str]:
    slow, fast = round(float(score.tempo.bpm.min())), round(float(score.tempo.bpm.max()))
    tempo = f"{slow}" if slow == fast else f"{slow} to {fast}"
    yield f"composed in the style {score.style!r} from seed {score.seed}, {tempo} beats a minute"
    for section in score.sections:
        start, end = score.tempo.seconds_at([section.start, section.end]).tolist()
        yield (
            f"{start:.1f}-{end:.1f} s is section {section.name} ({section.role}) in "
            f"{section.key.name}, for valence {section.valence:+.2f}, arousal "
            f"{section.arousal:+.2f}"
        )
    if cuts:
        yield f"{len(score.hits)} of {cuts} cuts fall on beats"
