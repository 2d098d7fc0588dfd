"""Music that is written for a mood over time."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify.composer.commission import Commission
from musify.composer.form.brief import timeline_of
from musify.composer.instruments.catalogue import find_instrument
from musify.composer.score import Score
from musify.composer.theory.keys import Key
from musify.composer.writing import compose as written
from musify.errors import ParameterError
from musify.results import Analysis
from musify.shots import Shots
from musify.timeline import MoodTimeline

__all__ = ["compose", "composed", "cut_strengths", "named_instruments"]

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
) -> Score:
    """Write music for a mood over time.

    Parameters
    ----------
    mood : MoodTimeline, Analysis or str
        Which mood when: a timeline; what :meth:`Pipeline.analyze` found out about a video; or words
        such as ``"happy 20s, tense 15s, calm"``. From 1 s to 3 h.
    length : float or str, optional
        Of words: seconds of the whole, such as ``45`` or ``"0:45"``, where a mood has no length.
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
    return composed(
        Commission(
            timeline=timeline,
            style=style,
            bpm=tempo,
            key=Key.named(key) if isinstance(key, str) else key,
            instruments=named_instruments(instruments),
            energy=energy,
            seed=seed,
            strengths=cut_strengths(timeline, shots) if strengths is None else strengths,
        )
    )


def composed(commission: Commission) -> Score:
    """Write what is asked for; the score remembers it, so that it can be written anew."""
    return replace(written(commission), commission=commission)


def named_instruments(names: Iterable[str] | str) -> tuple[str, ...]:
    """Read names of instruments.

    Raises
    ------
    ParameterError
        If there is none of a name.

    Examples
    --------
    >>> named_instruments("piano, cello")
    ('piano', 'cello')
    """
    given = names.split(",") if isinstance(names, str) and names.strip() else names
    return tuple(find_instrument(name.strip()).name for name in given)


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
