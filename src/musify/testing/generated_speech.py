"""Speech made on the spot, of which it is known when it sounds: for tests without recordings.

Vowels are harmonics under the resonances of a throat, consonants short noise and closures, in the
rhythm and melody of phrases. It says nothing, but detectors of speech take it for speech.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify._checks import number, whole_number

__all__ = ["GeneratedSpeech", "generated_speech"]

# Formants of American English men in hertz (Peterson & Barney, "Control methods used in a study of
# the vowels", J. Acoust. Soc. Am. 24(2), 1952), with a fourth.
_VOWELS: Final = np.array(
    [
        [730, 1090, 2440, 3400],
        [270, 2290, 3010, 3600],
        [300, 870, 2240, 3300],
        [530, 1840, 2480, 3500],
        [570, 840, 2410, 3300],
        [660, 1720, 2410, 3400],
        [490, 1350, 1690, 3300],
    ],
    float,
)
# Half widths: a sharper throat would whistle, and a blunter one hum.
_WIDTHS: Final = np.array([70.0, 90.0, 130.0, 200.0])
# A woman's throat is shorter; formants stand about 17 % higher.
_SHORTER: Final = 1.17
_SYLLABLE: Final = (0.13, 0.26)
_PHRASE: Final = (4, 14)
_HARMONICS: Final = 40


@dataclass(frozen=True, slots=True, eq=False)
class GeneratedSpeech(FrozenArrays):
    """Speech and when it sounds.

    Parameters
    ----------
    pcm : ndarray of float32, shape (n, 2)
        Both sides alike, silent between phrases.
    sample_rate : int
        PCM frames a second.
    intervals : ndarray of shape (m, 2)
        Start and end of every phrase, in seconds.
    """

    pcm: NDArray[np.float32]
    sample_rate: int
    intervals: NDArray[np.float64]

    def __post_init__(self) -> None:
        self.pcm.setflags(write=False)
        object.__setattr__(self, "intervals", frozen_floats("intervals", self.intervals, (None, 2)))


def generated_speech(
    seed: int = 0,
    *,
    duration: float = 30.0,
    pauses: tuple[float, float] = (0.5, 6.0),
    start: float = 2.0,
    level_db: float = -23.0,
    high_voice: bool = False,
    sample_rate: int = 48_000,
) -> GeneratedSpeech:
    """Make speech-like sound.

    Parameters
    ----------
    seed : int, default 0
        Another one says something else.
    duration : float, default 30
        Seconds in all.
    pauses : tuple of float, default (0.5, 6.0)
        Shortest and longest silence between phrases, in seconds.
    start : float, default 2
        When the first phrase begins.
    level_db : float, default -23
        RMS of each phrase in dB of full scale.
    high_voice : bool, default False
        A voice around 200 Hz with higher formants, instead of one around 110 Hz.
    sample_rate : int, default 48000
        PCM frames a second, at least 8000.

    Raises
    ------
    ParameterError
        If a number leaves its range.
    """
    number("duration", duration, above=0)
    number("start", start, low=0)
    whole_number("sample_rate", sample_rate, low=8000)
    rng = np.random.default_rng(seed)
    mono = np.zeros(round(duration * sample_rate))
    intervals = []
    time = start
    while True:
        phrase = _phrase(rng, sample_rate, high_voice=high_voice)
        first = round(time * sample_rate)
        if first + len(phrase) > len(mono):
            break
        loud = 10 ** (level_db / 20) / np.sqrt(np.square(phrase).mean())
        mono[first : first + len(phrase)] = phrase * loud
        end = (first + len(phrase)) / sample_rate
        intervals.append((first / sample_rate, end))
        time = end + rng.uniform(*pauses)
    pcm = np.repeat(np.clip(mono, -1, 1)[:, None], 2, axis=1).astype(np.float32)
    return GeneratedSpeech(pcm, sample_rate, np.array(intervals).reshape(-1, 2))


def _phrase(rng: np.random.Generator, rate: int, *, high_voice: bool) -> NDArray[np.float64]:
    """Say a few syllables, with a melody that falls towards the end."""
    count = int(rng.integers(*_PHRASE))
    lengths = (rng.uniform(*_SYLLABLE, count) * rate).astype(int)
    lengths[-1] = int(lengths[-1] * 1.5)
    total = int(lengths.sum())
    edges = np.concatenate([[0], np.cumsum(lengths)])
    middles = (edges[:-1] + edges[1:]) / 2
    place = np.arange(total)
    base = 205.0 if high_voice else 112.0
    accents = rng.uniform(-0.06, 0.16, count)
    fall = np.interp(place, [0, total], [1.15, 0.8])
    drift = np.interp(place, np.linspace(0, total, 40), rng.normal(0, 0.008, 40))
    pitch = base * fall * (1 + np.interp(place, middles, accents) + drift)
    vowels = _VOWELS[rng.integers(len(_VOWELS), size=count)] * (_SHORTER if high_voice else 1.0)
    # Mouths move on all the time: formants glide between the middles of syllables.
    formants = np.stack([np.interp(place, middles, column) for column in vowels.T])
    voiced = _voice(pitch, formants, rate)
    loud = np.zeros(total)
    hiss = np.zeros(total)
    for start, length, stress in zip(
        edges[:-1], lengths, rng.uniform(0.6, 1.0, count), strict=True
    ):
        shut = int(length * rng.uniform(0.15, 0.3))
        kind = rng.integers(3)
        opening = np.ones(length)
        if kind == 0:  # a plosive: closed, then a burst
            opening[:shut] = 0.03
            burst = min(length, shut + int(0.015 * rate))
            hiss[start + shut : start + burst] = 0.5
        elif kind == 1:  # a fricative
            opening[:shut] = 0.05
            hiss[start : start + shut] = 0.35
        else:  # a nasal or a liquid: voice goes on, softer
            opening[:shut] = 0.4
        loud[start : start + length] = opening * stress
    soft = max(1, int(0.012 * rate))
    loud = np.convolve(
        loud, np.hanning(soft + 2)[1:-1] / (np.hanning(soft + 2)[1:-1].sum()), "same"
    )
    hiss = np.convolve(hiss, np.ones(soft) / soft, "same")
    return voiced * loud + _bright_noise(rng, total) * hiss * 0.3


def _voice(
    pitch: NDArray[np.float64], formants: NDArray[np.float64], rate: int
) -> NDArray[np.float64]:
    """Sum harmonics, each as loud as the resonances around it let it be."""
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    out = np.zeros(len(pitch))
    for harmonic in range(1, _HARMONICS + 1):
        hertz = harmonic * pitch
        # A glottal pulse falls by 12 dB an octave, lips lift 6 of them.
        gain = np.zeros(len(pitch))
        for formant, width, weight in zip(formants, _WIDTHS, (1.0, 0.6, 0.35, 0.15), strict=True):
            gain += weight / (1 + np.square((hertz - formant) / width))
        gain *= (hertz < 0.45 * rate) / harmonic
        out += gain * np.sin(harmonic * phase + harmonic**2 * 0.1)
    return np.asarray(out / np.sqrt(np.square(out).mean()), np.float64)


def _bright_noise(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    noise = np.diff(rng.standard_normal(count + 1))
    return np.asarray(noise / noise.std(), np.float64)
