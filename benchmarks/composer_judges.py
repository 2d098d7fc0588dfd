"""Judges of composed music that share no code with the composer.

Of scores: what is written is counted, and weighed by the signs on which studies agree most
(Gabrielsson & Lindstrom 2010, Handbook of Music and Emotion, ch. 14; Eerola et al. 2013).
Of sound: what musify hears in songs, librosa, and vibenet, an EfficientNet that learnt Spotify's
energy and valence of the Free Music Archive (`pip install vibenet`; left out without it).
"""

from collections.abc import Callable
from importlib import import_module
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from musify.audio.analyze_song import analyze_pcm
from musify.audio.song_tags import SongTagger
from musify.composer.score import Score

__all__ = ["Verdict", "judge_score", "sound_judges"]

Floats = NDArray[np.float64]
Pcm = NDArray[np.float32]

# Krumhansl & Kessler 1982: how well tones fit a major and a minor key.
_PROFILES: Final = np.array(
    [
        [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
        [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
    ]
)
_NAMES: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


class Verdict(NamedTuple):
    """What a judge says: numbers that only compare; NaN where it says nothing.

    Parameters
    ----------
    valence, arousal : float
        More is more.
    bpm : float
        Beats a minute.
    tonic : int
        Pitch class; -1 if it says nothing.
    majorness : float
        Above 0 for a major key.
    """

    valence: float
    arousal: float
    bpm: float = np.nan
    tonic: int = -1
    majorness: float = np.nan


def key_of(profile: Floats) -> tuple[int, float]:
    """Find the key whose profile fits best, and how much better the best major one fits."""
    fits = np.array(
        [[np.corrcoef(np.roll(row, tonic), profile)[0, 1] for tonic in range(12)]
         for row in _PROFILES]
    )  # fmt: skip
    return int(fits.max(axis=0).argmax()), float(fits[0].max() - fits[1].max())


def judge_score(score: Score) -> Verdict:
    """Judge what is written."""
    pitched = [part.notes for part in score.parts if part.role != "drums"]
    everything = [part.notes for part in score.parts]
    onsets = score.tempo.seconds_at(np.concatenate([notes.onset for notes in everything]))
    struck = np.unique(np.round(onsets, 2))
    start = np.concatenate([notes.onset for notes in pitched])
    held = np.concatenate([notes.duration for notes in pitched])
    pitch = np.concatenate([notes.pitch for notes in pitched])
    velocity = np.concatenate([notes.velocity for notes in everything])
    seconds = score.tempo.seconds_at(start + held) - score.tempo.seconds_at(start)
    profile = np.bincount(pitch.astype(int) % 12, np.minimum(seconds, 4.0), 12).astype(np.float64)
    tonic, majorness = key_of(profile)
    span = np.ptp(score.tempo.seconds)
    bpm = 60 * np.ptp(score.tempo.beats) / span
    arousal = (
        1.0 * np.log2(len(struck) / span / 3.0)
        + 0.5 * np.log2(len(onsets) / span / 6.0)
        + (velocity.mean() - 75) / 20
        + 1.5 * np.log2(bpm / 100)
        - 0.7 * np.log2(np.median(seconds) / 0.6)
        + (pitch.mean() - 60) / 24
    )
    valence = (
        6 * majorness
        + 0.7 * np.log2(bpm / 100)
        + (pitch.mean() - 60) / 24
        - 4 * (_dissonance(profile) - 0.25)
    )
    return Verdict(float(valence), float(arousal), float(bpm), tonic, majorness)


def _dissonance(profile: Floats) -> float:
    """Share of seconds and tritones among all pairs of pitch classes."""
    pairs = np.outer(profile, profile)
    steps = np.subtract.outer(np.arange(12), np.arange(12)) % 12
    off = ~np.eye(12, dtype=bool)
    return float(pairs[np.isin(steps, (1, 6, 11))].sum() / pairs[off].sum())


SoundJudge = Callable[[Pcm, int], Verdict]


def sound_judges() -> dict[str, SoundJudge]:
    """Return those that are installed."""
    judges: dict[str, SoundJudge] = {"musify": _Listening()}
    for name, make in (("librosa", _librosa), ("vibenet", _vibenet)):
        try:
            judges[name] = make()
        except ImportError as error:
            print(f"without {name}: {error}")
    return judges


class _Listening:
    """What musify itself hears in songs."""

    def __init__(self) -> None:
        self._tagger = SongTagger()

    def __call__(self, pcm: Pcm, rate: int) -> Verdict:
        heard = analyze_pcm(pcm, rate, tagger=self._tagger)
        bpm = np.nan if heard.bpm is None else heard.bpm
        if heard.key is None:
            return Verdict(heard.valence, heard.arousal, bpm)
        note, mode = heard.key.split()
        sign = 1.0 if mode == "major" else -1.0
        return Verdict(
            heard.valence, heard.arousal, bpm, _NAMES.index(note), sign * heard.key_clarity
        )


def _librosa() -> SoundJudge:
    librosa = import_module("librosa")

    def judge(pcm: Pcm, rate: int) -> Verdict:
        mono = pcm.mean(axis=1)
        onset = librosa.onset.onset_strength(y=mono, sr=rate)
        bpm = float(np.ravel(librosa.feature.tempo(onset_envelope=onset, sr=rate))[0])
        struck = len(librosa.onset.onset_detect(onset_envelope=onset, sr=rate)) * rate / len(mono)
        centroid = librosa.feature.spectral_centroid(y=mono, sr=rate).mean()
        flux = float(onset.mean())
        heard = librosa.feature.chroma_cqt(y=mono, sr=rate).mean(axis=1)
        tonic, majorness = key_of(heard)
        arousal = np.log2(struck / 3) + np.log2(centroid / 1200) + np.log2(flux / 1.2)
        return Verdict(majorness, float(arousal), bpm, tonic, majorness)

    return judge


def _vibenet() -> SoundJudge:
    model = import_module("vibenet").load_model()

    def judge(pcm: Pcm, rate: int) -> Verdict:
        (found,) = model.predict(pcm.mean(axis=1), sr=rate)
        return Verdict(found.valence, found.energy)

    return judge
