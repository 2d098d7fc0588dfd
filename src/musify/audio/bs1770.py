"""How loud sound is: the meter of ITU-R BS.1770-5, EBU Tech 3341 and EBU Tech 3342."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._arrays import FrozenArrays
from musify.audio.channel_weights import channel_weights
from musify.audio.gating import Windows, integrated, loudness_of, loudness_range
from musify.audio.k_weighting import KWeighting
from musify.audio.true_peak import NOTES_A_SECOND, REACH, TruePeaks
from musify.errors import ParameterError

__all__ = [
    "LOWEST_RATE",
    "Loudness",
    "LoudnessMeter",
    "integrated_loudness",
    "measure_blocks",
    "true_peak",
]

LOWEST_RATE: Final = 8000
HIGHEST_RATE: Final = 384_000

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
        self._windows = Windows(sample_rate)
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
                self._measure(self._waiting, size, self._windows, self._peaks)
                self._waiting[:, :history] = self._waiting[:, size:].copy()
                self._filled = 0

    def result(self) -> Loudness:
        """Read the meter; more may be added afterwards."""
        history, size = self._filter.history, self._filter.block
        windows, peaks = self._windows.copy(), self._peaks.copy()
        rest = self._waiting.copy()
        rest[:, history + self._filled :] = 0
        self._measure(rest, self._filled, windows, peaks)
        # True peaks stay behind by their reach.
        end = np.zeros((self.channels, 3 * REACH + 32 - 3 * REACH % 32), np.float32)
        end[:, : 2 * REACH] = rest[:, size + history - 2 * REACH :]
        peaks.add(end[:, : 2 * REACH + 32])
        return Loudness(
            integrated_lufs=integrated(windows.momentary),
            range_lu=loudness_range(windows.short_term),
            max_momentary_lufs=windows.max_momentary,
            max_short_term_lufs=windows.max_short_term,
            true_peak_dbtp=_decibels(peaks.highest) if peaks.highest > 0 else None,
            duration=windows.frames / self.sample_rate,
            momentary=loudness_of(windows.momentary),
            short_term=loudness_of(windows.short_term),
            high_peaks=tuple(
                ((slot + 0.5) / NOTES_A_SECOND, _decibels(peak))
                for slot, peak in sorted(peaks.noted.items())
            ),
        )

    def _measure(
        self, frames: NDArray[np.float32], count: int, windows: Windows, peaks: TruePeaks
    ) -> None:
        with np.errstate(over="ignore", invalid="ignore"):
            heard = self._filter.filter(frames)[:, :count]
            np.square(heard, out=heard)
            power = heard.sum(axis=0) if self._weights is None else self._weights @ heard
        if not np.isfinite(power.sum()):
            raise ParameterError(
                f"after {windows.frames / self.sample_rate:.1f} s there is sound that is not a "
                "number, or beyond all measure; replace it first"
            )
        windows.add(power)
        peaks.add(frames[:, self._filter.history - 2 * REACH :])


def _decibels(peak: float) -> float:
    return 20 * math.log10(peak)


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
