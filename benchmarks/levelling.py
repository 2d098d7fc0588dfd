"""How near the target a hundred generated mixes come, after AAC encoding.

    python benchmarks/levelling.py [--mixes 100] [--ceiling -2.0]

Every mix is a generated song, now and then with voice-like sound over it, clicks, or a great span
between quiet and loud; brought to a target, encoded by ffmpeg's AAC at 192 kbit/s, decoded again and
measured. Prints the largest distance from the target in LU and the highest true peak.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from musify import _ffmpeg
from musify.audio.levelled import ENCODER_CEILING_DBTP, find_level, set_level
from musify.audio.loudness import measure_file
from musify.audio.targets import CEILING_DBTP, TARGETS
from musify.soundtrack import Soundtrack
from musify.testing.generated_songs import generated_song

RATE = 48_000
SECONDS = 20
KEYS = ("C major", "A minor", "D# major", "F# minor", "D dorian")


def voice(rng: np.random.Generator, frames: int) -> np.ndarray:
    """Make bursts of buzz with formants, about as long as words."""
    spectrum = np.fft.rfft(
        np.sign(np.sin(np.arange(frames) * 2 * np.pi * rng.uniform(90, 220) / RATE))
    )
    hertz = np.fft.rfftfreq(frames, 1 / RATE)
    shape = sum(
        np.exp(-(((hertz - at) / 150) ** 2))
        for at in rng.uniform([300, 900, 2300], [800, 1800, 3200])
    )
    sound = np.fft.irfft(spectrum * shape, frames)
    gate = np.repeat(rng.random(frames // 9600 + 1) < 0.6, 9600)[:frames].astype(float)
    smooth = np.hanning(960)
    return sound / np.abs(sound).max() * np.convolve(gate, smooth / smooth.sum(), "same")


def mixed(seed: int) -> np.ndarray:
    """Make one mix, float32 of shape (frames, 2)."""
    rng = np.random.default_rng(seed)
    song = generated_song(
        seed, bpm=rng.uniform(70, 160), key=KEYS[seed % len(KEYS)], form="IAB", bars_per_section=4,
        sample_rate=RATE, drums=bool(seed % 3),
    ).pcm  # fmt: skip
    frames = SECONDS * RATE
    pcm = np.resize(song, (frames, 2)).astype(np.float64)
    pcm *= rng.uniform(0.05, 1.0) / np.abs(pcm).max()
    if seed % 2:
        pcm += voice(rng, frames)[:, None] * rng.uniform(0.1, 0.9)
    if seed % 5 == 0:  # quiet, then loud
        pcm[: frames // 2] *= 0.05
    if seed % 7 == 0:  # claps: short and high
        for at in rng.integers(0, frames - 2000, 40):
            pcm[at : at + 2000] += (
                rng.normal(size=(2000, 2)) * np.exp(-np.arange(2000) / 300)[:, None]
            ) * 0.5
    if seed % 11 == 0:  # bright and dense
        pcm += rng.normal(size=(frames, 2)) * 0.1
    if seed % 13 == 0:  # clipped long ago
        pcm = np.clip(pcm * 4, -0.9, 0.9)
    return pcm.astype(np.float32)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mixes", type=int, default=100)
    parser.add_argument("--ceiling", type=float, default=ENCODER_CEILING_DBTP)
    parser.add_argument("--bitrate", default="192k")
    parser.add_argument("--corrections", type=int, default=2)
    parser.add_argument("--coder", default="twoloop")
    parser.add_argument("--each", action="store_true", help="print every mix")
    given = parser.parse_args()
    off, peaks, renderings, encodings = [], [], [], []
    targets = [*TARGETS.values(), -14.0, -14.0]
    with tempfile.TemporaryDirectory() as folder:
        pcm_file, encoded = Path(folder) / "mix.f32", Path(folder) / "mix.m4a"
        for seed in range(given.mixes):
            pcm = mixed(seed)
            target = targets[seed % len(targets)]
            raw = Soundtrack(RATE, 2, len(pcm), lambda pcm=pcm: iter(np.array_split(pcm, 30)))
            level = find_level(raw, target, given.ceiling)
            times, better = 0, level
            while better is not None and times <= given.corrections:
                level, times = better, times + 1
                out = set_level(raw, level.gain_db, level.ceiling_dbtp, level.dips).render()
                pcm_file.write_bytes(out.tobytes())
                args = ["-v", "error", "-y", "-f", "f32le", "-ar", str(RATE), "-ac", "2"]
                args += ["-i", str(pcm_file), "-c:a", "aac", "-b:a", given.bitrate]
                _ffmpeg.run([*args, "-aac_coder", given.coder, str(encoded)])
                found = measure_file(encoded, peaks_above=CEILING_DBTP)
                better = level.corrected(found)
            encodings.append(times)
            off.append(found.integrated_lufs - target)
            peaks.append(found.true_peak_dbtp)
            renderings.append(level.renderings)
            if given.each:
                print(
                    f"{seed:3} target {target:5.1f} gain {level.gain_db:+5.1f} renderings "
                    f"{level.renderings} encodings {times} off {off[-1]:+.3f} LU peak {peaks[-1]:.2f} dBTP"
                )
    print(
        f"{given.mixes} mixes: at most {np.abs(off).max():.3f} LU off the target, highest true peak "
        f"{np.max(peaks):.2f} dBTP, {np.mean(renderings):.2f} renderings on average to find the level"
    )
    counts = {count: encodings.count(count) for count in sorted(set(encodings))}
    print(f"mixes by encodings: {counts}")


if __name__ == "__main__":
    main()
