"""Songs made on the spot, of which everything is known: beats, bars, key, sections.

They are plain on purpose: a few voices of additive synthesis over a chord progression, enough for
what listens to music to be judged by what is known of it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.errors import ParameterError

__all__ = ["GeneratedSong", "generated_song"]

_NAMES: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_MODES: Final = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}
# Degrees of the chords of a section, a bar each; all begin on the tonic, and sections differ.
_PROGRESSIONS: Final = ((0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 5, 3), (0, 3, 0, 4), (0, 2, 3, 4))
_ENDING_SECONDS: Final = 4.0
_STEREO_WIDTH: Final = 0.35

Pcm = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class GeneratedSong:
    """A song, and the truth about it.

    Parameters
    ----------
    pcm : ndarray of float32, shape (n, 2)
        The sound.
    sample_rate : int
        PCM frames a second.
    beats, downbeats : ndarray
        Times in seconds.
    bpm : float
        The tempo that was asked for.
    beats_per_bar : int
        The metre.
    key : str
        Tonic and mode.
    section_edges : ndarray, shape (m+1,)
        Seconds, from 0 to the end.
    section_labels : tuple of str
        The letters of ``form``.
    """

    pcm: Pcm
    sample_rate: int
    beats: NDArray[np.float64]
    downbeats: NDArray[np.float64]
    bpm: float
    beats_per_bar: int
    key: str
    section_edges: NDArray[np.float64]
    section_labels: tuple[str, ...]

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.pcm) / self.sample_rate


def generated_song(
    seed: int = 0,
    *,
    bpm: float = 120.0,
    beats_per_bar: int = 4,
    key: str = "C major",
    form: str = "IAABBAO",
    bars_per_section: int = 8,
    sample_rate: int = 44_100,
    drums: bool = True,
    drift: float = 0.0,
    jitter: float = 0.0,
    swing: float = 0.0,
) -> GeneratedSong:
    """Make a song with an intro, sections, a cadence and an ending that dies away.

    Parameters
    ----------
    seed : int, default 0
        Chooses progressions, melodies and rhythms.
    bpm : float, default 120
        Beats a minute.
    beats_per_bar : int, default 4
        From 2 to 9; bars of 5 and 7 are accented in groups of 3 and 2.
    key : str, default "C major"
        Tonic (with ``#``) and one of major, minor, dorian, phrygian, lydian, mixolydian.
    form : str, default "IAABBAO"
        A letter a section; the same letter is the same music again but for details. ``I`` is a
        thin intro, ``O`` an ending of half the bars.
    bars_per_section : int, default 8
        Bars of a section.
    sample_rate : int, default 44100
        PCM frames a second.
    drums : bool, default True
        Whether there are drums.
    drift : float, default 0
        How far the tempo wanders, as a fraction, such as 0.03.
    jitter : float, default 0
        Standard deviation of the time of single notes around the grid, in seconds.
    swing : float, default 0
        How late the second half of a beat comes, as a fraction of the beat, such as 0.16.

    Returns
    -------
    GeneratedSong
        Sound with its truth; the same arguments give the same PCM.

    Raises
    ------
    ParameterError
        If the key is none, or the metre is out of range.

    Examples
    --------
    >>> song = generated_song(form="IAO", bars_per_section=2)
    >>> song.beats_per_bar, len(song.downbeats), song.section_labels
    (4, 6, ('I', 'A', 'O'))
    """
    name, _, mode = key.partition(" ")
    if name not in _NAMES or mode not in _MODES:
        raise ParameterError(
            f"key must be a tonic such as C# and one of {', '.join(_MODES)}, got {key!r}"
        )
    if not 2 <= beats_per_bar <= 9:
        raise ParameterError(f"beats_per_bar must be from 2 to 9, got {beats_per_bar}")
    rng = np.random.default_rng(seed)
    bars = [
        letter
        for letter in form
        for _ in range(bars_per_section if letter != "O" else max(1, bars_per_section // 2))
    ]
    count = len(bars) * beats_per_bar + 1
    wander = np.cumsum(rng.normal(0, 1, count)) / max(1.0, np.sqrt(count))
    lengths = 60 / bpm * (1 + drift * np.clip(wander, -1, 1))
    beats = 0.05 + np.concatenate([[0.0], np.cumsum(lengths[:-1])])
    band = _Band(
        rng, sample_rate, beats, _NAMES.index(name), _MODES[mode], jitter=jitter, swing=swing
    )
    for bar, letter in enumerate(bars):
        band.play_bar(bar * beats_per_bar, beats_per_bar, letter, bar, drums=drums)
    band.end(count - 1, drums=drums)
    downbeats = beats[::beats_per_bar]
    changes = [bar for bar in range(1, len(bars)) if bars[bar] != bars[bar - 1]]
    repeats = [bar for bar in range(0, len(bars), bars_per_section) if bar not in (0, *changes)]
    firsts = sorted({*changes, *repeats})
    pcm = band.mixed()
    return GeneratedSong(
        pcm=pcm,
        sample_rate=sample_rate,
        beats=beats,
        downbeats=downbeats,
        bpm=bpm,
        beats_per_bar=beats_per_bar,
        key=key,
        section_edges=np.array([0.0, *downbeats[firsts], len(pcm) / sample_rate]),
        section_labels=tuple(bars[bar] for bar in (0, *firsts)),
    )


class _Band:
    """Plays bar after bar into one buffer."""

    def __init__(
        self,
        rng: np.random.Generator,
        rate: int,
        beats: NDArray[np.float64],
        tonic: int,
        scale: tuple[int, ...],
        *,
        jitter: float,
        swing: float,
    ) -> None:
        self.rng, self.rate, self.beats, self.tonic, self.scale = rng, rate, beats, tonic, scale
        self.jitter, self.swing = jitter, swing
        self.out = np.zeros((round((beats[-1] + _ENDING_SECONDS + 1) * rate), 2))
        self._sections: dict[str, tuple[tuple[int, ...], list[list[int]], float]] = {}
        self._waves: dict[tuple[str, int, int], NDArray[np.float64]] = {}

    def play_bar(self, first: int, metre: int, letter: str, bar: int, *, drums: bool) -> None:
        """Play one bar that starts at beat ``first``."""
        progression, melody, bright = self._section(letter, metre)
        degree = progression[bar % len(progression)]
        bar_seconds = self.beats[first + metre] - self.beats[first]
        level = 0.6 if letter == "I" else 1.0
        for step, tone in enumerate((0, 2, 4)):
            self._note("pad", first, 0, self._pitch(degree + tone, 4), bar_seconds, 0.10, step - 1)
        strong = _accents(metre)
        for beat in range(metre):
            half = (self.beats[first + beat + 1] - self.beats[first + beat]) / 2
            if beat in strong:
                pitch = self._pitch(degree, 2)
                self._note("bass", first + beat, 0, pitch, 1.8 * half, 0.32 * level)
            if letter != "I":
                for place in (0, 1):
                    tone = melody[bar % len(melody)][2 * beat + place]
                    if tone >= 0:
                        pitch = self._pitch(degree + tone, 5)
                        self._note("pluck", first + beat, place, pitch, half, 0.16 * bright, 1)
            if drums and letter != "I":
                accent = 1.0 if beat == 0 else 0.7
                if beat in strong:
                    self._note("kick", first + beat, 0, 0, 0.3, 0.5 * accent)
                else:
                    self._note("snare", first + beat, 0, 0, 0.2, 0.22)
                for place in (0, 1):
                    self._note("hat", first + beat, place, 0, 0.06, 0.07 * (1 - 0.4 * place), -1)

    def end(self, beat: int, *, drums: bool) -> None:
        """Play the final chord, which dies away."""
        for octave, tone in ((2, 0), (3, 0), (4, 0), (4, 2), (4, 4)):
            self._note("pluck", beat, 0, self._pitch(tone, octave), _ENDING_SECONDS, 0.2, tone - 2)
        if drums:
            self._note("kick", beat, 0, 0, 0.3, 0.5)

    def mixed(self) -> Pcm:
        """Return what was played, its peak at -1.9 dB of full scale."""
        last = np.flatnonzero(np.abs(self.out).max(axis=1) > 1e-5)[-1] + 1
        played = self.out[:last]
        pcm: Pcm = (0.8 * played / np.abs(played).max()).astype(np.float32)
        return pcm

    def _section(self, letter: str, metre: int) -> tuple[tuple[int, ...], list[list[int]], float]:
        if letter not in self._sections:
            place = len(self._sections)
            progression = _PROGRESSIONS[(place + int(self.rng.integers(5))) % 5]
            melody = [
                [int(tone) if self.rng.random() < 0.7 else -1 for tone in bar]
                for bar in self.rng.choice([0, 2, 4, 7], (4, 2 * metre))
            ]
            self._sections[letter] = progression, melody, float(self.rng.uniform(0.6, 1.2))
        return self._sections[letter]

    def _pitch(self, degree: int, octave: int) -> int:
        up, step = divmod(degree, 7)
        return 12 * (octave + 1 + up) + self.tonic + self.scale[step]

    def _note(
        self,
        instrument: str,
        beat: int,
        place: int,
        pitch: int,
        seconds: float,
        level: float,
        side: int = 0,
    ) -> None:
        at = self.beats[beat]
        if place and beat + 1 < len(self.beats):
            at += (0.5 + self.swing) * (self.beats[beat + 1] - at)
        if self.jitter:
            at += self.rng.normal(0, self.jitter)
        start = max(0, round(at * self.rate))
        key = (instrument, pitch, round(seconds * self.rate))
        if key not in self._waves:
            self._waves[key] = _wave(instrument, pitch, seconds, self.rate, self.rng)
        wave = self._waves[key][: len(self.out) - start]
        loud = level * self.rng.uniform(0.9, 1.1)
        for channel, sign in enumerate((-1, 1)):
            gain = loud * (1 + sign * np.clip(side, -1, 1) * _STEREO_WIDTH)
            self.out[start : start + len(wave), channel] += gain * wave


def _accents(metre: int) -> set[int]:
    groups = {2: (2,), 3: (3,), 4: (2, 2), 5: (3, 2), 6: (3, 3), 7: (2, 2, 3), 8: (4, 4)}
    starts = np.cumsum([0, *groups.get(metre, (3, 3, 3))])[:-1]
    return {int(start) for start in starts}


def _wave(
    instrument: str, pitch: int, seconds: float, rate: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    tail = {"pad": 0.25, "pluck": 0.6}.get(instrument, 0.05)
    time = np.arange(round((seconds + tail) * rate)) / rate
    # A last slope to nothing, or every note would end in a click.
    release = np.clip((seconds + tail - time) / tail, 0, 1)
    if instrument == "kick":
        sweep = np.sin(2 * np.pi * (50 * time + 6 * (1 - np.exp(-30 * time))))
        return np.asarray(sweep * np.exp(-12 * time) * release)
    if instrument in {"snare", "hat"}:
        noise = rng.standard_normal(len(time))
        if instrument == "hat":
            noise = np.diff(noise, prepend=0.0)
        decay = np.exp(-time * (18 if instrument == "snare" else 60))
        return np.asarray(noise * decay * release)
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    wave: NDArray[np.float64] = np.zeros(len(time))
    count = int(min(12 if instrument == "pluck" else 6, 0.45 * rate // frequency))
    for harmonic in range(1, count + 1):
        fall = np.exp(-time * harmonic * 1.2) if instrument == "pluck" else 1.0
        wave += np.sin(2 * np.pi * frequency * harmonic * time) * fall / harmonic**1.2
    attack = np.clip(time / (0.08 if instrument == "pad" else 0.003), 0, 1)
    shaped: NDArray[np.float64] = wave * attack * release
    return shaped
