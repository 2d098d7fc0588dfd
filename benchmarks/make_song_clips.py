"""Clips of music whose beats, bars and key are known, rendered with sampled instruments.

    python benchmarks/make_song_clips.py --soundfont FluidR3Mono_GM.sf3 --count 48 clips/
    python benchmarks/make_song_clips.py --soundfont TimGM6mb.sf2 --hard --count 48 clips-hard/

Needs FluidSynth on the PATH and any General MIDI SoundFont (Debian: ``fluidsynth``,
``fluidr3mono-gm-soundfont``; ``TimGM6mb.sf2`` is in the wheel of ``pretty_midi``). Writes
``NNN.wav`` and ``NNN.json``, the truth. ``--hard`` makes modal, sparse, rubato and dissonant clips.
"""

import argparse
import json
import struct
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer]

NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
MODES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}
PROGRESSIONS = {
    "major": ((0, 4, 5, 3), (0, 5, 3, 4), (0, 3, 4, 4), (0, 3, 0, 4), (0, 1, 4, 0), (3, 4, 0, 5)),
    "minor": ((0, 5, 2, 6), (0, 3, 4, 0), (0, 6, 5, 6), (0, 3, 6, 2), (0, 5, 3, 4)),
    "dorian": ((0, 3, 0, 3), (0, 3, 6, 0), (0, 1, 3, 0)),
    "phrygian": ((0, 1, 0, 1), (0, 1, 2, 1), (0, 6, 1, 0)),
    "lydian": ((0, 1, 0, 1), (0, 1, 4, 0), (0, 4, 1, 0)),
    "mixolydian": ((0, 6, 3, 0), (0, 3, 6, 0), (0, 6, 0, 4)),
}
GROUPS = {2: (2,), 3: (3,), 4: (2, 2), 5: (3, 2), 6: (3, 3), 7: (2, 2, 3)}
KEYS = (0, 1, 4, 5, 11, 12)
GUITARS = (24, 25, 26)
PADS = (48, 49, 50, 52, 89, 91, 95)
LEADS = (0, 11, 12, 40, 56, 65, 68, 73, 79, 80)
BASSES = (32, 33, 34, 38)


class Clip:
    """Notes in beats, and how beats lie in time."""

    def __init__(self, seed: int, *, hard: bool) -> None:
        rng = self.rng = np.random.default_rng(seed)
        self.bpm = float(rng.uniform(60, 180) if rng.random() < 0.5 else rng.uniform(75, 145))
        self.metre = int(rng.choice([4, 4, 4, 4, 3, 3, 5, 7, 6, 2]))
        modes = ["dorian", "phrygian", "lydian", "mixolydian"] if hard else ["major", "minor"]
        self.mode = str(rng.choice(modes))
        self.tonic = int(rng.integers(12))
        self.swing = float(rng.choice([0, 0, 0, 0.1, 0.16]))
        self.human = float(rng.choice([0.0, 0.004, 0.01]))
        self.drift = float(rng.choice([0, 0, 0.02, 0.04]))
        self.drums = str(
            rng.choice(
                ["none", "none", "hats"] if hard else ["none", "rock", "rock", "hats", "four"]
            )
        )
        styles = (
            ["sparse", "cluster", "arpeggio", "chords", "pad"]
            if hard
            else ["arpeggio", "chords", "strum", "pad", "oompah"]
        )
        self.style = str(rng.choice(styles))
        self.bars = max(8, round(rng.uniform(28, 50) / (60 / self.bpm * self.metre)))
        count = self.bars * self.metre + 1
        wander = np.cumsum(rng.normal(0, 1, count)) / np.sqrt(count)
        lengths = 60 / self.bpm * (1 + self.drift * np.clip(wander, -1, 1))
        self.beats = 0.3 + np.concatenate([[0], np.cumsum(lengths[:-1])])
        # Seconds, length, channel, pitch, velocity.
        self.notes: list[tuple[float, float, int, int, int]] = []
        self.programs = {
            0: int(rng.choice(KEYS + GUITARS)),
            1: int(rng.choice(PADS)),
            2: int(rng.choice(LEADS)),
            3: int(rng.choice(BASSES)),
        }

    def at(self, beat: float) -> float:
        """Seconds at which a beat, or a part of one, sounds."""
        whole = min(int(np.floor(beat)), len(self.beats) - 2)
        part = beat - whole
        if abs(part - 0.5) < 0.01:
            part += self.swing
        return float(self.beats[whole] + part * (self.beats[whole + 1] - self.beats[whole]))

    def note(self, beat: float, length: float, channel: int, pitch: int, velocity: float) -> None:
        """Add a note, played by a hand that is not exact."""
        start = self.at(beat) + (self.rng.normal(0, self.human) if self.human else 0)
        end = self.at(beat + length)
        velocity = int(np.clip(velocity + self.rng.normal(0, 6), 1, 127))
        self.notes.append((max(0, start), max(0.03, end - start), channel, int(pitch), velocity))

    def pitch(self, degree: int, octave: int) -> int:
        """MIDI number of a degree of the scale."""
        up, step = divmod(degree, 7)
        return 12 * (octave + 1 + up) + self.tonic + MODES[self.mode][step]

    def play(self) -> None:
        """Write all notes."""
        rng = self.rng
        forms = [
            PROGRESSIONS[self.mode][int(rng.integers(len(PROGRESSIONS[self.mode])))]
            for _ in range(2)
        ]
        motif = [
            [
                int(rng.choice([0, 2, 4, 7, 1, -1])) if rng.random() < 0.6 else None
                for _ in range(2 * self.metre)
            ]
            for _ in range(4)
        ]
        accents = np.cumsum([0, *GROUPS[self.metre]])[:-1]
        arp = rng.permutation([0, 2, 4, 7])
        for bar in range(self.bars):
            first = bar * self.metre
            section = (bar // 8) % 2
            degree = forms[section][bar % 4]
            if bar >= self.bars - 1:
                degree = 0
            lead = bar >= 4 or self.style == "sparse"
            self.chord(first, degree, accents, arp)
            if self.style != "sparse":
                for accent in accents if rng.random() < 0.8 else accents[:1]:
                    self.note(first + accent, 1.5, 3, self.pitch(degree, 1 + (self.tonic < 4)), 88)
            if lead:
                line = motif[(bar + section) % 4]
                for place, tone in enumerate(line):
                    if (
                        tone is None
                        or (place % 2 and rng.random() < 0.4)
                        or (self.style == "sparse" and rng.random() < 0.5)
                    ):
                        continue
                    self.note(first + place / 2, 0.5, 2, self.pitch(degree + tone, 5), 78)
            if bar >= 2:
                self.beat(first, accents, bar)
        last = self.bars * self.metre
        for octave, tone in ((2, 0), (3, 0), (4, 0), (4, 2), (4, 4)):
            self.note(last, 4, 0, self.pitch(tone, octave), 84)

    def chord(self, first: int, degree: int, accents: Ints, arp: Ints) -> None:
        """Play the chord of a bar in the style of the clip."""
        metre, rng = self.metre, self.rng
        voices = [self.pitch(degree + tone, 4 - (self.tonic > 6)) for tone in (0, 2, 4)]
        if self.style == "arpeggio":
            for place in range(2 * metre):
                self.note(
                    first + place / 2,
                    0.6,
                    0,
                    self.pitch(degree + int(arp[place % 4]), 4 - (self.tonic > 6)),
                    84 if place == 0 else 66,
                )
        elif self.style == "strum":
            for place in range(2 * metre):
                if place % 2 == 0 or rng.random() < 0.5:
                    for string, voice in enumerate(voices):
                        self.note(
                            first + place / 2 + 0.012 * string,
                            0.5,
                            0,
                            voice,
                            84 if place // 2 in accents else 62,
                        )
        elif self.style == "oompah":
            for beat in range(metre):
                if beat not in accents:
                    for voice in voices:
                        self.note(first + beat, 0.4, 0, voice, 66)
                else:
                    self.note(first + beat, 0.6, 0, self.pitch(degree, 3), 84)
        elif self.style in {"chords", "cluster"}:
            extra = (
                [voices[0] + 1, voices[2] + 1]
                if self.style == "cluster" and rng.random() < 0.5
                else []
            )
            for beat in range(metre):
                if beat == 0 or rng.random() < 0.7:
                    for voice in [*voices, *extra]:
                        self.note(first + beat, 0.9, 0, voice, 80 if beat == 0 else 64)
        elif self.style == "sparse":
            for voice in [self.pitch(degree, 2), *voices]:
                self.note(first, metre * 0.9, 0, voice, 70)
        if self.style == "pad" or (self.style in {"strum", "cluster"} and rng.random() < 0.8):
            for voice in voices:
                self.note(first, metre * 0.98, 1, voice, 72)
            if self.style == "pad":
                for beat in range(metre):
                    self.note(first + beat, 0.5, 0, voices[beat % 3] + 12, 72)

    def beat(self, first: int, accents: Ints, bar: int) -> None:
        """Play the drums of a bar."""
        if self.drums == "none":
            return
        for beat in range(self.metre):
            for place in (0, 0.5):
                self.note(first + beat + place, 0.2, 9, 42, 62 if place else 74)
            if self.drums == "four":
                self.note(first + beat, 0.2, 9, 36, 100)
            if self.drums in {"rock", "four"}:
                if beat not in accents:
                    self.note(first + beat, 0.2, 9, 38, 92)
                elif self.drums == "rock":
                    self.note(first + beat, 0.2, 9, 36, 100)
                if self.rng.random() < 0.15:
                    self.note(first + beat + 0.5, 0.2, 9, 36, 84)
        if bar % 8 == 0:
            self.note(first, 2, 9, 49, 84)

    def midi(self) -> bytes:
        """Serialise as a standard MIDI file of a thousand ticks a second."""
        events = [
            (0, 0, bytes([0xC0 | channel, program])) for channel, program in self.programs.items()
        ]
        for start, length, channel, pitch, velocity in self.notes:
            pitch = min(max(pitch, 20), 110)
            events.append((round(start * 1000), 2, bytes([0x90 | channel, pitch, velocity])))
            events.append((round((start + length) * 1000), 1, bytes([0x80 | channel, pitch, 0])))
        track, now = b"\x00\xff\x51\x03" + struct.pack(">I", 1_000_000)[1:], 0
        for tick, _, data in sorted(events):
            track += _variable(tick - now) + data
            now = tick
        track += b"\x00\xff\x2f\x00"
        return (
            b"MThd"
            + struct.pack(">IHHH", 6, 0, 1, 1000)
            + b"MTrk"
            + struct.pack(">I", len(track))
            + track
        )


def _variable(number: int) -> bytes:
    data = [number & 0x7F]
    while number := number >> 7:
        data.append(number & 0x7F | 0x80)
    return bytes(data[::-1])


def main() -> None:
    """Make the clips."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--soundfont", type=Path, required=True)
    parser.add_argument("--count", type=int, default=48)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--hard", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for number in range(options.count):
        clip = Clip(options.seed + number, hard=options.hard)
        clip.play()
        wave = options.folder / f"{number:03}.wav"
        with tempfile.TemporaryDirectory() as folder:
            song = Path(folder) / "clip.mid"
            song.write_bytes(clip.midi())
            command = ["fluidsynth", "-ni", "-q", "-g", "0.6", "-r", "44100", "-F", str(wave)]
            subprocess.run(
                [*command, str(options.soundfont), str(song)], check=True, capture_output=True
            )
        truth = {
            "beats": clip.beats.tolist(),
            "downbeats": clip.beats[:: clip.metre].tolist(),
            "bpm": 60 / float(np.median(np.diff(clip.beats))),
            "beats_per_bar": clip.metre,
            "key": f"{NAMES[clip.tonic]} {clip.mode}",
            "style": f"{clip.style}, drums {clip.drums}, swing {clip.swing}, drift {clip.drift}",
        }
        wave.with_suffix(".json").write_text(json.dumps(truth))


if __name__ == "__main__":
    main()
