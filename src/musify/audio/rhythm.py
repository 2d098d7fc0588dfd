"""The pulse of a song: tempo, beats, metre and bars, chosen together."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.beat_features import SongFrames
from musify.audio.beats import blurred, levelled, refined, track_beats
from musify.audio.metre import Metre, metres
from musify.audio.spectrum import Floats
from musify.audio.tempo import Tempogram, local_periods, tempo_candidates, tempo_prior

__all__ = ["Rhythm", "find_rhythm"]


@dataclass(frozen=True, slots=True, eq=False)
class Rhythm:
    """The pulse of a song.

    Parameters
    ----------
    beats, downbeats : ndarray
        Seconds; empty where no beat is felt.
    bpm : float or None
        Median over the song.
    beats_per_bar : int or None
        From 2 to 7.
    clarity : float
        How plainly beats are felt, in [0, 1].
    """

    beats: Floats
    downbeats: Floats
    bpm: float | None
    beats_per_bar: int | None
    clarity: float


NO_RHYTHM: Final = Rhythm(np.empty(0), np.empty(0), None, None, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One way to hear the pulse, and what speaks for it."""

    bpm: float
    beats: Floats
    metre: Metre
    evidence: Floats


_PLAIN_RISE: Final = 0.02
_FEWEST_BEATS: Final = 8
_USUAL_BAR: Final = 2.0  # seconds
# What speaks for a reading, and how much it counts, in natural logarithms of odds: set by hand,
# with signs from what is known of music, then moved to where songs of `musify.testing` and clips
# played with the MIT-licensed FluidR3Mono SoundFont (`benchmarks/make_song_clips.py`) are right.
WEIGHTS: Final = {
    "fit": 2.5,
    "prior": 2.0,
    "contrast": 0.8,
    "uneven": -0.3,
    "thirds": -1.4,
    "deep": 1.0,
    "accent": 6.0,
    "repeat": 3.0,
    "bar": 0.8,
    "weakest": 1.0,
    "two": -2.0,
    "three": -1.0,
    "five": -0.6,
    "six": -1.0,
    "seven": -0.4,
}


def find_rhythm(frames: SongFrames, mono: NDArray[np.float32], sample_rate: float) -> Rhythm:
    """Find the pulse of a song.

    Parameters
    ----------
    frames : SongFrames
        The song.
    mono : ndarray of float32, shape (n,)
        The same sound.
    sample_rate : float
        Its PCM frames a second.

    Returns
    -------
    Rhythm
        With beats on a smooth grid, from the first to the last moment at which something begins.
    """
    raw, rate = frames.onsets[:, 0], frames.mel.rate
    if len(raw) < 2 * rate or raw.max() <= 0:
        return NO_RHYTHM
    onset = levelled(raw, rate)
    tempogram = Tempogram(onset, rate)
    heard_as = readings(frames, onset, tempogram)
    if not heard_as:
        return NO_RHYTHM
    weights = np.array(list(WEIGHTS.values()))
    best = max(heard_as, key=lambda reading: float(reading.evidence @ weights))
    # Rounding errors repeat, too, but nobody hears them.
    plainness = np.clip(np.percentile(raw, 98) / _PLAIN_RISE, 0, 1)
    clarity = float(plainness) * _clarity(tempogram, best.bpm)
    grid, first = refined(best.beats, mono, sample_rate)
    if len(grid) < 4:
        return NO_RHYTHM
    size = best.metre.beats_per_bar
    downbeats = grid[(best.metre.first - first) % size :: size]
    return Rhythm(grid, downbeats, float(60 / np.median(np.diff(grid))), size, clarity)


def readings(frames: SongFrames, onset: Floats, tempogram: Tempogram) -> list[Reading]:
    """Hear the pulse in every plausible way.

    Parameters
    ----------
    frames : SongFrames
        The song.
    onset : ndarray, shape (n,)
        Its onset strength, levelled.
    tempogram : Tempogram
        Of it.

    Returns
    -------
    list of Reading
        One for each tempo and metre.
    """
    rate = frames.mel.rate
    mean = tempogram.mean()
    low = levelled(frames.onsets[:, 1], rate)
    smooth, deep = blurred(onset), blurred(low)
    # Two frames at a time: beats are set to the wave afterwards anyhow.
    pairs = blurred(onset + 0.3 * low)[: len(onset) // 2 * 2].reshape(-1, 2).max(axis=1)
    times = np.arange(len(pairs)) * 2 / rate
    found = []
    for bpm in tempo_candidates(tempogram):
        periods = local_periods(tempogram, bpm, times)
        at = 2 * track_beats(pairs, periods * rate / 2)
        if len(at) < _FEWEST_BEATS:
            continue
        near = np.minimum(at[:, None] + np.arange(-1, 3), len(smooth) - 1)
        at = np.take_along_axis(near, smooth[near].argmax(axis=1)[:, None], axis=1)[:, 0]
        beats = at / rate
        chroma, bass = frames.chroma(np.append(beats, 2 * beats[-1] - beats[-2]))
        pulse = _pulse(tempogram, mean, bpm, smooth, deep, at)
        for metre in metres(chroma, bass, frames.onsets_at(beats)):
            size = metre.beats_per_bar
            odd = [float(size == other) for other in (2, 3, 5, 6, 7)]
            usual = -0.5 * np.log2(60 * size / bpm / _USUAL_BAR) ** 2
            strengths = [float(smooth[at[place::size]].mean()) for place in range(size)]
            weakest = np.log((min(strengths) + 0.1) / (np.mean(strengths) + 0.1))
            evidence = [*pulse, metre.accent, metre.repeat, usual, weakest, *odd]
            found.append(Reading(bpm, beats, metre, np.array(evidence)))
    return found


def _pulse(
    tempogram: Tempogram,
    mean: Floats,
    bpm: float,
    smooth: Floats,
    deep: Floats,
    beats: NDArray[np.intp],
) -> list[float]:
    """Gather what speaks for a tempo whatever the metre.

    That the sound repeats after a beat; that people like the tempo; that more begins on beats than
    half-way between them; that every other beat is not weaker; that beats divide in two, not three.
    """

    def fit(tempo: float) -> float:
        return float(np.interp(tempo, tempogram.bpm, mean, right=0.0))

    halves = (beats[:-1] + beats[1:]) // 2
    third = (beats[1:] - beats[:-1]) // 3
    on, off = smooth[beats[:-1]], smooth[halves].mean()
    triple = min(smooth[beats[:-1] + third].mean(), smooth[beats[:-1] + 2 * third].mean())
    even, odd = on[::2].mean(), on[1::2].mean()
    return [
        np.log(max(fit(bpm), 1e-2)),
        float(np.log(tempo_prior(bpm))),
        float(np.log((on.mean() + 0.1) / (off + 0.1))),
        float(abs(np.log((even + 0.1) / (odd + 0.1)))),
        float(np.log((triple + 0.1) / (off + 0.1))),
        float(np.log((deep[beats].mean() + 0.1) / (deep[halves].mean() + 0.1))),
    ]


def _clarity(tempogram: Tempogram, bpm: float) -> float:
    near = np.abs(np.log2(tempogram.bpm / bpm)) <= 0.1
    periodic = float(np.median(tempogram.values[:, near].max(axis=1)))
    return float(np.clip((periodic - 0.05) / 0.22, 0, 1))
