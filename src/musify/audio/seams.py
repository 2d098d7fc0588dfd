"""How a joint would sound in the half second around it, against the song's ordinary beats.

Five measures, each as the share of the song's own beats that change less: the spectrum over
200 ms, the onset within 40 ms, the harmony over a beat, the loudness over 400 ms, the width. A
joint that changes no more than an ordinary beat cannot be told from one by these measures.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.fit_features import HOP_SECONDS, SongSound
from musify.cancelling import checkpoint

__all__ = ["judge_seams", "seam_measures"]

_SPAN: Final = 40  # frames on either side: 400 ms
_SPECTRUM: Final = 20
_ONSET: Final = 4
_CHROMA_SPAN: Final = 10  # frames of 50 ms
_QUIET_RANGE: Final = 14.0  # nats below the loudest: 60 dB
_AT_ONCE: Final = 512

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


def judge_seams(sound: SongSound, times: Floats, out: Whole, into: Whole, lag: Floats) -> Floats:
    """Cost of joints by what changes at them, and by how alike both sides are close up.

    Parameters
    ----------
    sound : SongSound
        The song.
    times : ndarray of float64, shape (n,)
        Places that may be joined, in seconds.
    out, into : ndarray of int, shape (e,)
        The places of each joint.
    lag : ndarray of float64, shape (e,)
        Seconds the incoming side starts later.

    Returns
    -------
    ndarray of float64, shape (e,)
        0 where both sides are the same sound.
    """
    ordinary, _ = seam_measures(sound, times, times)
    ranked = [np.sort(column) for column in ordinary.T]
    measures, likeness = seam_measures(sound, times[out], times[into] + lag)
    share = np.column_stack(
        [
            np.searchsorted(known, column) / len(known)
            for known, column in zip(ranked, measures.T, strict=True)
        ]
    )
    # What an ordinary beat changes is free; the most unusual costs most.
    step = np.square(np.clip((share - 0.4) / 0.6, 0, 1)).mean(axis=1)
    return np.asarray(step + 0.5 * likeness)


def seam_measures(sound: SongSound, leave: Floats, enter: Floats) -> tuple[Floats, Floats]:
    """Measure what changes where the song goes from ``leave`` to ``enter``.

    Returns
    -------
    measures : ndarray of float64, shape (e, 5)
        Change of spectrum, onset, change of harmony, of loudness and of width.
    likeness : ndarray of float64, shape (e,)
        Mean distance, on both sides of the joint, of what sounds and of what would have sounded; 0
        for the same sound, about 1 for different beats.
    """
    mel = np.maximum(sound.mel, sound.mel.max() - _QUIET_RANGE)
    loud = np.maximum(sound.loudness, sound.loudness.max() - 60)
    padded = np.pad(mel, ((_SPAN, _SPAN + 1), (0, 0)), mode="edge")
    loud = np.pad(loud, (_SPAN, _SPAN + 1), mode="edge")
    chroma = np.pad(sound.chroma, ((_CHROMA_SPAN, _CHROMA_SPAN + 1), (0, 0)), mode="edge")
    a = np.clip(np.round(leave / HOP_SECONDS).astype(int), 0, len(mel) - 1)
    b = np.clip(np.round(enter / HOP_SECONDS).astype(int), 0, len(mel) - 1)
    ca = np.clip(np.round(leave * 20).astype(int), 0, len(sound.chroma) - 1)
    cb = np.clip(np.round(enter * 20).astype(int), 0, len(sound.chroma) - 1)
    steps, csteps = np.arange(_SPAN), np.arange(_CHROMA_SPAN)
    scale = float(np.median(np.abs(mel[1:] - np.roll(mel, 37, axis=0)[1:]).mean(axis=1))) + 1e-6
    measures, likeness = np.empty((len(a), 5)), np.empty(len(a))
    for first in range(0, len(a), _AT_ONCE):
        checkpoint()
        part = slice(first, first + _AT_ONCE)
        before = padded[a[part, None] + steps]
        after = padded[b[part, None] + _SPAN + steps]
        instead = padded[a[part, None] + _SPAN + steps]
        led = padded[b[part, None] + steps]
        spectrum = np.linalg.norm(
            before[:, -_SPECTRUM:, :-1].mean(axis=1) - after[:, :_SPECTRUM, :-1].mean(axis=1),
            axis=1,
        )
        both = np.concatenate([before[:, -_ONSET - 2 :], after[:, : _ONSET + 1]], axis=1)
        rise = np.maximum(0, both[:, 2:, :-1] - both[:, :-2, :-1]).mean(axis=2)
        harmony = np.linalg.norm(
            chroma[ca[part, None] + csteps].mean(axis=1)
            - chroma[cb[part, None] + _CHROMA_SPAN + csteps].mean(axis=1),
            axis=1,
        )
        loudness = np.abs(
            loud[a[part, None] + steps].mean(axis=1)
            - loud[b[part, None] + _SPAN + steps].mean(axis=1)
        )
        width = np.abs(
            (before[..., -1] - before[..., :-1].max(axis=2)).mean(axis=1)
            - (after[..., -1] - after[..., :-1].max(axis=2)).mean(axis=1)
        )
        measures[part] = np.column_stack([spectrum, rise.max(axis=1), harmony, loudness, width])
        fade = np.linspace(1, 0.2, _SPAN)
        fade /= fade.sum()
        forward = np.abs(after - instead).mean(axis=2) @ fade
        back = np.abs(before - led).mean(axis=2) @ fade[::-1]
        likeness[part] = (0.6 * forward + 0.4 * back) / scale
    return measures, likeness
