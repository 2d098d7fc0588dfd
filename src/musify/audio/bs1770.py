"""How loud sound is: the meter of ITU-R BS.1770-5, EBU Tech 3341 and EBU Tech 3342."""

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._arrays import FrozenArrays
from musify.audio.channel_weights import channel_weights
from musify.audio.k_weighting import KWeighting
from musify.audio.true_peak import NOTES_A_SECOND, REACH, TruePeaks
from musify.errors import ParameterError

__all__ = [
    "LOWEST_RATE",
    "Loudness",
    "LoudnessMeter",
    "integrated_loudness",
    "loudness_of",
    "measure_blocks",
    "true_peak",
]

LOWEST_RATE: Final = 8000
HIGHEST_RATE: Final = 384_000

# BS.1770-5, annex 1: a sine of 997 Hz at full scale in one channel reads -3.01.
_OFFSET: Final = -0.691
_ABSOLUTE_GATE: Final = -70.0
_RELATIVE_GATE: Final = -10.0
# EBU Tech 3342: another relative gate, and the share of the loudness values left out at the ends.
_RANGE_GATE: Final = -20.0
_RANGE_SHARES: Final = (0.10, 0.95)
# Windows move by 10 ms to find maxima (a file-based meter must catch a tone of 400 ms wherever it
# stands, Tech 3341 case 13), and by 100 ms for everything else (75 % overlap of 400 ms).
_HOPS_A_SECOND: Final = 100
_STEP: Final = 10
_MOMENTARY: Final = 40
_SHORT_TERM: Final = 300

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Loudness(FrozenArrays):
    """What a meter read.

    Parameters
    ----------
    integrated_lufs : float or None
        Loudness of the whole, gated; None where nothing exceeds -70 LUFS for 0.4 s.
    range_lu : float or None
        Loudness range; None where nothing exceeds -70 LUFS for 3 s.
    max_momentary_lufs : float or None
        Largest of any 0.4 s; None for silence, and where it is shorter.
    max_short_term_lufs : float or None
        Largest of any 3 s; None for silence, and where it is shorter.
    true_peak_dbtp : float or None
        Highest true peak of any channel, in dB of full scale; None for silence.
    duration : float
        Seconds that were measured.
    momentary : ndarray of shape (n,)
        LUFS of the 0.4 s that begin at 0, 0.1, 0.2, ... s; ``-inf`` for digital silence.
    short_term : ndarray of shape (m,)
        LUFS of the 3 s that begin at 0, 0.1, 0.2, ... s; ``-inf`` for digital silence.
    high_peaks : tuple of (float, float)
        Seconds and dBTP of the highest true peak in every 50 ms in which one exceeds what was
        asked for; see :class:`LoudnessMeter`.
    """

    integrated_lufs: float | None
    range_lu: float | None
    max_momentary_lufs: float | None
    max_short_term_lufs: float | None
    true_peak_dbtp: float | None
    duration: float
    momentary: Floats
    short_term: Floats
    high_peaks: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        for name in ("momentary", "short_term"):
            values = np.array(getattr(self, name), np.float64)
            values.setflags(write=False)
            object.__setattr__(self, name, values)

    @property
    def momentary_times(self) -> Floats:
        """Middles of the windows of ``momentary``, in seconds."""
        return np.arange(len(self.momentary)) / 10 + 0.2

    @property
    def short_term_times(self) -> Floats:
        """Middles of the windows of ``short_term``, in seconds."""
        return np.arange(len(self.short_term)) / 10 + 1.5


class LoudnessMeter:
    """Measures sound that comes in blocks of any size.

    Results do not depend on the size of the blocks, to the last bit. Memory does not grow but for
    the two curves: 600 kB an hour.

    Parameters
    ----------
    sample_rate : int
        PCM frames a second, 8000 to 384000.
    channels : int
        1 to 8, or any number with ``weights``.
    weights : sequence of float, optional
        How much the power of each channel counts. By default as in BS.1770-5 for the common layout
        of so many channels, in the order of WAVE files; see
        :func:`musify.audio.channel_weights.channel_weights`.
    peaks_above : float, optional
        dBTP above which the places of true peaks are noted, in ``Loudness.high_peaks``.

    Raises
    ------
    ParameterError
        If a number leaves its range.

    Notes
    -----
    A single channel is measured as the one loudspeaker it is [1]_: the same sound in two reads
    3.01 LU more.

    References
    ----------
    .. [1] ITU-R BS.1770-5, "Algorithms to measure audio programme loudness and true-peak audio
       level", 2023; EBU Tech 3341, "Loudness metering: 'EBU mode' metering", 2023; EBU Tech 3342,
       "Loudness range", 2023.

    Examples
    --------
    >>> tone = 0.1 * np.sin(2 * np.pi * 997 * np.arange(48_000) / 48_000)
    >>> meter = LoudnessMeter(48_000, channels=1)
    >>> meter.add(tone[:, None])
    >>> print(f"{meter.result().integrated_lufs:.1f} {meter.result().true_peak_dbtp:.1f}")
    -23.0 -20.0
    """

    def __init__(
        self,
        sample_rate: int,
        channels: int,
        *,
        weights: Sequence[float] | None = None,
        peaks_above: float = math.inf,
    ) -> None:
        if not LOWEST_RATE <= sample_rate <= HIGHEST_RATE:
            raise ParameterError(
                f"loudness is defined from {LOWEST_RATE} to {HIGHEST_RATE} PCM frames a second, "
                f"got sample_rate={sample_rate}"
            )
        if channels < 1:
            raise ParameterError(f"channels must be at least 1, got {channels}")
        given = channel_weights(channels) if weights is None else np.array(weights, np.float64)
        if given.shape != (channels,) or not (np.isfinite(given) & (given >= 0)).all():
            raise ParameterError(f"weights must be {channels} numbers >= 0, got {weights!r}")
        self.sample_rate = sample_rate
        self.channels = channels
        self._weights = None if (given == 1).all() else given.astype(np.float32)
        self._filter = KWeighting(sample_rate)
        history, block = self._filter.history, self._filter.block
        self._waiting = np.zeros((channels, history + block), np.float32)
        self._filled = 0  # frames of the block that are there
        self._energies = _Energies(sample_rate)
        self._peaks = TruePeaks(sample_rate, 10 ** (peaks_above / 20))

    def add(self, block: NDArray[np.floating]) -> None:
        """Measure what comes next.

        Parameters
        ----------
        block : ndarray of float, shape (n, channels)
            PCM, full scale [-1, 1].

        Raises
        ------
        ParameterError
            If its shape or type is another, or something in it is not a number.
        """
        if block.ndim != 2 or block.shape[1] != self.channels or block.dtype.kind != "f":
            raise ParameterError(
                f"a block must be floats of shape (n, {self.channels}), got {block.dtype} "
                f"{block.shape}; integers are divided by their full scale first"
            )
        history, size = self._filter.history, self._filter.block
        done = 0
        while done < len(block):
            count = min(len(block) - done, size - self._filled)
            place = history + self._filled
            self._waiting[:, place : place + count] = block[done : done + count].T
            self._filled += count
            done += count
            if self._filled == size:
                self._measure(self._waiting, size, self._energies, self._peaks)
                self._waiting[:, :history] = self._waiting[:, size:].copy()
                self._filled = 0

    def result(self) -> Loudness:
        """Read the meter; more may be added afterwards."""
        history, size = self._filter.history, self._filter.block
        energies, peaks = self._energies.copy(), self._peaks.copy()
        rest = self._waiting.copy()
        rest[:, history + self._filled :] = 0
        self._measure(rest, self._filled, energies, peaks)
        # True peaks stay behind by their reach.
        end = np.zeros((self.channels, 3 * REACH + 32 - 3 * REACH % 32), np.float32)
        end[:, : 2 * REACH] = rest[:, size + history - 2 * REACH :]
        peaks.add(end[:, : 2 * REACH + 32])
        return energies.result(peaks)

    def _measure(
        self, frames: NDArray[np.float32], count: int, energies: "_Energies", peaks: TruePeaks
    ) -> None:
        with np.errstate(over="ignore", invalid="ignore"):
            heard = self._filter.filter(frames)[:, :count]
            np.square(heard, out=heard)
            power = heard.sum(axis=0) if self._weights is None else self._weights @ heard
        if not np.isfinite(power.sum()):
            raise ParameterError(
                f"after {energies.frames / self.sample_rate:.1f} s there is sound that is not a "
                "number, or beyond all measure; replace it first"
            )
        energies.add(power)
        peaks.add(frames[:, self._filter.history - 2 * REACH :])


class _Energies:
    """Energy in steps of 10 ms, and what follows from it."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._hop = sample_rate / _HOPS_A_SECOND
        self.frames = 0
        self._hops = 0  # whole ones so far
        self._part = 0.0  # energy of the hop that has begun
        self._last = np.zeros(0)  # energies of up to 299 hops before
        self._momentary = array("d")
        self._short_term = array("d")
        self._most = [0.0, 0.0]

    def copy(self) -> "_Energies":
        made = _Energies(self._rate)
        made.__dict__.update(self.__dict__)
        made._momentary, made._short_term = self._momentary[:], self._short_term[:]
        made._most = list(self._most)
        return made

    def add(self, power: NDArray[np.float32]) -> None:
        """Take the weighted power of every frame of a block."""
        if not len(power):
            return
        begin, self.frames = self.frames, self.frames + len(power)
        # A hop need not be whole frames (110.25 at 11025): its edges are rounded, and do not drift.
        last = int(self.frames / self._hop) + 1
        edges = np.rint(np.arange(self._hops + 1, last + 1) * self._hop).astype(np.intp) - begin
        edges = edges[edges <= len(power)]
        starts = np.concatenate([[0], edges])
        whole = starts[-1] == len(power)
        sums = np.add.reduceat(power, starts[:-1] if whole else starts, dtype=np.float64)
        sums[0] += self._part
        self._part = 0.0 if whole else float(sums[-1])
        self._take(sums[: len(edges)])

    def _take(self, energies: Floats) -> None:
        before = len(self._last)
        known = np.concatenate([self._last, energies])
        curves = (self._momentary, self._short_term)
        for which, (width, curve) in enumerate(zip((_MOMENTARY, _SHORT_TERM), curves, strict=True)):
            first = max(0, before - width + 1)
            if len(known) - first < width:
                continue
            windows = np.lib.stride_tricks.sliding_window_view(known[first:], width)
            squares = windows.sum(axis=1) / (width * self._hop)
            self._most[which] = max(self._most[which], float(squares.max()))
            # Windows that begin with a tenth of a second belong to the curve.
            start = self._hops - before + first
            curve.frombytes(squares[-start % _STEP :: _STEP].tobytes())
        self._hops += len(energies)
        self._last = known[max(0, len(known) - _SHORT_TERM + 1) :].copy()

    def result(self, peaks: TruePeaks) -> Loudness:
        momentary, short_term = (
            np.frombuffer(curve, np.float64) for curve in (self._momentary, self._short_term)
        )
        return Loudness(
            integrated_lufs=_integrated(momentary),
            range_lu=_range(short_term),
            max_momentary_lufs=_finite(loudness_of(self._most[0])),
            max_short_term_lufs=_finite(loudness_of(self._most[1])),
            true_peak_dbtp=_decibels(peaks.highest) if peaks.highest > 0 else None,
            duration=self.frames / self._rate,
            momentary=loudness_of(momentary),
            short_term=loudness_of(short_term),
            high_peaks=tuple(
                ((slot + 0.5) / NOTES_A_SECOND, _decibels(peak))
                for slot, peak in sorted(peaks.noted.items())
            ),
        )


def loudness_of(squares: "Floats | float") -> Floats:
    """Turn weighted mean squares into LUFS; ``-inf`` for 0."""
    with np.errstate(divide="ignore"):
        return _OFFSET + 10 * np.log10(np.asarray(squares, np.float64))


def _decibels(peak: float) -> float:
    return 20 * math.log10(peak)


def _finite(lufs: Floats) -> float | None:
    return float(lufs) if np.isfinite(lufs) else None


def _above(squares: Floats, lufs: float) -> Floats:
    return squares[squares > 10 ** ((lufs - _OFFSET) / 10)]


def _integrated(squares: Floats) -> float | None:
    loud = _above(squares, _ABSOLUTE_GATE)
    if not len(loud):
        return None
    return float(loudness_of(_above(loud, float(loudness_of(loud.mean())) + _RELATIVE_GATE).mean()))


def _range(squares: Floats) -> float | None:
    loud = _above(squares, _ABSOLUTE_GATE)
    if not len(loud):
        return None
    kept = np.sort(loudness_of(_above(loud, float(loudness_of(loud.mean())) + _RANGE_GATE)))
    low, high = (kept[math.floor((len(kept) - 1) * share + 0.5)] for share in _RANGE_SHARES)
    return float(high - low)


def _as_block(pcm: NDArray[np.floating]) -> NDArray[np.floating]:
    return pcm[:, None] if pcm.ndim == 1 else pcm


def measure_blocks(
    blocks: Iterable[NDArray[np.floating]],
    sample_rate: int,
    channels: int,
    *,
    weights: Sequence[float] | None = None,
    peaks_above: float = math.inf,
) -> Loudness:
    """Measure sound that comes in blocks; see :class:`LoudnessMeter`."""
    meter = LoudnessMeter(sample_rate, channels, weights=weights, peaks_above=peaks_above)
    for block in blocks:
        meter.add(block)
    return meter.result()


def integrated_loudness(pcm: NDArray[np.floating], sample_rate: int) -> float | None:
    """Measure the integrated loudness of sound.

    Parameters
    ----------
    pcm : ndarray of float, shape (n, channels) or (n,)
        Full scale [-1, 1].
    sample_rate : int
        PCM frames a second.

    Returns
    -------
    float or None
        LUFS; None where nothing exceeds -70 LUFS for 0.4 s.

    Raises
    ------
    ParameterError
        If a number leaves its range, or something in the sound is not a number.
    """
    block = _as_block(pcm)
    return measure_blocks([block], sample_rate, block.shape[-1]).integrated_lufs


def true_peak(pcm: NDArray[np.floating], sample_rate: int) -> float | None:
    """Measure the highest true peak of sound.

    Parameters
    ----------
    pcm : ndarray of float, shape (n, channels) or (n,)
        Full scale [-1, 1].
    sample_rate : int
        PCM frames a second.

    Returns
    -------
    float or None
        dBTP, of the channel in which it is highest; None for digital silence.

    Raises
    ------
    ParameterError
        If a number leaves its range, or something in the sound is not a number.
    """
    block = _as_block(pcm)
    meter = LoudnessMeter(sample_rate, block.shape[-1], weights=[1.0] * block.shape[-1])
    meter.add(block)
    return meter.result().true_peak_dbtp
