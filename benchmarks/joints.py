"""How well joints hide: fitted songs beside the naive loop and, if it is there, PyMusicLooper.

Five measures of what changes at a joint, each as the share of the song's own beats that change
less: the spectrum (log-mel) over 200 ms, the onset (superflux) within 40 ms, the harmony (chroma)
over a beat, the loudness over 400 ms, and clicks (the second difference within 4 ms over its local
99.9th percentile). The mean share is the area under the ROC curve of telling joints from beats:
0.5 cannot be told.

    python benchmarks/joints.py --generated
    python benchmarks/joints.py SONG... [--looper VENV/bin/python] [--factors 0.5,1.6,3]
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musify import CueSheet, Track, mix
from musify.audio.analyze_song import analyze_pcm
from musify.audio.fit import Fit, FittableSong, fittable
from musify.audio.pcm import decode_range
from musify.errors import AudioDecodeError
from musify.songs import SongAnalysis
from musify.testing.generated_songs import generated_song

RATE = 48_000
MEASURES = ("spectrum", "onset", "harmony", "loudness", "click")
Pcm = NDArray[np.float32]
Floats = NDArray[np.float64]

# Asks PyMusicLooper, in an environment of its own, for its best loop of a file.
ASK_LOOPER = """
import json, sys
from pymusiclooper.core import MusicLooper
best = MusicLooper(sys.argv[1]).find_loop_pairs()[0]
print(json.dumps([int(best.loop_start), int(best.loop_end)]))
"""


class Ear:
    """Short-time features of a sound, and what changes at given times of it."""

    def __init__(self, pcm: Pcm) -> None:
        self.mono = pcm.mean(axis=1)
        low = np.convolve(self.mono, np.hanning(7) / np.hanning(7).sum(), "same")[::2]
        self.rate, self.hop = RATE // 2, 120  # 5 ms
        power = self._power(low, 1024)
        self.mel = np.log10(power @ _triangles(1024, self.rate, 64, 30, 11_000) + 1e-9)
        fine = self._power(low, 512)
        flux = np.log10(fine @ _triangles(512, self.rate, 40, 60, 11_000) + 1e-7)
        widest = np.max([np.roll(flux, step, axis=1) for step in (-1, 0, 1)], axis=0)
        self.flux = np.maximum(0, flux[2:] - widest[:-2]).sum(axis=1)
        self.flux = np.pad(self.flux, (1, 1))
        self.chroma = _pitch_classes(low, self.rate)
        self.level = np.square(self.mono)
        self.total = np.concatenate([[0.0], np.cumsum(self.level, dtype=float)])
        self.bend = np.abs(np.diff(self.mono, n=2, prepend=0, append=0))

    def _power(self, sound: Pcm, size: int) -> Floats:
        padded = np.pad(sound, (size // 2, size))
        frames = np.lib.stride_tricks.sliding_window_view(padded, size)[:: self.hop]
        parts = [
            np.square(np.abs(np.fft.rfft(frames[at : at + 4000] * np.hanning(size), axis=1)))
            for at in range(0, len(frames), 4000)
        ]
        return np.concatenate(parts)

    def changes(self, times: Floats, beat: float) -> Floats:
        """Measure at each time; shape ``(n, 5)``."""
        rows = []
        for at in times:
            frame = round(at * self.rate / self.hop)
            before, after = self.mel[max(0, frame - 40) : frame], self.mel[frame : frame + 40]
            spectrum = np.linalg.norm(before.mean(axis=0) - after.mean(axis=0))
            onset = self.flux[max(0, frame - 8) : frame + 9].max()
            c, span = round(at * 20), max(2, round(beat * 20))
            harmony = np.linalg.norm(
                self.chroma[max(0, c - span) : c].mean(axis=0) - self.chroma[c : c + span].mean(0)
            )
            loudness = abs(self._loud(at - 0.4, at) - self._loud(at, at + 0.4))
            middle = round(at * RATE)
            near = self.bend[middle - RATE // 250 : middle + RATE // 250].max()
            local = np.quantile(self.bend[max(0, middle - RATE // 5) : middle + RATE // 5], 0.999)
            rows.append((spectrum, onset, harmony, loudness, near / max(local, 1e-7)))
        return np.array(rows)

    def _loud(self, start: float, end: float) -> float:
        a, b = (int(np.clip(round(t * RATE), 0, len(self.mono))) for t in (start, end))
        return float(10 * np.log10((self.total[b] - self.total[a]) / max(1, b - a) + 1e-9))


def _triangles(size: int, rate: int, bands: int, low: float, high: float) -> Floats:
    mel = np.linspace(*(2595 * np.log10(1 + np.array([low, high]) / 700)), bands + 2)
    marks = 700 * (10 ** (mel / 2595) - 1)
    bins = np.fft.rfftfreq(size, 1 / rate)[:, None]
    rising = (bins - marks[:-2]) / np.diff(marks)[:-1]
    return np.maximum(0, np.minimum(rising, (marks[2:] - bins) / np.diff(marks)[1:]))


def _pitch_classes(sound: Pcm, rate: int) -> Floats:
    size, hop = 4096, rate // 20
    bins = np.fft.rfftfreq(size, 1 / rate)
    use = (bins > 100) & (bins < 2500)
    away = np.abs((12 * np.log2(bins[use] / 440)[:, None] - np.arange(12) + 6) % 12 - 6)
    padded = np.pad(sound, (size // 2, size))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    heard = np.abs(np.fft.rfft(frames * np.hanning(size), axis=1))[:, use] @ np.maximum(0, 1 - away)
    return heard / np.maximum(np.linalg.norm(heard, axis=1, keepdims=True), 1e-6)


def beats_of(analysis: SongAnalysis) -> Floats:
    """Beats that a joint could be taken for: not the very first and last."""
    beats = analysis.beats if len(analysis.beats) > 8 else np.arange(0, analysis.duration, 0.5)
    return beats[(beats > 1) & (beats < analysis.duration - 2)]


def shares(song: Ear, beats: Floats, other: Ear, joints: Floats) -> Floats:
    """Share of the song's beats that change less than each joint does; shape ``(n, 5)``."""
    beat = float(np.median(np.diff(beats)))
    known = np.sort(song.changes(beats, beat), axis=0)
    found = other.changes(joints, beat)
    columns = [
        (np.searchsorted(a, b, "left") + np.searchsorted(a, b, "right")) / 2 / len(a)
        for a, b in zip(known.T, found.T, strict=True)
    ]
    return np.column_stack(columns)


def joined(pcm: Pcm, fit: Fit) -> tuple[Pcm, Floats]:
    """Render a fit of sound in memory: what ``mix`` does, without a file."""
    from unittest import mock

    def stretch(path: Path, start: int, end: int, rate: int) -> Iterator[Pcm]:
        yield pcm[start:end]

    track = Track("song.wav", len(pcm) / RATE)
    sheet = CueSheet([fit.cue(track)], fit.length)
    with mock.patch("musify.audio.spool.decode_range", stretch):
        sound = mix(sheet).render()
    return sound, np.array([at for at, _ in fit.joints])


def naive(pcm: Pcm, trim: bool) -> tuple[Pcm, Floats]:
    """Loop a song the plain way."""
    if trim:
        loud = np.flatnonzero(np.abs(pcm).max(axis=1) > 1e-3)
        pcm = pcm[loud[0] : loud[-1] + 1]
    return np.concatenate([pcm, pcm]), np.array([len(pcm) / RATE])


def looped(pcm: Pcm, path: Path, python: str) -> tuple[Pcm, Floats] | None:
    """Loop it where PyMusicLooper says."""
    done = subprocess.run(
        [python, "-c", ASK_LOOPER, str(path)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"{path.name}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    start, end = json.loads(done.stdout.splitlines()[-1])
    return np.concatenate([pcm[:end], pcm[start:]]), np.array([end / RATE])


def whole(path: Path) -> Pcm:
    """Decode a file to its end."""
    parts = []
    try:
        for block in decode_range(path, 0, 1 << 40, RATE):
            parts.append(block)
    except AudioDecodeError:
        if not parts:
            raise
    return np.concatenate(parts)


def songs(args: argparse.Namespace) -> Iterator[tuple[str, Path | None, Pcm, SongAnalysis]]:
    """Give the songs to be fitted."""
    if args.generated:
        for seed, (bpm, metre) in enumerate(
            [(120, 4), (92, 4), (140, 4), (104, 3), (150, 5), (168, 7), (76, 4), (128, 4)]
        ):
            song = generated_song(seed, bpm=bpm, beats_per_bar=metre, sample_rate=RATE)
            yield f"generated {bpm} {metre}/4", None, song.pcm, analyze_pcm(song.pcm, RATE)
    for path in args.songs:
        pcm = whole(path)
        yield path.name, path, pcm, analyze_pcm(pcm, RATE)


def main() -> None:
    """Print a row for each method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("songs", nargs="*", type=Path)
    parser.add_argument("--generated", action="store_true")
    parser.add_argument("--looper", help="python of an environment with pymusiclooper")
    parser.add_argument("--factors", default="0.5,0.8,1.6,3")
    parser.add_argument("--each", action="store_true", help="a line for every song")
    args = parser.parse_args()
    found: dict[str, list[Floats]] = {}
    cpu = [0.0, 0.0]
    for name, path, pcm, analysis in songs(args):
        ear, beats = Ear(pcm), beats_of(analysis)
        if len(beats) < 8:
            continue
        clock = time.process_time()
        song: FittableSong = fittable([pcm], RATE, analysis)
        cpu[0] += time.process_time() - clock
        results: list[tuple[str, tuple[Pcm, Floats] | None]] = [
            ("naive", naive(pcm, trim=False)),
            ("naive, trimmed", naive(pcm, trim=True)),
        ]
        for factor in map(float, args.factors.split(",")):
            clock = time.process_time()
            fit = song.fit(factor * len(pcm) / RATE)
            cpu[1] += time.process_time() - clock
            if fit.joints:
                results.append(("musify", joined(pcm, fit)))
        if args.looper and path is not None:
            results.append(("PyMusicLooper", looped(pcm, path, args.looper)))
        for method, result in results:
            if result is not None and len(result[1]):
                rows = shares(ear, beats, Ear(result[0]), result[1])
                found.setdefault(method, []).append(rows)
                if args.each:
                    print(f"{name:40.40} {method:16}", *np.round(rows.mean(axis=0), 2))
    print(f"{'':16} {'joints':>7}", *(f"{name:>9}" for name in (*MEASURES, "mean")))
    for method, parts in found.items():
        rows = np.concatenate(parts)
        means = rows.mean(axis=0)
        print(f"{method:16} {len(rows):7}", *(f"{value:9.3f}" for value in (*means, means.mean())))
    print(f"joints found in {cpu[0]:.1f} s cpu, planned in {cpu[1]:.2f} s cpu")


if __name__ == "__main__":
    main()
