"""What speaks against a song for a stretch of video, axis by axis.

All costs are in units of distance in the valence-arousal plane, at least 0, and are added up. The
plane leads; the weights of the other axes are what they may outweigh in it at most. They are set by
hand: nothing here is fitted to data.

References
----------
.. [1] K. Agres et al., "AffectMachine-Classical", Front. Psychol. 14, 2023: tempo follows arousal.
.. [2] J. Cutting, J. DeLong, C. Nothelfer, "Attention and the evolution of Hollywood film",
   Psychol. Sci. 21(3), 2010: shots of today's films last about 4 s.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify._arrays import frozen_floats
from musify.errors import ParameterError
from musify.song_relations import key_distance, tempo_distance
from musify.song_table import SongTable
from musify.timeline import MoodTimeline

__all__ = ["AXES", "Stretch", "axis_costs", "speech_intervals", "total", "wanted_bpm"]

Floats = NDArray[np.float64]

AXES: Final = (
    "mood", "name", "tempo", "length", "voice", "licence", "recent", "variety", "family", "chance",
)  # fmt: skip
"""Names of the axes, in the order in which they are told."""

# A scene that is called happy should not get a nostalgic song for a hair's breadth in the plane.
_NAME: Final = 0.05
_TEMPO: Final = 0.15
_LENGTH: Final = 0.12
# Words under words: nobody follows both.
_VOICE: Final = 0.4
_LICENCE: Final = 0.03
_RECENT: Final = 0.15
# Playing a song again costs as much as this distance in the plane: a song of the same mood is taken
# instead, one of another mood is not.
_REPEAT: Final = 0.15
_FAMILY: Final = 0.16
# Nobody hears a smaller distance; among songs that close, chance from the seed decides.
_CHANCE: Final = 0.02
_UNKNOWN_TEMPO: Final = 0.5
_OCTAVE_OFF: Final = 0.25  # half or double the tempo is felt as nearly the same
_USUAL_SHOT: Final = 4.0  # seconds, of [2]_
# What fitting can do: 0.15 to 10 times a song of 20 s or more.
_SHORTENED: Final = np.log2(1 / 0.15)
_LENGTHENED: Final = np.log2(10.0)
_FITTED_SONG: Final = 20.0
# A song that is shortened needs one joint, however much is left out.
_SHORTENING: Final = 0.35


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of video that one song is wanted for.

    Parameters
    ----------
    first, last : int
        Its segments; ``last`` is the one after them.
    start, end : float
        Seconds.
    bpm : float
        The tempo that suits its mood and its cuts.
    shot : float or None
        Mean length of its shots in seconds; None where no cuts are known.
    speech : float or None
        Share of it in which somebody speaks, in [0, 1]; None where that is not known.
    """

    first: int
    last: int
    start: float
    end: float
    bpm: float
    shot: float | None
    speech: float | None

    @classmethod
    def of(
        cls, timeline: MoodTimeline, first: int, last: int, speech: Floats | None = None
    ) -> "Stretch":
        """Look at the segments from ``first`` to before ``last``."""
        start, end = float(timeline.edges[first]), float(timeline.edges[last])
        lasting = np.diff(timeline.edges)[first:last]
        valence, arousal = lasting @ timeline.plane[first:last] / lasting.sum()
        shot = None
        if len(timeline.cuts):
            cuts = np.count_nonzero((timeline.cuts > start) & (timeline.cuts < end))
            shot = (end - start) / (cuts + 1)
        share = None
        if speech is not None:
            inside = np.clip(speech, start, end)
            share = float(min(1.0, (inside[:, 1] - inside[:, 0]).sum() / (end - start)))
        return cls(first, last, start, end, wanted_bpm(valence, arousal, shot), shot, share)


def wanted_bpm(valence: float, arousal: float, shot: float | None) -> float:
    """Return the tempo that suits a mood and a pace of cuts.

    It is ``94 + 36 a + 8 v`` beats a minute, after the rules of composing [1]_, where ``a`` is
    the mean of the arousal and of the pace: 0 for shots of 4 s [2]_, 0.5 more each time they halve.

    Parameters
    ----------
    valence, arousal : float
        In [-1, 1].
    shot : float or None
        Mean length of shots in seconds, above 0; with None the arousal alone counts.

    References
    ----------
    .. [1] K. Agres et al., "AffectMachine-Classical", Front. Psychol. 14, 2023.
    .. [2] J. Cutting et al., Psychol. Sci. 21(3), 2010.
    """
    if shot is not None:
        pace = float(np.clip(np.log2(_USUAL_SHOT / shot) / 2, -1, 1))
        arousal = (arousal + pace) / 2
    return float(94 + 36 * arousal + 8 * valence)


def speech_intervals(given: ArrayLike) -> Floats:
    """Check intervals of speech, shape ``(k, 2)``, in seconds; none may be given as ``[]``.

    Raises
    ------
    ParameterError
        If they have another shape or end before they start.
    """
    if np.size(given) == 0:
        return np.empty((0, 2))
    found = frozen_floats("speech", given, (None, 2))
    if (found[:, 1] < found[:, 0]).any():
        raise ParameterError("intervals of speech must end after they start")
    return found


def axis_costs(
    songs: SongTable,
    timeline: MoodTimeline,
    moods: Floats,
    stretch: Stretch,
    *,
    recent: NDArray[np.bool_] | None = None,
    played: Floats | None = None,
    before: int | None = None,
    chance: Floats | None = None,
) -> dict[str, Floats]:
    """Return what speaks against each song, axis by axis.

    Parameters
    ----------
    songs : SongTable
        The ``n`` songs.
    timeline : MoodTimeline
        The mood of the video, in ``m`` segments.
    moods : ndarray of shape (m, n)
        Distances in the plane.
    stretch : Stretch
        What the song is wanted for.
    recent : ndarray of bool, shape (n,), optional
        Which songs were used lately.
    played : ndarray of shape (n,), optional
        How often each has played before in this video.
    before : int, optional
        Row of the song that ends where the stretch begins.
    chance : ndarray of shape (n,), optional
        A draw in [0, 1) for each.

    Returns
    -------
    dict of str to ndarray of shape (n,)
        A column for each of :data:`AXES`, all at least 0.
    """
    count = len(songs)
    part = slice(stretch.first, stretch.last)
    share = np.diff(timeline.edges)[part] / (stretch.end - stretch.start)
    none = np.zeros(count)
    costs: dict[str, Floats] = {
        "mood": share @ moods[part],
        "name": _NAME * _misnamed(songs, timeline.labels[part], share),
        "tempo": _TEMPO * _tempo(songs.bpm, stretch.bpm),
        "length": _LENGTH * _length(songs.duration, stretch.end - stretch.start),
        "voice": _VOICE * (stretch.speech or 0.0) * songs.sung,
        "licence": songs.bound.astype(np.float64) * _LICENCE,
        "recent": none if recent is None else recent.astype(np.float64) * _RECENT,
        "variety": none if played is None else _REPEAT * played,
        "family": none if before is None else _family(songs, before),
        "chance": none if chance is None else _CHANCE * chance,
    }
    return costs


def total(costs: Mapping[str, Floats]) -> Floats:
    """Add the axes up, shape ``(n,)``."""
    added: Floats = np.sum([costs[axis] for axis in AXES], axis=0)
    return added


def _misnamed(songs: SongTable, labels: tuple[str, ...], share: Floats) -> Floats:
    """Return in which share of a stretch the song's mood has another name than the scene's."""
    same = np.zeros(len(songs))
    for label, part in zip(labels, share, strict=True):
        same += part * (songs.names == label)
    # What was heard over time says more than one name.
    return np.where(songs.heard, 0.0, np.clip(1 - same, 0, 1))


def _tempo(bpm: Floats, wanted: float) -> Floats:
    apart = np.abs(np.log2(bpm / wanted))
    folded = np.minimum(apart, _OCTAVE_OFF + np.abs(apart - 1))
    return np.where(np.isnan(bpm), _UNKNOWN_TEMPO, np.minimum(1.0, folded))


def _length(song: Floats, wanted: float) -> Floats:
    octaves = np.log2(wanted / song)
    longer = np.where(song < _FITTED_SONG, 1.0, octaves / _LENGTHENED)
    shorter = _SHORTENING * -octaves / _SHORTENED
    return np.clip(np.where(octaves > 0, longer, shorter), 0, 1)


def _family(songs: SongTable, before: int) -> Floats:
    keys = key_distance(songs.fifths, songs.fifths[before])
    tempos = tempo_distance(songs.bpm, songs.bpm[before])
    costs = (_FAMILY / 2) * (keys + tempos)
    costs[before] = 0.0  # it plays on
    return costs
