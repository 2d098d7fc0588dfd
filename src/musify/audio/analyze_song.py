"""Listening to a song: everything that is heard in it, in one go."""

import dataclasses
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._ffmpeg import StrPath
from musify.audio.beat_features import SongFrames, beat_features
from musify.audio.bs1770 import LOWEST_RATE, integrated_loudness
from musify.audio.energy import Curves, energy_curves, plane_of
from musify.audio.key import PITCH_CLASSES, Key, chroma, find_key
from musify.audio.log_mel import SAMPLE_RATE as TAGGER_RATE
from musify.audio.resample import resampled
from musify.audio.rhythm import NO_RHYTHM, Rhythm, find_rhythm
from musify.audio.sections import find_sections
from musify.audio.song_mood import song_mood
from musify.audio.song_sound import SongSound, listening_rate, read_song
from musify.audio.song_tags import SongTagger
from musify.audio.spectrum import Floats, log_mel
from musify.errors import ParameterError
from musify.progress import ProgressCallback, share, tell
from musify.songs import SongAnalysis

__all__ = ["analyze_pcm", "analyze_song"]

# Below this clarity beats would only be imagined.
_NO_BEAT: Final = 0.2
_NO_KEY: Final = 0.05
_STRETCH_SECONDS: Final = 2.0
_FEWEST_BARS: Final = 8

# How much of the work is done after each step, as measured on songs of four minutes.
_STEPS: Final = {"decoded": 0.4, "spectra": 0.6, "rhythm": 0.7, "sections": 0.75, "mood": 1.0}


def analyze_song(
    path: StrPath,
    *,
    tagger: SongTagger | None = None,
    on_progress: ProgressCallback | None = None,
) -> SongAnalysis:
    """Listen to a song.

    Parameters
    ----------
    path : path-like
        Any file with sound.
    tagger : SongTagger, optional
        What tells mood, instruments and voices; by default one with a single thread, kept for the
        next song.
    on_progress : callable, optional
        Called with :class:`musify.Progress` of the stage ``"analyze"``.

    Returns
    -------
    SongAnalysis
        What was heard.

    Raises
    ------
    AudioDecodeError
        If the file cannot be decoded, or holds no sound.
    """
    song = read_song(Path(path), on_progress=share(on_progress, 0.0, _STEPS["decoded"]))
    return _listen(song, tagger or _shared_tagger(), on_progress)


def analyze_pcm(
    pcm: NDArray[np.floating], sample_rate: int, *, tagger: SongTagger | None = None
) -> SongAnalysis:
    """Listen to sound that is decoded already.

    Parameters
    ----------
    pcm : ndarray of float, shape (n, channels) or (n,)
        Sound, full scale [-1, 1].
    sample_rate : int
        PCM frames a second.
    tagger : SongTagger, optional
        What tells mood, instruments and voices. Without it the mood is told by tempo, mode and
        energy alone, and nobody says whether there is singing.

    Returns
    -------
    SongAnalysis
        What was heard.

    Raises
    ------
    ParameterError
        If there is no PCM frame, or the rate is not above 0.
    """
    if pcm.ndim not in {1, 2} or not pcm.size or sample_rate <= 0:
        raise ParameterError(
            "a song needs PCM frames of shape (n,) or (n, channels) and a rate above 0, got "
            f"{pcm.shape} at {sample_rate} a second"
        )
    sound = np.nan_to_num(pcm.reshape(len(pcm), -1), nan=0.0, posinf=1.0, neginf=-1.0)
    loudness = integrated_loudness(sound, sample_rate) if sample_rate >= LOWEST_RATE else None
    rate = listening_rate(sample_rate)
    mono = resampled(sound.mean(axis=1, dtype=np.float32), sample_rate, rate)
    return _listen(SongSound(mono, rate, len(pcm) / sample_rate, loudness), tagger)


def _listen(
    song: SongSound, tagger: SongTagger | None, on_progress: ProgressCallback | None = None
) -> SongAnalysis:
    def done(step: str) -> None:
        tell(on_progress, "analyze", _STEPS[step] * song.duration, song.duration)

    done("decoded")
    mono, rate = song.mono, song.sample_rate
    heard_seconds = len(mono) / rate
    mel = log_mel(mono, rate)
    heard = chroma(mono, rate)
    done("spectra")
    frames = SongFrames(mel, heard)
    pulse = find_rhythm(frames, mono, rate)
    if pulse.clarity < _NO_BEAT:
        pulse = dataclasses.replace(NO_RHYTHM, clarity=pulse.clarity)
    key = find_key(heard)
    if key is not None and key.clarity < _NO_KEY:
        key = None
    done("rhythm")
    bars = _bars(pulse, heard_seconds)
    edges = np.append(bars, max(heard_seconds, bars[-1] + 1e-3))
    form = find_sections(bars, beat_features(frames, edges), song.duration)
    tonic = None if key is None else PITCH_CLASSES.index(key.name.split()[0])
    done("sections")
    curves = energy_curves(frames, tonic, heard_seconds)
    mood = _mood(song, pulse, key, curves, tagger)
    done("mood")
    return SongAnalysis(
        duration=song.duration,
        valence=mood.valence,
        arousal=mood.arousal,
        loudness_lufs=song.loudness_lufs,
        beats=pulse.beats,
        downbeats=pulse.downbeats,
        bpm=pulse.bpm,
        beats_per_bar=pulse.beats_per_bar,
        beat_clarity=pulse.clarity,
        key=None if key is None else key.name,
        key_clarity=0.0 if key is None else key.clarity,
        section_edges=form.edges,
        section_labels=form.labels,
        intro_end=form.intro_end,
        ending_start=form.ending_start,
        curve_times=curves.times,
        energy=curves.energy,
        instrumental=mood.instrumental,
        plane=mood.plane,
        tags=mood.tags,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Mood:
    """How a song feels, at the times of the curve of energy."""

    valence: float
    arousal: float
    plane: Floats
    instrumental: float
    tags: dict[str, float]


def _mood(
    song: SongSound, pulse: Rhythm, key: Key | None, curves: Curves, tagger: SongTagger | None
) -> _Mood:
    if tagger is None:
        plane = plane_of(curves, pulse.bpm, 0.0 if key is None else key.majorness)
        valence, arousal = plane.mean(axis=0)
        return _Mood(float(valence), float(arousal), plane, 0.5, {})
    mono = resampled(song.mono, song.sample_rate, TAGGER_RATE)
    tags = tagger.tag(mono)
    felt = song_mood(mono, tags, bpm=pulse.bpm, beat_clarity=pulse.clarity)
    plane = np.stack([np.interp(curves.times, felt.times, axis) for axis in felt.plane.T], axis=1)
    return _Mood(felt.valence, felt.arousal, plane, felt.instrumental, tags.mean)


@cache
def _shared_tagger() -> SongTagger:
    """Load the networks once: an index listens to many songs."""
    return SongTagger()


def _bars(pulse: Rhythm, duration: float) -> Floats:
    """Where sections may begin: at bars, or every two seconds where there are none."""
    if len(pulse.downbeats) >= _FEWEST_BARS:
        return pulse.downbeats
    return np.arange(0.0, max(1, int(duration / _STRETCH_SECONDS))) * _STRETCH_SECONDS
