"""Compares what is heard in songs with what is known of them, and with what librosa hears.

    python benchmarks/make_song_clips.py --soundfont FluidR3Mono_GM.sf3 clips/
    python benchmarks/song_analysis.py clips/ --librosa-python ~/librosa/bin/python

librosa is not installed for it: make an environment of its own
(``python -m venv ~/librosa && ~/librosa/bin/pip install librosa``) and name its Python. Without
``--librosa-python`` musify stands alone. Without folders, songs of ``musify.testing`` are made.

acc1: tempo within 4 %; acc2: or within 4 % of 2, 3, 1/2 or 1/3 times it (Gouyon et al. 2006). F:
beats within 70 ms, the first 5 s left out, as in mir_eval. Key: the MIREX score, 1 for the key, 0.5
for one a fifth above, 0.3 for the relative, 0.2 for the parallel.
"""

import argparse
import json
import subprocess
import tempfile
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.analyze_song import analyze_pcm
from musify.audio.key import PITCH_CLASSES
from musify.testing.generated_songs import generated_song

TRIM_SECONDS: Final = 5.0
WINDOW_SECONDS: Final = 0.07
MAJOR: Final = {"major", "lydian", "mixolydian"}
MODES: Final = ("major", "minor", "major", "minor", "dorian", "phrygian", "lydian", "mixolydian")

# librosa has no metre and no key: its key is the best correlation with Krumhansl's profiles.
LIBROSA: Final = r"""
import json, sys, time
import librosa, numpy as np
major = np.array([6.35,2.23,3.48,2.33,4.38,4.09,2.52,5.19,2.39,3.66,2.29,2.88])
minor = np.array([6.33,2.68,3.52,5.38,2.60,3.53,2.54,4.75,3.98,2.69,3.34,3.17])
names = "C C# D D# E F F# G G# A A# B".split()
librosa.beat.beat_track(y=np.random.default_rng(0).normal(size=44100), sr=22050)  # compiles
for path in sys.argv[1:]:
    start = time.process_time()
    sound, rate = librosa.load(path, sr=22050)
    tempo, beats = librosa.beat.beat_track(y=sound, sr=rate, units="time")
    chroma = librosa.feature.chroma_cqt(y=sound, sr=rate).mean(axis=1)
    scores = [np.corrcoef(chroma, np.roll(p, t))[0, 1] for p in (major, minor) for t in range(12)]
    best = int(np.argmax(scores))
    key = names[best % 12] + (" major" if best < 12 else " minor")
    print(json.dumps({"beats": list(beats), "bpm": float(np.atleast_1d(tempo)[0]), "key": key,
                      "cpu": time.process_time() - start}), flush=True)
"""


def f_measure(truth: NDArray[np.float64], found: NDArray[np.float64]) -> tuple[float, float]:
    """Score beats; returns F and the median distance of those that are right, in seconds."""
    truth, found = truth[truth >= TRIM_SECONDS], found[found >= TRIM_SECONDS]
    first = second = 0
    errors = []
    while first < len(truth) and second < len(found):
        away = found[second] - truth[first]
        if abs(away) <= WINDOW_SECONDS:
            errors.append(abs(away))
        first += away >= -WINDOW_SECONDS
        second += away <= WINDOW_SECONDS
    total = max(1, len(truth) + len(found))
    return 2 * len(errors) / total, float(np.median(errors)) if errors else np.nan


def key_score(truth: str, found: str | None) -> float:
    """Score a key as MIREX does."""
    if found is None:
        return 0.0
    tonic, mode = truth.split()
    other, other_mode = found.split()
    is_major, found_major = mode in MAJOR, other_mode == "major"
    steps = (PITCH_CLASSES.index(other) - PITCH_CLASSES.index(tonic)) % 12
    if is_major == found_major:
        return {0: 1.0, 7: 0.5}.get(steps, 0.0)
    if steps == 0:
        return 0.2
    return 0.3 if steps == (9 if is_major else 3) else 0.0


def clips(folders: list[Path]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Find clips that stand beside their truth."""
    for folder in folders:
        for truth in sorted(folder.glob("*.json")):
            yield truth.with_suffix(".wav"), json.loads(truth.read_text())


def make_songs(folder: Path, count: int) -> None:
    """Make songs of every tempo, metre and mode."""
    for number in range(count):
        rng = np.random.default_rng(number)
        song = generated_song(
            number,
            bpm=float(rng.uniform(60, 180)),
            beats_per_bar=int(rng.choice([4, 4, 4, 3, 5, 7])),
            key=f"{rng.choice(PITCH_CLASSES)} {rng.choice(MODES)}",
            form="IABO",
            drums=bool(rng.random() < 0.65),
            drift=float(rng.choice([0, 0.02, 0.04])),
            jitter=float(rng.choice([0, 0.004, 0.01])),
            swing=float(rng.choice([0, 0, 0.16])),
        )
        truth = {
            "beats": song.beats.tolist(),
            "downbeats": song.downbeats.tolist(),
            "bpm": 60 / float(np.median(np.diff(song.beats))),
            "beats_per_bar": song.beats_per_bar,
            "key": song.key,
        }
        (folder / f"{number:03}.json").write_text(json.dumps(truth))
        with wave.open(str(folder / f"{number:03}.wav"), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(song.sample_rate)
            file.writeframes((song.pcm * 32_767).astype("<i2").tobytes())


def ours(path: Path) -> dict[str, Any]:
    """Listen with musify."""
    with wave.open(str(path)) as file:
        rate, channels = file.getframerate(), file.getnchannels()
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    sound = data.reshape(-1, channels).astype(np.float32) / 32_768
    start = time.process_time()
    heard = analyze_pcm(sound, rate)
    return {
        "beats": heard.beats,
        "downbeats": heard.downbeats,
        "bpm": heard.bpm or 1.0,
        "beats_per_bar": heard.beats_per_bar,
        "key": heard.key,
        "cpu": time.process_time() - start,
    }


def report(side: str, truths: list[dict[str, Any]], found: list[dict[str, Any]]) -> None:
    """Print a line of figures."""
    rows = []
    for truth, heard in zip(truths, found, strict=True):
        ratio = heard["bpm"] / truth["bpm"]
        near = [abs(ratio * factor - 1) <= 0.04 for factor in (1, 2, 1 / 2, 3, 1 / 3)]
        score, error = f_measure(np.array(truth["beats"]), np.array(heard["beats"]))
        bars = np.array(heard.get("downbeats", ()))
        rows.append(
            [
                near[0],
                any(near),
                score,
                1000 * error,
                f_measure(np.array(truth["downbeats"]), bars)[0]
                if "downbeats" in heard
                else np.nan,
                key_score(truth["key"], heard["key"]),
                240 * heard["cpu"] / truth["beats"][-1],
            ]
        )
    table = np.array(rows, float)
    mean = table.mean(axis=0)
    right = table[table[:, 0] > 0]
    print(
        f"{side:<8} {len(table)} clips: acc1 {mean[0]:.3f}, acc2 {mean[1]:.3f}; beats F "
        f"{mean[2]:.3f} ({right[:, 2].mean():.3f} where acc1), median error "
        f"{np.nanmedian(table[:, 3]):.1f} ms; downbeats F {mean[4]:.3f}; key {mean[5]:.3f}; cpu "
        f"{mean[6]:.2f} s for four minutes"
    )


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="*")
    parser.add_argument("--songs", type=int, default=48, help="how many to make without folders")
    parser.add_argument("--librosa-python", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        if not options.folders:
            make_songs(Path(made), options.songs)
        songs = list(clips(options.folders or [Path(made)]))
        truths = [truth for _, truth in songs]
        report("musify", truths, [ours(path) for path, _ in songs])
        if options.librosa_python:
            command = [
                str(options.librosa_python),
                "-c",
                LIBROSA,
                *(str(path) for path, _ in songs),
            ]
            run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            report("librosa", truths, [json.loads(line) for line in run.stdout.splitlines()])


if __name__ == "__main__":
    main()
