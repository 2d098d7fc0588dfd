"""True peaks: how high the sound goes between its samples (ITU-R BS.1770-5, annex 2)."""

import copy
import functools
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["NOTES_A_SECOND", "REACH", "TruePeaks", "frame_peaks", "oversampling", "true_peaks"]

REACH: Final = 24
"""Frames on either side of a point that take part in its value."""

NOTES_A_SECOND: Final = 20
"""How finely the places of high peaks are noted."""

# Annex 2 asks for 192 kHz at least: four times 48 kHz.
_WANTED_RATE: Final = 176_400
_LEAST_TIMES: Final = 4
# Shape of the Kaiser window: with 48 taps a phase the filter is flat within 0.01 dB to 0.45 of
# the sample rate. The 12 taps printed in annex 2 lose 0.5 dB there, and more above.
_BETA: Final = 7.0
# Frames that are worked on as one row of a matrix product.
_ROW: Final = 32


def oversampling(sample_rate: int) -> int:
    """How many points between two frames are looked at: 4, and more below 44.1 kHz.

    Examples
    --------
    >>> oversampling(48_000), oversampling(44_100), oversampling(8000)
    (4, 4, 23)
    """
    return max(_LEAST_TIMES, math.ceil(_WANTED_RATE / sample_rate))


@functools.lru_cache(maxsize=8)
def _phases(times: int) -> tuple[NDArray[np.float32], float]:
    """Interpolating filters as one matrix, and the most by which they can raise a peak.

    Returns
    -------
    matrix : ndarray of float32, shape (32 + 2 * REACH, 32 * (times - 1))
        Takes a row of frames with what stands around it to all points between frames.
    most : float
        Largest sum of absolute taps of a phase.
    """
    taps = np.arange(-REACH + 1, REACH + 1)
    columns = []
    most = 1.0
    for phase in range(1, times):
        place = taps - phase / times
        window = np.i0(_BETA * np.sqrt(np.maximum(0.0, 1 - (place / REACH) ** 2))) / np.i0(_BETA)
        kernel = np.sinc(place) * window
        kernel /= kernel.sum()
        most = max(most, float(np.abs(kernel).sum()))
        columns.append(kernel)
    matrix = np.zeros((_ROW + 2 * REACH, _ROW, times - 1), np.float32)
    for frame in range(_ROW):
        # The point after `frame` lies between it and the next: taps from frame - REACH + 1 on,
        # and the row has REACH frames before it.
        for phase, kernel in enumerate(columns):
            matrix[frame + 1 : frame + 1 + 2 * REACH, frame, phase] = kernel
    flat = matrix.reshape(len(matrix), -1)
    flat.setflags(write=False)
    return flat, most


def true_peaks(
    frames: NDArray[np.float32], times: int, above: float
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Find where sound between its frames may exceed a level.

    Only places whose neighbourhood is high enough are worked out: no interpolated value exceeds
    the largest frame around it times the sum of the filter's absolute taps.

    Parameters
    ----------
    frames : ndarray of float32, shape (channels, REACH + n + REACH)
        PCM, with what stands before and after it; ``n`` a multiple of 32.
    times : int
        As :func:`oversampling` says.
    above : float
        Level that interests, as a fraction of full scale.

    Returns
    -------
    rows : ndarray of intp, shape (m,)
        Which 32 frames were worked out.
    peaks : ndarray of float32, shape (m, 32)
        Highest absolute value, over the channels, of a frame and of the points between it and the
        next. In all other rows nothing exceeds ``above``.
    """
    count = (frames.shape[1] - 2 * REACH) // _ROW
    matrix, most = _phases(times)
    if not count:
        return np.zeros(0, np.intp), np.zeros((0, _ROW), np.float32)
    # Highest frame of each row and of its surroundings: REACH is less than a row.
    size = (
        np.maximum(frames.max(axis=0), -frames.min(axis=0))
        if len(frames) > 1
        else (np.abs(frames[0]))
    )
    inner = size[REACH : REACH + count * _ROW].reshape(count, _ROW).max(axis=1)
    around = inner.copy()
    np.maximum(around[1:], inner[:-1], out=around[1:])
    np.maximum(around[:-1], inner[1:], out=around[:-1])
    around[0] = max(around[0], size[:REACH].max())
    around[-1] = max(around[-1], size[REACH + count * _ROW :].max())
    rows = np.flatnonzero(around * most > above)
    peaks = size[REACH : REACH + count * _ROW].reshape(count, _ROW)[rows]
    step = frames.strides[1]
    for channel in frames:
        windows = np.lib.stride_tricks.as_strided(
            channel, (count, _ROW + 2 * REACH), (step * _ROW, step), writeable=False
        )
        between = np.abs(windows[rows] @ matrix).reshape(len(rows), _ROW, times - 1)
        for phase in range(times - 1):
            np.maximum(peaks, between[:, :, phase], out=peaks)
    return rows, peaks


def frame_peaks(frames: NDArray[np.float32], times: int, above: float) -> NDArray[np.float32]:
    """Highest true peak of every frame, up to the next, where it may exceed a level.

    Parameters
    ----------
    frames : ndarray of float32, shape (channels, REACH + n + REACH)
        PCM, with what stands before and after it.
    times : int
        As :func:`oversampling` says.
    above : float
        Level that interests, as a fraction of full scale.

    Returns
    -------
    ndarray of float32, shape (n,)
        Highest absolute value, over the channels, of a frame and of the points between it and the
        next; 0 where neither can exceed ``above``.
    """
    count = frames.shape[1] - 2 * REACH
    padded = np.zeros((len(frames), 2 * REACH + math.ceil(count / _ROW) * _ROW), np.float32)
    padded[:, : frames.shape[1]] = frames
    rows, peaks = true_peaks(padded, times, above)
    out = np.zeros((math.ceil(count / _ROW), _ROW), np.float32)
    out[rows] = peaks
    return out.reshape(-1)[:count]


class TruePeaks:
    """Highest true peak of what passes, block by block.

    Parameters
    ----------
    sample_rate : int
        PCM frames a second.
    above : float, optional
        Level, as a fraction of full scale, above which peaks are noted.
    """

    def __init__(self, sample_rate: int, above: float = math.inf) -> None:
        self._rate = sample_rate
        self._times = oversampling(sample_rate)
        self._above = above
        self._next = -REACH  # frame that comes next; before the first there is silence
        self.highest = 0.0
        """As a fraction of full scale."""
        self.noted: dict[int, float] = {}
        """Highest peak by twentieth of a second, where it exceeds ``above``."""

    def copy(self) -> "TruePeaks":
        """Make another that has seen the same."""
        made = copy.copy(self)
        made.noted = dict(self.noted)
        return made

    def add(self, frames: NDArray[np.float32]) -> None:
        """Look at a block, shape (channels, REACH + n + REACH); ``n`` a multiple of 32."""
        rows, peaks = true_peaks(frames, self._times, min(self.highest, self._above))
        self.highest = max(self.highest, float(peaks.max(initial=0.0)))
        for place in np.flatnonzero(peaks.max(axis=1, initial=0) > self._above):
            peak = float(peaks[place].max())
            time = (self._next + int(rows[place]) * _ROW) / self._rate
            slot = max(0, int(time * NOTES_A_SECOND))
            self.noted[slot] = max(self.noted.get(slot, 0.0), peak)
        self._next += frames.shape[1] - 2 * REACH
