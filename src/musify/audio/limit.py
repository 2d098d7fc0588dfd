"""A look-ahead limiter: keeps true peaks under a ceiling, and touches nothing else."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from musify._iterators import ended
from musify.audio.true_peak import REACH, frame_peaks, oversampling

__all__ = ["Dip", "limited"]

_LOOK_AHEAD_SECONDS: Final = 0.02

Dip: TypeAlias = tuple[float, float, float]
Pcm = NDArray[np.float32]
Floats = NDArray[np.float64]


def limited(
    blocks: Iterable[Pcm], *, sample_rate: int, ceiling: float, dips: Sequence[Dip] = ()
) -> Iterator[Pcm]:
    """Turn loud peaks down before they come.

    What counts is how high the sound goes between its samples too (true peaks, ITU-R BS.1770-5,
    annex 2). The gain of a frame is the mean, over one look-ahead time, of the smallest gain that
    any frame within the look-ahead time needs: it falls smoothly before a peak, is low enough at
    it, and rises smoothly after it. Sound that never exceeds the ceiling passes bit for bit.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (n, c)
        PCM.
    sample_rate : int
        PCM frames a second.
    ceiling : float
        The largest true peak that leaves, as a fraction of full scale; above 0.
    dips : sequence of (float, float, float)
        Start and end in seconds, and the gain in decibels, of places that are turned down anyway,
        as smoothly as peaks are. They may overlap; gains add up.

    Yields
    ------
    ndarray of float32, shape (m, c)
        As many frames in all as came in; they lag by 41 ms at most.
    """
    limiter: _TwoLimiters | None = None
    with ended(blocks) as given:
        for block in given:
            if limiter is None:
                limiter = _TwoLimiters(sample_rate, block.shape[1], ceiling, dips)
            if len(out := limiter.push(block)):
                yield out
    if limiter is not None and len(out := limiter.rest()):
        yield out


class _TwoLimiters:
    """One behind the other.

    A gain that moves while the filter that finds true peaks looks at its surroundings lets peaks
    through that are a little too high: 0.9 dB in noise that is turned down by 12. The second has
    next to nothing to do, so its gain hardly moves.
    """

    def __init__(
        self, sample_rate: int, channels: int, ceiling: float, dips: Sequence[Dip]
    ) -> None:
        self._first = _Limiter(sample_rate, channels, ceiling, dips)
        self._second = _Limiter(sample_rate, channels, ceiling, ())
        self._touched = False  # the block before

    def push(self, block: Pcm) -> Pcm:
        return self._check(self._first.push(block))

    def rest(self) -> Pcm:
        out = self._check(self._first.rest())
        return np.concatenate([out, self._second.rest()])

    def _check(self, block: Pcm) -> Pcm:
        # What passed the first bit for bit is right; only what is near to changes may not be.
        before, self._touched = self._touched, self._first.touched
        return self._second.push(block, is_right=not (before or self._touched))


class _Limiter:
    def __init__(
        self, sample_rate: int, channels: int, ceiling: float, dips: Sequence[Dip]
    ) -> None:
        self._dips = [
            (round(start * sample_rate), round(end * sample_rate), 10 ** (gain_db / 20))
            for start, end, gain_db in dips
        ]
        self.touched = False  # what left last
        self._known = 0  # frames whose surroundings are known, from the first on
        self._width = max(1, round(_LOOK_AHEAD_SECONDS * sample_rate))
        self._times = oversampling(sample_rate)
        self._ceiling = ceiling
        # Frames that have not left, after REACH that have. Before the first there is silence, in
        # which the gain may already fall; it never leaves.
        self._silence = self._width - 1
        self._held = np.zeros((REACH + self._silence, channels), np.float32)
        self._needed = np.ones(self._silence)  # gains, as far as their surroundings are known
        self._last_peak = 0.0
        self._past = np.ones(self._width - 1)  # smallest gains of the frames before

    def push(self, block: Pcm, *, is_right: bool = False) -> Pcm:
        """Take a block, which may be known to have no peaks; give what can leave."""
        self._held = np.concatenate([self._held, block])
        known = len(self._needed)
        fresh = len(self._held) - 2 * REACH - known
        if fresh > 0:
            gains = np.ones(fresh)
            if is_right:
                self._last_peak = 0.0
            else:
                peaks = frame_peaks(self._held[known:].T, self._times, self._ceiling)
                # A point between two frames counts for both.
                both = np.maximum(peaks, np.concatenate([[self._last_peak], peaks[:-1]]))
                self._last_peak = float(peaks[-1])
                gains = self._ceiling / np.maximum(both, self._ceiling)
            for start, end, gain in self._dips:
                gains[max(0, start - self._known) : max(0, end - self._known)] *= gain
            self._known += fresh
            self._needed = np.concatenate([self._needed, gains])
        return self._leave(len(self._needed) - (self._width - 1))

    def rest(self) -> Pcm:
        """Give what is left: after the last frame there is silence."""
        left = len(self._held) - REACH - self._silence
        silence = np.zeros((REACH + self._width - 1, self._held.shape[1]), np.float32)
        return self.push(silence)[:left]

    def _leave(self, ready: int) -> Pcm:
        self.touched = False
        if ready <= 0:
            return self._held[:0]
        out = self._held[REACH : REACH + ready]
        smallest = _sliding_minimum(self._needed, self._width)
        known = np.concatenate([self._past, smallest])
        if known.min() < 1:
            sums = np.cumsum(np.concatenate([[0.0], known]))
            mean = (sums[self._width :] - sums[: -self._width]) / self._width
            # Sums round: where nothing is needed nothing may change, and the ceiling must hold.
            mean[_sliding_minimum(known, self._width) == 1] = 1
            gain = np.minimum(mean, self._needed[:ready])
            out = (out * gain[:, None]).astype(np.float32)
            self.touched = True
        self._past = known[ready:]
        self._held = self._held[ready:]
        self._needed = self._needed[ready:]
        unheard = min(self._silence, ready)
        self._silence -= unheard
        return out[unheard:]


def _sliding_minimum(values: Floats, width: int) -> Floats:
    """Smallest of every ``width`` values, in log2(width) passes."""
    span = 1
    while 2 * span <= width:
        values = np.minimum(values[:-span], values[span:])
        span *= 2
    rest = width - span
    return np.minimum(values[: len(values) - rest], values[rest:]) if rest else values
