"""How near the target a hundred generated mixes come, after AAC encoding.

    python benchmarks/levelling.py [--mixes 100] [--ceiling -2.0]

Every mix is a generated song, now and then with voice-like sound over it, claps, noise, or a great
span between quiet and loud. It is brought to a target, encoded by ffmpeg's AAC, decoded again and
measured, and where that is not right, corrected and encoded again. Prints the largest distance from
the target, the highest true peak, and how much work it was.
"""

import argparse
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musify import _ffmpeg
from musify.audio.bs1770 import Loudness
from musify.audio.levelled import ENCODER_CEILING_DBTP, Level, find_level, set_level
from musify.audio.loudness import measure_file
from musify.audio.targets import CEILING_DBTP, TARGETS
from musify.soundtrack import Soundtrack
from musify.testing.generated_songs import generated_song

RATE = 48_000
SECONDS = 20
Floats = NDArray[np.floating]
KEYS = ("C major", "A minor", "D# major", "F# minor", "D dorian")


def voice(rng: np.random.Generator, frames: int) -> Floats:
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
    gate = np.convolve(gate, smooth / smooth.sum(), "same")
    voiced: Floats = sound / np.abs(sound).max() * gate
    return voiced


def mixed(seed: int) -> Floats:
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


def encoded(level: Level, mix: Soundtrack, coder: str, bitrate: str, folder: Path) -> Loudness:
    """Apply a level, encode, and measure what comes out of the decoder."""
    raw, file = folder / "mix.f32", folder / "mix.m4a"
    out = set_level(mix, level.gain_db, level.ceiling_dbtp, level.dips).render()
    raw.write_bytes(out.tobytes())
    args = ["-v", "error", "-y", "-f", "f32le", "-ar", str(RATE), "-ac", "2", "-i", str(raw)]
    _ffmpeg.run([*args, "-c:a", "aac", "-b:a", bitrate, "-aac_coder", coder, str(file)])
    return measure_file(file, peaks_above=CEILING_DBTP)


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
    targets = [*TARGETS.values(), -14.0, -14.0]
    off: list[list[float]] = [[] for _ in range(given.corrections + 1)]
    peaks: list[list[float]] = [[] for _ in range(given.corrections + 1)]
    renderings, encodings = [], []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(given.mixes):
            pcm = mixed(seed)
            mix = Soundtrack(RATE, 2, len(pcm), partial(np.array_split, pcm, 30))  # type: ignore[arg-type]
            level = find_level(mix, targets[seed % len(targets)], given.ceiling)
            renderings.append(level.renderings)
            better: Level | None = level
            times = 0
            for attempt in range(given.corrections + 1):
                if better is not None:
                    level, times = better, times + 1
                    found = encoded(level, mix, given.coder, given.bitrate, Path(folder))
                    better = level.corrected(found)
                assert found.integrated_lufs is not None
                assert found.true_peak_dbtp is not None
                off[attempt].append(found.integrated_lufs - level.target_lufs)
                peaks[attempt].append(found.true_peak_dbtp)
            encodings.append(times)
            if given.each:
                print(
                    f"{seed:3} to {level.target_lufs:g}: gain {level.gain_db:+.1f}, "
                    f"{times} encodings, off {off[-1][-1]:+.3f} LU, peak {peaks[-1][-1]:.2f} dBTP"
                )
    print(
        f"{given.mixes} mixes, coder {given.coder}, {given.bitrate}, ceiling {given.ceiling} dBTP"
    )
    print(f"renderings to find the level: {np.mean(renderings):.2f} on average")
    for attempt in range(given.corrections + 1):
        distance, high = np.abs(off[attempt]), np.array(peaks[attempt])
        print(
            f"after {attempt} corrections: off by {distance.max():.3f} LU at most, by over 0.2 in "
            f"{(distance > 0.2).sum()}; highest true peak {high.max():.2f} dBTP, over -1 in "
            f"{(high > CEILING_DBTP).sum()}; "
            f"{sum(min(count, attempt + 1) for count in encodings)} encodings so far"
        )


if __name__ == "__main__":
    main()
