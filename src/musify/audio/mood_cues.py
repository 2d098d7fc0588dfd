"""What listeners hear a mood in, beside words: harmony, onsets, brightness, roughness, register.

Which cues matter stands in Eerola, Friberg & Bresin 2013 (Frontiers in Psychology 4, 487, doi
10.3389/fpsyg.2013.00487). Each is measured here over spans of a song; `musify.audio.song_mood`
weighs them.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.log_mel import HOP, SAMPLE_RATE, log_mel
from musify.cancelling import checkpoint

__all__ = ["MoodCues", "mood_cues"]

Floats = NDArray[np.float64]

_SIZE: Final = 4096  # 256 ms: semitones stand apart from 65 Hz on
_STEP: Final = 2048
_LOWEST_HZ: Final = 60.0
_HIGHEST_HZ: Final = 3000.0
_PEAKS: Final = 24
_BASS_PITCH: Final = 55.0  # G3 in MIDI's numbers
_TOP_PITCH: Final = 96.0
# Of keys: how well each pitch class fits above the tonic.
# Temperley 2007, Music and Probability, table 6.1 of the Kostka-Payne corpus.
_KOSTKA: Final = np.array(
    [
        [0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400],
        [0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330],
    ]
)
# Albrecht & Shanahan 2013, Music Perception 31(1), doi 10.1525/mp.2013.31.1.59.
_ALBRECHT: Final = np.array(
    [
        [0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081],
        [0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052],
    ]
)
# How bright each pitch class makes a mode: its place on the circle of fifths (Persichetti 1961,
# Twentieth-Century Harmony, orders the modes from lydian, bright, to phrygian, dark), the third
# weighing most (Eerola et al.). Tonic, fifth and the common second and fourth say nothing.
_BRIGHT: Final = np.array([0, -1, 0, -0.8, 0.8, 0, 0.1, 0, -0.5, 0.4, -0.3, 0.2])
_SHARPNESS: Final = 10.0
_BASS_WEIGHT: Final = 0.15
_QUIET: Final = 1e-4  # of the loudest, in power: 40 dB


@dataclass(frozen=True, slots=True)
class MoodCues:
    """Cues over spans of a song, each of shape (n,).

    Attributes
    ----------
    major : ndarray
        How much better the best major key fits than the best minor one: a difference of
        correlations, about -0.4 to 0.5.
    bright : ndarray
        How bright the mode is about its likely tonic, from phrygian (-1) to lydian (1).
    clarity : ndarray
        How well the best key fits: a correlation, 0 to 1.
    register : ndarray
        Mean pitch in semitones, 69 for 440 Hz.
    roughness : ndarray
        Of the partials, as log2 of the sum over pairs (Sethares 1993, doi 10.1121/1.408175) over
        the power.
    onset_rate : ndarray
        log2 of half an onset a second and those counted.
    flux : ndarray
        log2 of the mean rise of the spectrogram from frame to frame, relative to the song's level.
    brightness : ndarray
        Centre of the spectrogram in mel bands of `musify.audio.log_mel`.
    level_db : ndarray
        Level against that of the whole song, in dB.
    """

    major: Floats
    bright: Floats
    clarity: Floats
    register: Floats
    roughness: Floats
    onset_rate: Floats
    flux: Floats
    brightness: Floats
    level_db: Floats


def mood_cues(mono: NDArray[np.float32], spans: Floats) -> MoodCues:
    """Measure the cues.

    Parameters
    ----------
    mono : ndarray of float32, shape (n,)
        At 16 kHz, full scale [-1, 1].
    spans : ndarray, shape (m, 2)
        Starts and ends in seconds; what lies beyond the song is not counted.

    Returns
    -------
    MoodCues
        Of silence, every cue is that of nothing in particular.
    """
    rhythm = _rhythm(log_mel(mono), spans)
    harmony = _harmony(mono, spans)
    return MoodCues(**harmony, **rhythm)


def _means(values: Floats, weights: Floats, spans: Floats, frame_seconds: float) -> Floats:
    """Mean of (frames, k) over spans, weighted (frames,); where nothing weighs, of all."""
    sums = np.cumsum(np.pad(values * weights[:, None], ((1, 0), (0, 0))), axis=0)
    counts = np.cumsum(np.pad(weights, (1, 0)))
    at = np.clip(np.round(spans / frame_seconds).astype(int), 0, len(values))
    weight = (counts[at[:, 1]] - counts[at[:, 0]])[:, None]
    whole = sums[-1] / max(counts[-1], 1e-9)
    found: Floats = np.where(
        weight > 1e-9, (sums[at[:, 1]] - sums[at[:, 0]]) / np.maximum(weight, 1e-9), whole
    )
    return found


def _rhythm(mel: NDArray[np.float32], spans: Floats) -> dict[str, Floats]:
    seconds = HOP / SAMPLE_RATE
    checkpoint()
    power = np.expm1(mel.astype(np.float64) * np.log(10)) / 1e4
    total = power.sum(axis=1)
    heard = (total > total.max() * _QUIET).astype(float)
    level = (total * heard).sum() / max(heard.sum(), 1.0)
    checkpoint()
    # A part in a hundred of the song's mean power is where the logarithm bends.
    shape = np.log10(1 + 100 * power / max(level / 50, 1e-12))
    rise = np.pad(np.maximum(0, shape[2:] - shape[:-2]).mean(axis=1), (0, 2))[: len(mel)]
    # An onset is a peak that stands out of the 400 ms around it.
    around = np.convolve(rise, np.ones(25) / 25, "same")
    before, after = np.pad(rise, (1, 0))[:-1], np.pad(rise, (0, 1))[1:]
    onset = ((rise > before) & (rise >= after) & (rise > 1.3 * around + 0.03)).astype(float)
    bands = np.arange(mel.shape[1])
    centre = shape @ bands / np.maximum(shape.sum(axis=1), 1e-9)
    table = np.stack([rise, onset / seconds, total], axis=1)
    rise_mean, rate, loud = _means(table, np.ones(len(mel)), spans, seconds).T
    return {
        "onset_rate": np.log2(rate + 0.5),
        "flux": np.log2(rise_mean + 1e-3),
        "brightness": _means(centre[:, None], heard, spans, seconds)[:, 0],
        "level_db": 10 * np.log10((loud + 1e-12) / max(level, 1e-12)),
    }


def _harmony(mono: NDArray[np.float32], spans: Floats) -> dict[str, Floats]:
    hz, strength = _partials(mono)
    power = (strength**2).sum(axis=1)
    heard = (power > power.max() * _QUIET * 0.01).astype(float)
    pitch = 69 + 12 * np.log2(hz / 440)
    weight = np.sqrt(strength) * (pitch < _TOP_PITCH)
    # Instruments agree on a tuning of their own: the circular mean of the deviations.
    tuning = np.angle((weight * np.exp(2j * np.pi * pitch)).sum()) / (2 * np.pi)
    chroma = _pitch_classes(pitch - tuning, weight)
    bass = _pitch_classes(pitch - tuning, weight * (pitch < _BASS_PITCH))
    register = (pitch * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-9)
    others = np.stack([register, _roughness(hz, strength)], axis=1)
    seconds = _STEP / SAMPLE_RATE
    means = _means(np.concatenate([chroma, bass, others], axis=1), heard, spans, seconds)
    chroma, bass = means[:, :12], means[:, 12:24]
    fits = _fits(chroma, _KOSTKA)
    # A soft maximum over tonics: near-ties between relative keys must not flip the answer.
    soft = np.log(np.exp(_SHARPNESS * fits).sum(axis=2)) / _SHARPNESS
    tilted = (
        _fits(chroma, _ALBRECHT) + _BASS_WEIGHT * (bass - bass.mean(axis=1, keepdims=True))[:, None]
    )
    tonic = np.exp(1.2 * _SHARPNESS * tilted).sum(axis=1)
    tonic /= tonic.sum(axis=1, keepdims=True)
    unit = chroma / np.maximum(np.linalg.norm(chroma, axis=1, keepdims=True), 1e-9)
    turned = np.stack([np.roll(unit, -k, axis=1) @ _BRIGHT for k in range(12)], axis=1)
    return {
        "major": soft[:, 0] - soft[:, 1],
        "bright": (tonic * turned).sum(axis=1),
        "clarity": fits.max(axis=(1, 2)),
        "register": means[:, 24],
        "roughness": np.log2(means[:, 25] + 1e-3),
    }


def _partials(mono: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Return frequencies in Hz and strengths of 24 peaks of each spectrum, (frames, 24)."""
    padded = np.pad(mono, (0, max(0, _SIZE - len(mono))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::_STEP]
    window = np.hanning(_SIZE + 1)[:-1].astype(np.float32) / (_SIZE / 4)
    low, high = (int(hz / SAMPLE_RATE * _SIZE) for hz in (_LOWEST_HZ, _HIGHEST_HZ))
    hz = np.empty((len(frames), _PEAKS))
    strength = np.empty((len(frames), _PEAKS))
    for start in range(0, len(frames), 512):
        checkpoint()
        part = slice(start, start + 512)
        spectrum = np.abs(np.fft.rfft(frames[part] * window))[:, low - 1 : high + 1]
        middle = spectrum[:, 1:-1]
        peak = (middle > spectrum[:, :-2]) & (middle >= spectrum[:, 2:])
        heights = np.where(peak, middle, 0)
        place = np.argpartition(heights, -_PEAKS, axis=1)[:, -_PEAKS:]
        # The vertex of a parabola through the logarithms of a peak and its neighbours.
        left, top, right = (
            np.log(np.take_along_axis(spectrum, place + k, axis=1) + 1e-12) for k in range(3)
        )
        shift = 0.5 * (left - right) / np.minimum(left - 2 * top + right, -1e-9)
        hz[part] = (place + low + np.clip(shift, -0.5, 0.5)) * SAMPLE_RATE / _SIZE
        strength[part] = np.take_along_axis(heights, place, axis=1)
    return hz, strength


def _pitch_classes(pitch: Floats, weight: Floats) -> Floats:
    """Return how strong each pitch class is in each frame, (frames, 12), the strongest 1."""
    made = np.empty((len(pitch), 12))
    for place in range(12):
        checkpoint()
        distance = (pitch - place + 6) % 12 - 6
        made[:, place] = (weight * np.exp(-0.5 * (distance / 0.25) ** 2)).sum(axis=1)
    found: Floats = made / np.maximum(made.max(axis=1, keepdims=True), 1e-9)
    return found


def _fits(chroma: Floats, profiles: Floats) -> Floats:
    """Return correlations with major and minor keys on each tonic, (n, 2, 12)."""

    def standard(rows: Floats) -> Floats:
        centred = rows - rows.mean(axis=-1, keepdims=True)
        found: Floats = centred / np.maximum(np.linalg.norm(centred, axis=-1, keepdims=True), 1e-9)
        return found

    keys = np.stack([np.roll(profiles, tonic, axis=1) for tonic in range(12)], axis=1)
    fits: Floats = np.einsum("nc,mtc->nmt", standard(chroma), standard(keys))
    return fits


def _roughness(hz: Floats, strength: Floats) -> Floats:
    """Return roughness of each frame over its power: Sethares' curve, products of amplitudes."""
    one, two = np.triu_indices(hz.shape[1], 1)
    lower = np.minimum(hz[:, one], hz[:, two])
    apart = np.abs(hz[:, one] - hz[:, two]) * (0.24 / (0.0207 * lower + 18.96))
    rough = strength[:, one] * strength[:, two] * (np.exp(-3.51 * apart) - np.exp(-5.75 * apart))
    found: Floats = rough.sum(axis=1) / np.maximum((strength**2).sum(axis=1), 1e-12)
    return found
