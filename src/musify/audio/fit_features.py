"""What a joint is judged by: how a song sounds every ten milliseconds, and in every beat.

All of it is plain signal description in numpy: log-mel bands, pitch classes, loudness, and the
width of the stereo image. Nothing here is trained.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.cancelling import checkpoint

__all__ = ["HOP_SECONDS", "SongSound", "hear"]

HOP_SECONDS: Final = 0.01
"""Between one frame of the features and the next."""

BANDS: Final = 40
_WINDOW_SECONDS: Final = 0.04
_CHROMA_SECONDS: Final = 0.17
_CHROMA_HOP: Final = 0.05
_LOWEST_HERTZ: Final = 40.0
_HIGHEST_HERTZ: Final = 11_000.0
# Below this a band counts as empty: 100 dB under full scale, the noise of 16 bits.
_FLOOR: Final = 1e-10
_FRAMES_AT_ONCE: Final = 2048
_HALVED_AT_ONCE: Final = 1 << 20  # even: each part begins with a frame that is kept

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class SongSound:
    """A song as it is needed for finding joints.

    Parameters
    ----------
    mono : ndarray of float32, shape (n,)
        Mean of both sides, at ``sample_rate``.
    sample_rate : int
        PCM frames a second.
    mel : ndarray of float32, shape (m, 41)
        Natural logarithm of the power in 40 mel bands from 40 Hz to 11 kHz, and as the last column
        that of what the sides differ in; a row each 10 ms, its middle at ``row * 0.01`` s.
    chroma : ndarray of float32, shape (k, 12)
        Pitch classes each 50 ms, each row of length 1 or 0.
    loudness : ndarray of float32, shape (m,)
        Level each 10 ms in dB of full scale, bands weighted about as ITU-R BS.1770 weights them.
    """

    mono: Floats
    sample_rate: int
    mel: Floats
    chroma: Floats
    loudness: Floats

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.mono) / self.sample_rate


def hear(blocks: Iterable[NDArray[np.float32]], sample_rate: int) -> SongSound:
    """Describe a song.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (n, 2)
        Its PCM.
    sample_rate : int
        PCM frames a second.

    Returns
    -------
    SongSound
        The description; about 60 MB for four minutes at 48 kHz.
    """
    monos, sides = [], []
    for block in blocks:
        monos.append(block.mean(axis=1, dtype=np.float32))
        sides.append(((block[:, 0] - block[:, 1]) / 2).astype(np.float32))
    mono = np.concatenate([np.zeros(0, np.float32), *monos])
    side = np.concatenate([np.zeros(0, np.float32), *sides])
    slow, rate = mono, sample_rate
    if sample_rate >= 32_000:
        slow, rate = halved(mono), sample_rate // 2
    hop = round(HOP_SECONDS * sample_rate)
    count = max(1, -(-len(mono) // hop))
    banded = _banded(slow, rate, count)
    checkpoint()
    padded = np.pad(side, (hop // 2, count * hop - len(side) + hop))[: count * hop]
    squared = np.square(padded.reshape(count, hop)).mean(axis=1)
    checkpoint()
    mel = np.log(np.column_stack([banded, squared]) + _FLOOR).astype(np.float32)
    checkpoint()
    weights = _k_weights(rate)
    loudness = 10 * np.log10(banded @ weights + _FLOOR)
    return SongSound(mono, sample_rate, mel, _chroma(slow, rate), loudness.astype(np.float32))


def halved(mono: Floats) -> Floats:
    """Halve the sample rate; a 31-tap half-band filter keeps what would fold 60 dB down."""
    taps = np.arange(-15, 16)
    kernel = (np.sinc(taps / 2) / 2 * np.kaiser(31, 6.0)).astype(np.float32)
    kernel /= kernel.sum()
    padded = np.pad(mono, len(kernel) // 2)
    parts = [np.empty(0, np.float32)]
    for start in range(0, len(mono), _HALVED_AT_ONCE):
        checkpoint()
        part = padded[start : start + _HALVED_AT_ONCE + len(kernel) - 1]
        parts.append(np.convolve(part, kernel, "valid")[::2])
    return np.concatenate(parts)


def _banded(mono: Floats, rate: int, count: int) -> Floats:
    """Power in mel bands, a row each 10 ms."""
    size = 1 << int(np.ceil(np.log2(_WINDOW_SECONDS * rate)))
    window = np.hanning(size).astype(np.float32)
    window /= np.sqrt(np.square(window).sum() * size / 2)
    bank = _mel_bank(size, rate)
    hop = HOP_SECONDS * rate
    padded = np.pad(mono, (size // 2, size))
    out = np.empty((count, BANDS), np.float32)
    views = np.lib.stride_tricks.sliding_window_view(padded, size)
    for first in range(0, count, _FRAMES_AT_ONCE):
        checkpoint()
        rows = np.arange(first, min(count, first + _FRAMES_AT_ONCE))
        starts = np.minimum(np.round(rows * hop).astype(int), len(views) - 1)
        spectrum = np.fft.rfft(views[starts] * window, axis=1)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        out[rows] = power.astype(np.float32) @ bank
    return out


def _mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    # O'Shaughnessy, "Speech Communication", 1987, p. 150.
    return np.asarray(2595 * np.log10(1 + hertz / 700))


def _centres(rate: int) -> NDArray[np.float64]:
    low, high = _mel(np.array([_LOWEST_HERTZ, min(_HIGHEST_HERTZ, 0.48 * rate)]))
    marks: NDArray[np.float64] = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1)
    return marks


def _mel_bank(size: int, rate: int) -> Floats:
    bins = np.fft.rfftfreq(size, 1 / rate)
    marks = _centres(rate)
    up = (bins[:, None] - marks[:-2]) / np.diff(marks)[:-1]
    down = (marks[2:] - bins[:, None]) / np.diff(marks)[1:]
    bank = np.maximum(0, np.minimum(up, down))
    # Narrow low bands may fall between two bins; the nearest one stands for them.
    for band in np.flatnonzero(bank.sum(axis=0) == 0):
        bank[np.argmin(np.abs(bins - marks[band + 1])), band] = 1
    return bank.astype(np.float32)


def _k_weights(rate: int) -> Floats:
    """Weights of the bands, after the two filters of ITU-R BS.1770: +4 dB above 2 kHz."""
    hertz = _centres(rate)[1:-1]
    shelf = 1 + 1.512 / (1 + (1500 / hertz) ** 4)
    cut = 1 / (1 + (38 / hertz) ** 4)
    return (shelf * cut).astype(np.float32)


def _chroma(mono: Floats, rate: int) -> Floats:
    size = 1 << int(np.ceil(np.log2(_CHROMA_SECONDS * rate)))
    hop = _CHROMA_HOP * rate
    count = max(1, int(np.ceil(len(mono) / hop)))
    window = np.hanning(size).astype(np.float32)
    bins = np.fft.rfftfreq(size, 1 / rate)
    use = (bins > 80) & (bins < 2500)
    pitch = 12 * np.log2(bins[use] / 440)
    classes = np.arange(12)
    away = np.abs((pitch[:, None] - classes + 6) % 12 - 6)
    bank = np.maximum(0, 1 - away).astype(np.float32)
    padded = np.pad(mono, (size // 2, size))
    views = np.lib.stride_tricks.sliding_window_view(padded, size)
    out = np.empty((count, 12), np.float32)
    for first in range(0, count, 512):
        checkpoint()
        rows = np.arange(first, min(count, first + 512))
        starts = np.minimum(np.round(rows * hop).astype(int), len(views) - 1)
        spectrum = np.abs(np.fft.rfft(views[starts] * window, axis=1)[:, use])
        out[rows] = np.sqrt(spectrum).astype(np.float32) @ bank
    out -= out.min(axis=1, keepdims=True)
    length = np.linalg.norm(out, axis=1, keepdims=True)
    return np.asarray(out / np.maximum(length, 1e-6), np.float32)
