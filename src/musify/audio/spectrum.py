"""Spectra of a song: log-mel bands, how strongly notes begin, and chroma."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.cancelling import checkpoint

__all__ = ["Floats", "LogMel", "frames_of", "log_mel", "mel_filters", "onset_strength"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

FRAMES_A_SECOND: Final = 100
_WINDOW_SECONDS: Final = 0.046
_BANDS: Final = 80
_LOWEST_HZ: Final = 30.0
_HIGHEST_HZ: Final = 10_000.0
# How far below the loud frames of a song the compression turns from logarithmic to linear.
_COMPRESSION: Final = 300.0
_CHUNK: Final = 1024
_LAG_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class LogMel:
    """Compressed energy in mel bands over time.

    Parameters
    ----------
    values : ndarray of float32, shape (n, bands)
        ``log10(1 + c a)`` of the magnitude ``a`` relative to the loud frames of the song.
    rate : float
        Frames a second; frame ``i`` is centred on ``i / rate`` seconds.
    centres : ndarray, shape (bands,)
        Centre frequencies in Hz.
    power : ndarray, shape (n,)
        Mean square of the sound around each frame, full scale 1.
    """

    values: Singles
    rate: float
    centres: Floats
    power: Floats


def mel_filters(bands: int, size: int, sample_rate: float) -> tuple[Singles, Floats]:
    """Triangles on the mel scale.

    Parameters
    ----------
    bands : int
        How many.
    size : int
        Length of the Fourier transform.
    sample_rate : float
        PCM frames a second.

    Returns
    -------
    filters : ndarray of float32, shape (size // 2 + 1, bands)
        Each sums to 1, so that white noise is flat.
    centres : ndarray, shape (bands,)
        Hz.

    Notes
    -----
    ``mel = 2595 log10(1 + f / 700)`` (O'Shaughnessy 1987, as in HTK).
    """
    high = min(_HIGHEST_HZ, 0.48 * sample_rate)
    edges = np.linspace(
        2595 * np.log10(1 + _LOWEST_HZ / 700), 2595 * np.log10(1 + high / 700), bands + 2
    )
    hertz = 700 * (10 ** (edges / 2595) - 1)
    bins = np.arange(size // 2 + 1) * sample_rate / size
    # A triangle narrower than a bin would be empty, so none is.
    width = 0.75 * sample_rate / size
    left = np.minimum(hertz[:-2], hertz[1:-1] - width)
    right = np.maximum(hertz[2:], hertz[1:-1] + width)
    up = (bins[:, None] - left) / (hertz[1:-1] - left)
    down = (right - bins[:, None]) / (right - hertz[1:-1])
    filters = np.maximum(0, np.minimum(up, down))
    filters /= np.maximum(filters.sum(axis=0), 1e-9)
    return filters.astype(np.float32), hertz[1:-1]


def frames_of(mono: Singles, size: int, hop: int) -> Singles:
    """View a song as overlapping frames, centred on multiples of ``hop``.

    Parameters
    ----------
    mono : ndarray of float32, shape (n,)
        Sound.
    size, hop : int
        PCM frames.

    Returns
    -------
    ndarray of float32, shape (1 + n // hop, size)
        A view of a padded copy.
    """
    padded = np.pad(mono, (size // 2, size))
    count = 1 + len(mono) // hop
    view: Singles = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop][:count]
    return view


def log_mel(mono: Singles, sample_rate: float) -> LogMel:
    """Analyse a song in mel bands, about a hundred times a second.

    Parameters
    ----------
    mono : ndarray of float32, shape (n,)
        Sound.
    sample_rate : float
        PCM frames a second.

    Returns
    -------
    LogMel
        Independent of how loud the song is as a whole.
    """
    size = 1 << round(np.log2(_WINDOW_SECONDS * sample_rate))
    hop = max(1, round(sample_rate / FRAMES_A_SECOND))
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    filters, centres = mel_filters(_BANDS, size, sample_rate)
    frames = frames_of(mono, size, hop)
    values = np.empty((len(frames), _BANDS), np.float32)
    power = np.empty(len(frames))
    for start in range(0, len(frames), _CHUNK):
        checkpoint()
        part = frames[start : start + _CHUNK] * window
        power[start : start + _CHUNK] = np.einsum("ij,ij->i", part, part)
        values[start : start + _CHUNK] = np.abs(np.fft.rfft(part, axis=1)) @ filters
    power /= (window.astype(np.float64) ** 2).sum()
    loud = float(np.percentile(values.max(axis=1), 90)) if len(values) else 0.0
    values *= np.float32(_COMPRESSION / max(loud, 1e-9))
    np.log10(values + np.float32(1), out=values)
    return LogMel(values, sample_rate / hop, centres, power)


def onset_strength(mel: LogMel, low: float = 0.0, high: float = np.inf) -> Floats:
    """How strongly something begins, frame by frame.

    Parameters
    ----------
    mel : LogMel
        A song.
    low, high : float
        Only bands centred between these, in Hz.

    Returns
    -------
    ndarray, shape (n,)
        Mean rise over the bands; at least 0.

    References
    ----------
    S. Böck, G. Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013
    (SuperFlux): the spectrum is compared with the past one widened by a maximum over neighbouring
    bands, so that vibrato is no onset.
    """
    checkpoint()
    values = mel.values
    lag = max(1, round(_LAG_SECONDS * mel.rate))
    strength = np.zeros(len(values))
    if len(values) <= lag:
        return strength
    widest = values.copy()
    np.maximum(widest[:, 1:], values[:, :-1], out=widest[:, 1:])
    np.maximum(widest[:, :-1], values[:, 1:], out=widest[:, :-1])
    chosen = (mel.centres >= low) & (mel.centres < high)
    rise = values[lag:, chosen] - widest[:-lag, chosen]
    np.maximum(rise, 0, out=rise)
    strength[lag // 2 : lag // 2 + len(rise)] = rise.mean(axis=1)
    return strength
