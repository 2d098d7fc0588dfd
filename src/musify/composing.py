"""Music that is written for a mood over time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify._ffmpeg import StrPath
from musify.composer.commission import LONGEST, SHORTEST, Commission
from musify.composer.form.brief import timeline_of
from musify.composer.instruments.catalogue import find_instrument
from musify.composer.instruments.pack import open_soundfont
from musify.composer.score import Score
from musify.composer.style.load import load_style
from musify.composer.theory.keys import Key
from musify.composer.writing import compose as written
from musify.errors import ParameterError
from musify.moods import Mood
from musify.progress import ProgressCallback, listener
from musify.results import Analysis
from musify.shots import Shots
from musify.timeline import MoodTimeline
from musify.tracks import Track

__all__ = ["ComposingWishes", "compose", "composed", "cut_strengths", "timeline_between"]

# How far a cut of a timeline may be from the cut of the picture that it stands for.
_SAME_CUT: Final = 0.001
_USUAL_STRENGTH: Final = 0.5


def compose(
    mood: MoodTimeline | Analysis | str,
    length: float | str | None = None,
    *,
    style: str | None = None,
    tempo: float | None = None,
    key: Key | str | None = None,
    instruments: Iterable[str] | str = (),
    energy: float = 0.0,
    seed: int = 0,
    cuts: ArrayLike | None = None,
    strengths: ArrayLike | None = None,
    on_progress: ProgressCallback | None = None,
) -> Score:
    """Write music for a mood over time.

    Parameters
    ----------
    mood : MoodTimeline, Analysis or str
        Which mood when: a timeline; what :meth:`Pipeline.analyze` found out about a video; or words
        such as ``"happy 20s, tense 15s, calm"``. From 1 s to 3 h.
    length : float or str, optional
        Of words: the whole, in seconds such as ``45`` or as ``"0:45"``, where a mood has no length.
    style : str, optional
        Name of a style, or the path of a file of one; chosen from the mood by default.
    tempo : float, optional
        Base tempo in beats a minute, in [30, 240]; from the mood by default.
    key : Key or str, optional
        Main key, such as ``"D minor"``; from the mood by default.
    instruments : iterable of str, or str, optional
        Names of instruments to use, or one string with commas between them; the style's by default.
    energy : float, default 0
        Added to every arousal, in [-1, 1].
    seed : int, default 0
        Another seed, another piece.
    cuts : array_like of shape (c,), optional
        Hit points: seconds at which beats should fall; the timeline's by default.
    strengths : array_like of shape (c,), optional
        How strong each of them is, in [0, 1]; what is known of the video's cuts, or 0.5 each.
    on_progress : callable, optional
        Called with :class:`Progress`, stage ``"compose"``.

    Returns
    -------
    Score
        Every note, as plain data; ``score.soundtrack()`` plays it. The same arguments and version
        of musify give the same score.

    Raises
    ------
    ParameterError
        If a mood, style, key or instrument is not known, or a number leaves its range.

    Examples
    --------
    >>> score = compose("happy 8s, calm 8s", style="piano", seed=3)
    >>> score.duration, score.style
    (16.0, 'piano')
    """
    if not isinstance(mood, str | MoodTimeline | Analysis):
        raise ParameterError(
            "mood must be a MoodTimeline, an Analysis or words such as 'happy 20s, calm 10s', got "
            f"{mood!r}; for a video, pass Pipeline().analyze(video)"
        )
    if not isinstance(mood, str) and length is not None:
        raise ParameterError("a timeline has its length; leave out length")
    shots = mood.shots if isinstance(mood, Analysis) else None
    if isinstance(mood, str):
        timeline = timeline_of(mood, length)
    else:
        timeline = mood.timeline if isinstance(mood, Analysis) else mood
    if cuts is not None:
        timeline = replace(timeline, cuts=np.asarray(cuts, np.float64))
    wishes = ComposingWishes(style, tempo, key, instruments, energy, seed)
    known = cut_strengths(timeline, shots) if strengths is None else strengths
    return composed(wishes.commission(timeline, known), on_progress=on_progress)


def composed(commission: Commission, *, on_progress: ProgressCallback | None = None) -> Score:
    """Write what is asked for; the score remembers it, so that it can be written anew."""
    return replace(written(commission, on_progress=on_progress), commission=commission)


@dataclass(frozen=True, slots=True)
class ComposingWishes:
    """What a user wishes of music that is composed; see :func:`compose`.

    Parameters
    ----------
    style, tempo, key, instruments, energy, seed
        As for :func:`compose`.
    soundfont : path-like, optional
        A SoundFont (.sf2 or .sf3) to play it with; the instruments that are shipped by default.

    Raises
    ------
    ParameterError
        If one cannot be granted: now, not after a video was looked at.
    """

    style: str | None = None
    tempo: float | None = None
    key: Key | str | None = None
    instruments: Iterable[str] | str = ()
    energy: float = 0.0
    seed: int = 0
    soundfont: StrPath | None = None

    def __post_init__(self) -> None:
        given = self.instruments
        names = given.split(",") if isinstance(given, str) and given.strip() else given
        known = tuple(find_instrument(name.strip()).name for name in names)
        object.__setattr__(self, "instruments", known)
        if isinstance(self.key, str):
            object.__setattr__(self, "key", Key.named(self.key))
        if self.style is not None:
            load_style(self.style)
        if self.soundfont is not None:
            object.__setattr__(self, "soundfont", Path(self.soundfont))
            open_soundfont(self.soundfont)
        self.commission(MoodTimeline([0, SHORTEST], ("any",), [1], [[0, 0]]))

    def commission(self, timeline: MoodTimeline, strengths: ArrayLike = ()) -> Commission:
        """Ask for music for a timeline.

        Raises
        ------
        ParameterError
            If it is shorter than 1 s or longer than 3 h, or a number leaves its range.
        """
        if not SHORTEST <= timeline.duration <= LONGEST:
            raise ParameterError(
                f"music is composed from {SHORTEST:g} s to {LONGEST / 3600:g} h, not for "
                f"{timeline.duration:g} s; choose from songs instead: give a library"
            )
        assert isinstance(self.instruments, tuple)
        assert not isinstance(self.key, str)
        return Commission(
            timeline=timeline,
            style=self.style,
            bpm=self.tempo,
            key=self.key,
            instruments=self.instruments,
            energy=self.energy,
            seed=self.seed,
            strengths=strengths,
        )

    def track(self, timeline: MoodTimeline, shots: Shots | None = None) -> Track:
        """Compose for a timeline, as a track whose mood is that of the longest segments."""
        score = composed(
            self.commission(timeline, cut_strengths(timeline, shots)), on_progress=listener()
        )
        weights = np.diff(timeline.edges)
        valence, arousal = np.average(timeline.plane, axis=0, weights=weights).clip(-1, 1).tolist()
        lasting = dict.fromkeys(timeline.labels, 0.0)
        for label, weight in zip(timeline.labels, weights.tolist(), strict=True):
            lasting[label] += weight
        mood = Mood(max(lasting, key=lambda label: lasting[label]), valence, arousal)
        return Track.of_score(score, soundfont=self.soundfont, mood=mood)


def cut_strengths(timeline: MoodTimeline, shots: Shots | None) -> NDArray[np.float64]:
    """Say how strong each cut of a timeline is.

    Returns
    -------
    ndarray of float64, shape (c,)
        In [0, 1]; 0.5 where nothing is known of a cut.
    """
    strengths = np.full(len(timeline.cuts), _USUAL_STRENGTH)
    if shots is None or not len(shots.cuts):
        return strengths
    for place, cut in enumerate(timeline.cuts):
        near = int(np.abs(shots.cuts - cut).argmin())
        if abs(shots.cuts[near] - cut) <= _SAME_CUT:
            strengths[place] = shots.strength[near]
    return strengths


def timeline_between(timeline: MoodTimeline, start: float, end: float) -> MoodTimeline:
    """Cut a stretch out of a timeline, as a timeline of its own that begins at 0.

    Examples
    --------
    >>> whole = MoodTimeline([0, 8, 20], ("calm", "tense"), [1, 1], [[0, 0], [0, 1]], [8, 12])
    >>> part = timeline_between(whole, 6, 15)
    >>> part.edges.tolist(), part.labels, part.cuts.tolist()
    ([0.0, 2.0, 9.0], ('calm', 'tense'), [2.0, 6.0])
    """
    inside = [
        place
        for place in range(len(timeline))
        if timeline.edges[place] < end and timeline.edges[place + 1] > start
    ]
    first, last = inside[0], inside[-1] + 1
    edges = timeline.edges[first : last + 1].clip(start, end) - start
    cuts = timeline.cuts[(timeline.cuts > start) & (timeline.cuts < end)] - start
    return MoodTimeline(
        edges,
        timeline.labels[first:last],
        timeline.confidence[first:last],
        timeline.plane[first:last],
        cuts,
    )
