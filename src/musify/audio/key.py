"""Harmony: tuned chroma over time, and the key of a song."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.spectrum import Floats, frames_of
from musify.cancelling import checkpoint

__all__ = ["PITCH_CLASSES", "Chroma", "Key", "chroma", "find_key"]

PITCH_CLASSES: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

_WINDOW_SECONDS: Final = 0.37
_FRAMES_A_SECOND: Final = 10
_LOWEST_NOTE: Final = 33  # A1, 55 Hz: below, neighbouring semitones share a bin
_HIGHEST_NOTE: Final = 96
_BASS_NOTES: Final = (28, 53)
_CHUNK: Final = 256

# Correlations of scale degrees from the tonic up, from music itself: J. Albrecht, D. Shanahan,
# "The use of large corpora to train a new type of key-finding algorithm", Music Perception
# 31(1), 2013; D. Temperley, "Music and Probability", MIT Press 2007 (Kostka-Payne); and from
# listeners: C. Krumhansl, E. Kessler, Psychological Review 89, 1982.
_MAJOR: Final = (
    (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
    (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
    (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
)
_MINOR: Final = (
    (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
    (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330),
    (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
)

_TRIADS: Final = (
    (1, 0, 0, 0, 0.7, 0, 0, 0.8, 0, 0, 0, 0),
    (1, 0, 0, 0.7, 0, 0, 0, 0.8, 0, 0, 0, 0),
)
# Ionian, lydian, mixolydian; aeolian, dorian, phrygian and the harmonic minor.
_SCALES: Final = (
    (
        (1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1),
        (1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1),
        (1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0),
    ),
    (
        (1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0),
        (1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0),
        (1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0),
        (1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1),
    ),
)
_CHORD_SECONDS: Final = 1.6

# How much each kind of evidence counts, in natural logarithms of odds.
KEY_WEIGHTS: Final = {
    "profile": 10.0,
    "scale": 5.0,
    "triad": 3.0,
    "first triad": 0.7,
    "last triad": 1.4,
    "bass": 4.0,
    "first bass": 0.7,
    "last bass": 1.4,
    "minor": 0.0,
}


@dataclass(frozen=True, slots=True, eq=False)
class Chroma:
    """Strength of the twelve pitch classes over time.

    Parameters
    ----------
    values, bass : ndarray, shape (n, 12)
        From C up, of all notes and of those below F3; unscaled.
    rate : float
        Frames a second; frame ``i`` is centred on ``i / rate`` seconds.
    tuning : float
        Semitones from A4 = 440 Hz, in [-0.5, 0.5).
    """

    values: Floats
    bass: Floats
    rate: float
    tuning: float


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic, a mode, and how plainly they stand out.

    Parameters
    ----------
    name : str
        Such as ``"F# minor"``.
    clarity : float
        In [0, 1].
    is_major : bool
        Whether the mode is major.
    majorness : float
        How much more major than minor the song is on its tonic, in [-1, 1].
    """

    name: str
    clarity: float
    is_major: bool
    majorness: float


def chroma(mono: NDArray[np.float32], sample_rate: float) -> Chroma:
    """Find the strength of the pitch classes, in tune with the song.

    Parameters
    ----------
    mono : ndarray of float32, shape (n,)
        Sound.
    sample_rate : float
        PCM frames a second.

    Returns
    -------
    Chroma
        Made of spectral peaks only, so that drums and noise hardly count.
    """
    size = 1 << round(np.log2(_WINDOW_SECONDS * sample_rate))
    hop = max(1, round(sample_rate / _FRAMES_A_SECOND))
    frames = frames_of(mono, size, hop)
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    hertz = np.arange(size // 2 + 1) * sample_rate / size
    low = max(2, int(np.searchsorted(hertz, 440 * 2 ** ((_BASS_NOTES[0] - 69.5) / 12))))
    top = min(0.45 * sample_rate, 440 * 2 ** ((_HIGHEST_NOTE - 69) / 12))
    high = int(np.searchsorted(hertz, top))
    where: list[NDArray[np.intp]] = []
    notes: list[Floats] = []
    weights: list[Floats] = []
    for start in range(0, len(frames), _CHUNK):
        checkpoint()
        spectrum = np.abs(np.fft.rfft(frames[start : start + _CHUNK] * window, axis=1))
        row, note, weight = _peaks(spectrum, low, high, sample_rate / size)
        where.append(row + start)
        notes.append(note)
        weights.append(weight)
    row = np.concatenate([np.empty(0, np.intp), *where])
    note = np.concatenate([np.empty(0), *notes])
    weight = np.concatenate([np.empty(0), *weights])
    # The mean direction of the deviations, a circle to the semitone.
    turn = np.exp(2j * np.pi * note) @ weight if len(note) else 0j
    tuning = float(np.angle(turn) / (2 * np.pi)) if abs(turn) > 0 else 0.0
    tuned = note - tuning
    nearest = np.round(tuned)
    weight = weight * np.cos(np.pi / 2 * np.clip(2 * (tuned - nearest), -1, 1))
    count = len(frames)
    bins = row * 12 + nearest.astype(np.intp) % 12
    full = nearest >= _LOWEST_NOTE
    is_bass = nearest <= _BASS_NOTES[1]
    # Overtones make the upper octaves heavy: notes above count less and less.
    falling = weight * np.where(nearest > 72, 2 ** (-(nearest - 72) / 12), 1.0)
    values: Floats = (
        np.bincount(bins[full], falling[full], count * 12).reshape(count, 12).astype(np.float64)
    )
    bass: Floats = (
        np.bincount(bins[is_bass], weight[is_bass], count * 12)
        .reshape(count, 12)
        .astype(np.float64)
    )
    return Chroma(values, bass, sample_rate / hop, tuning)


def _peaks(
    spectrum: NDArray[np.float32], low: int, high: int, step: float
) -> tuple[NDArray[np.intp], Floats, Floats]:
    inner = spectrum[:, low:high]
    left, right = spectrum[:, low - 1 : high - 1], spectrum[:, low + 1 : high + 1]
    floor = 0.003 * spectrum[:, low:high].max(axis=1, keepdims=True) + 1e-7
    row, column = np.nonzero((inner > left) & (inner >= right) & (inner > floor))
    peak = np.log(inner[row, column].astype(np.float64))
    before = np.log(left[row, column] + 1e-12)
    after = np.log(right[row, column] + 1e-12)
    # A parabola through the logarithms: exact for a Gaussian window, nearly so for Hann.
    shift = np.clip(0.5 * (before - after) / (before - 2 * peak + after), -0.5, 0.5)
    hertz = (column + low + shift) * step
    note = 69 + 12 * np.log2(hertz / 440)
    return row, note, np.sqrt(np.exp(peak))


def find_key(heard: Chroma) -> Key | None:
    """Find the key of a song.

    Parameters
    ----------
    heard : Chroma
        The song.

    Returns
    -------
    Key or None
        None where nothing has a pitch.

    Notes
    -----
    Which notes there are tells the scale: correlation with the profiles of the 24 keys, and with
    the scales of six modes. Seven keys share a scale, so what tells them apart is which note is the
    home: the one in the bass most of all, and in the first and the last chord.
    """
    evidence = key_evidence(heard)
    if evidence is None:
        return None
    scores = evidence @ np.array(list(KEY_WEIGHTS.values()))
    best = int(scores.argmax())
    tonic, is_major = best % 12, best < 12
    chance = np.exp(scores - scores[best])
    # The relative and the parallel of a key are near it: being unsure between them is no doubt
    # that there is a key.
    share = float(1 / chance.sum())
    mean = _mean(heard)
    contrast = float(np.sort(mean)[-7:].sum() - 7 / 12)  # 0 where all notes are alike
    # One or two notes are no key: how many there are is told by their entropy.
    notes = float(np.exp(-(mean * np.log(np.maximum(mean, 1e-12))).sum()))
    clarity = share * float(
        np.clip((contrast - 0.05) / 0.2, 0, 1) * np.clip((notes - 1.5) / 2, 0, 1)
    )
    third = mean[(tonic + 4) % 12] - mean[(tonic + 3) % 12]
    both = mean[(tonic + 4) % 12] + mean[(tonic + 3) % 12] + 1e-9
    name = f"{PITCH_CLASSES[tonic]} {'major' if is_major else 'minor'}"
    return Key(name, clarity, is_major, float(np.clip(third / both, -1, 1)))


def key_evidence(heard: Chroma) -> Floats | None:
    """Gather what speaks for each key.

    Parameters
    ----------
    heard : Chroma
        The song.

    Returns
    -------
    ndarray, shape (24, k), or None
        Rows are C major .. B major, C minor .. B minor, columns as in ``KEY_WEIGHTS``; None where
        nothing has a pitch.
    """
    loud = heard.values.sum(axis=1)
    if not len(loud) or loud.max() <= 0:
        return None
    kept = loud > 0.05 * np.percentile(loud, 95)
    unit = heard.values[kept] / loud[kept, None]
    deep = heard.bass[kept]
    bass = deep / np.maximum(deep.sum(axis=1, keepdims=True), 1e-9)
    edge = max(1, round(_CHORD_SECONDS * heard.rate))
    mean = _centred(unit.mean(axis=0))
    ends = [_centred(part.mean(axis=0)) for part in (unit[:edge], unit[-edge:])]
    deeps = [_centred(part.mean(axis=0)) for part in (bass, bass[:edge], bass[-edge:])]
    rows = []
    for mode in (0, 1):
        profiles = [_centred(np.array(profile)) for profile in (_MAJOR, _MINOR)[mode]]
        scales = [_centred(np.array(scale)) for scale in _SCALES[mode]]
        triad = _centred(np.array(_TRIADS[mode]))
        for tonic in range(12):

            def fit(shape: Floats, of: Floats, tonic: int = tonic) -> float:
                return float(of @ np.roll(shape, tonic))

            rows.append(
                [
                    float(np.mean([fit(profile, mean) for profile in profiles])),
                    max(fit(scale, mean) for scale in scales),
                    fit(triad, mean),
                    *(fit(triad, end) for end in ends),
                    *(float(deep[tonic]) for deep in deeps),
                    float(mode),
                ]
            )
    return np.array(rows)


def _mean(heard: Chroma) -> Floats:
    loud = heard.values.sum(axis=1)
    kept = loud > 0.05 * np.percentile(loud, 95)
    mean: Floats = (heard.values[kept] / loud[kept, None]).mean(axis=0)
    return mean


def _centred(values: Floats) -> Floats:
    centred = values - values.mean()
    unit: Floats = centred / max(float(np.linalg.norm(centred)), 1e-9)
    return unit
