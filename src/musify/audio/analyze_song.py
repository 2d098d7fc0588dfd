"""Listening to a song: everything that is heard in it, in one go."""

import dataclasses
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._ffmpeg import StrPath
from musify._iterators import ended
from musify.audio.beat_features import beat_features
from musify.audio.energy import energy_curves, plane_of
from musify.audio.key import PITCH_CLASSES, chroma, find_key
from musify.audio.loudness import measure_loudness
from musify.audio.pcm import decode_range
from musify.audio.rhythm import NO_RHYTHM, find_rhythm
from musify.audio.sections import find_sections
from musify.audio.spectrum import Floats, log_mel
from musify.errors import AudioDecodeError, ParameterError
from musify.progress import Progress, ProgressCallback
from musify.songs import SongAnalysis

__all__ = ["analyze_pcm", "analyze_song"]

ANALYSIS_RATE: Final = 22_050
_NO_BEAT: Final = 0.2
_STRETCH_SECONDS: Final = 2.0


def analyze_song(path: StrPath, *, on_progress: ProgressCallback | None = None) -> SongAnalysis:
    """Listen to a song.

    Parameters
    ----------
    path : path-like
        Any file with sound.
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
    song = Path(path)
    parts = []
    with ended(decode_range(song, 0, 1 << 40, ANALYSIS_RATE)) as blocks:
        try:
            for block in blocks:
                parts.append(block)
        except AudioDecodeError:
            if not parts:
                raise
    if not parts:
        raise AudioDecodeError(f"{str(song)!r} holds no sound; was it fully copied?")
    found = analyze_pcm(np.concatenate(parts), ANALYSIS_RATE)
    if on_progress is not None:
        on_progress(Progress("analyze", found.duration, found.duration))
    return found


def analyze_pcm(pcm: NDArray[np.floating], sample_rate: int) -> SongAnalysis:
    """Listen to sound that is decoded already.

    Parameters
    ----------
    pcm : ndarray of float, shape (n, channels) or (n,)
        Sound, full scale [-1, 1].
    sample_rate : int
        PCM frames a second.

    Returns
    -------
    SongAnalysis
        What was heard.

    Raises
    ------
    ParameterError
        If there is no PCM frame, or the rate is not above 0.
    """
    if not len(pcm) or sample_rate <= 0:
        raise ParameterError(
            f"a song needs PCM frames and a rate above 0, got {len(pcm)} at {sample_rate} a second"
        )
    sound = pcm if pcm.ndim == 2 else pcm[:, None]
    mono = sound.mean(axis=1).astype(np.float32)
    return _listen(mono, float(sample_rate))


def _listen(mono: NDArray[np.float32], rate: float) -> SongAnalysis:
    duration = len(mono) / rate
    mel = log_mel(mono, rate)
    heard = chroma(mono, rate)
    pulse = find_rhythm(mel, heard, mono, rate)
    if pulse.clarity < _NO_BEAT:
        pulse = dataclasses.replace(NO_RHYTHM, clarity=pulse.clarity)
    key = find_key(heard)
    tonic = None if key is None else PITCH_CLASSES.index(key.name.split()[0])
    bars = pulse.downbeats if len(pulse.downbeats) >= 8 else _stretches(duration)
    edges = np.append(bars, duration if duration > bars[-1] else bars[-1] + 0.01)
    form = find_sections(bars, beat_features(mel, heard, bars, duration, edges=edges), duration)
    curves = energy_curves(mel, heard, tonic, duration)
    plane = plane_of(curves, pulse.bpm, 0.0 if key is None else key.majorness)
    valence, arousal = np.clip(plane.mean(axis=0), -1, 1)
    return SongAnalysis(
        duration=duration,
        valence=float(valence),
        arousal=float(arousal),
        beats=pulse.beats,
        downbeats=pulse.downbeats,
        bpm=pulse.bpm,
        beats_per_bar=pulse.beats_per_bar,
        beat_clarity=pulse.clarity,
        key=None if key is None or key.clarity <= 0 else key.name,
        key_clarity=0.0 if key is None else key.clarity,
        section_edges=form.edges,
        section_labels=form.labels,
        intro_end=form.intro_end,
        ending_start=form.ending_start,
        curve_times=curves.times,
        energy=curves.energy,
        plane=plane,
    )


def _stretches(duration: float) -> Floats:
    return np.arange(max(1, int(duration / _STRETCH_SECONDS))) * _STRETCH_SECONDS
