"""Measures how composed music sounds and how long rendering takes, beside the bundled songs.

    python benchmarks/composer_sound.py          # --styles piano folk, --minutes 1 10, --seed 1

The songs are those of the extra "songs". Of every song, and of one piece of every style in each
quadrant of the plane, are printed

- centroid: mean frequency of the whole by power, and by magnitude, the mean over frames of 85 ms,
  in hertz;
- above 6 kHz: its share of the power, in percent;
- correlation of the sides, crest factor (true peak over mean power, in dB), LUFS, loudness range,
  dBTP.

Then, each in a fresh process that may use one core: how many times faster than real time a piece is
rendered, mastering included; the first time, with the start of Python, composing and loading the
instruments, and once more in the same process; and the most memory it took.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from typing import Final

import immich_memories_music
import numpy as np
from numpy.typing import NDArray

from musify.audio.bs1770 import measure_blocks
from musify.audio.pcm import decode_range
from musify.composer.commission import Commission
from musify.composer.form.brief import timeline_of
from musify.composer.render.rendering import rendered
from musify.composer.score import Score
from musify.composer.style.load import style_names
from musify.composer.writing import compose
from musify.errors import AudioDecodeError
from musify.video import read_media

RATE: Final = 48_000
_FRAMES: Final = 4096
_BRIGHT: Final = 6000.0

Pcm = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sound:
    """What was measured of a piece."""

    centroid: float
    centroid_magnitude: float
    above_6k: float
    correlation: float
    crest_db: float
    lufs: float
    range_lu: float
    true_peak: float


def measured(blocks: Iterable[Pcm]) -> Sound:
    """Measure stereo sound at 48 kHz."""
    pcm = np.concatenate(list(blocks))
    loudness = measure_blocks([pcm], RATE, 2)
    mono = pcm.mean(axis=1)
    hertz = np.fft.rfftfreq(_FRAMES, 1 / RATE)
    window = np.hanning(_FRAMES).astype(np.float32)
    power = np.zeros(len(hertz))
    centroids, weights = [], []
    for start in range(0, len(mono) - _FRAMES, _FRAMES // 2):
        magnitude = np.abs(np.fft.rfft(mono[start : start + _FRAMES] * window))
        power += np.square(magnitude)
        total = float(magnitude.sum())
        if np.square(magnitude).sum() > 1e-3:  # pauses have none
            centroids.append(float(magnitude @ hertz) / total)
            weights.append(1.0)
    mean_square = float(np.square(pcm).mean())
    peak = loudness.true_peak_dbtp
    assert peak is not None
    return Sound(
        centroid=float(power @ hertz / power.sum()),
        centroid_magnitude=float(np.average(centroids, weights=weights)),
        above_6k=100 * float(power[hertz > _BRIGHT].sum() / power.sum()),
        correlation=float(np.corrcoef(pcm.T)[0, 1]),
        crest_db=peak - 10 * np.log10(mean_square),
        lufs=loudness.integrated_lufs or -np.inf,
        range_lu=loudness.range_lu or 0.0,
        true_peak=peak,
    )


def songs() -> Iterable[tuple[str, Sound]]:
    """Measure the bundled songs."""
    for path in sorted(immich_memories_music.tracks_dir().rglob("*.opus")):
        length = read_media(path, AudioDecodeError, "audio").duration or 0.0
        yield path.stem, measured(decode_range(path, 0, round((length - 0.1) * RATE), RATE))


def pieces(styles: list[str], seed: int) -> Iterable[tuple[str, Sound]]:
    """Compose, render and measure pieces of 30 s."""
    for style in styles:
        for mood in ("happy", "tense", "sad", "calm"):
            score = compose(Commission(timeline_of(mood, length=30.0), style=style, seed=seed))
            yield f"{style}, {mood}", measured(rendered(score).blocks())


def table(title: str, rows: Iterable[tuple[str, Sound]]) -> NDArray[np.float64]:
    """Print a row of each, and the range."""
    print(f"{title:28}" + "".join(f"{field.name[:9]:>11}" for field in fields(Sound)))
    values = []
    for name, sound in rows:
        values.append(astuple(sound))
        print(f"{name:28}" + "".join(f"{value:11.2f}" for value in values[-1]), flush=True)
    found = np.array(values)
    for name, share in (("lowest", 0), ("median", 50), ("highest", 100)):
        row = np.percentile(found, share, axis=0)
        print(f"{name:28}" + "".join(f"{value:11.2f}" for value in row))
    return found


def busy_score(minutes: float, style: str, seed: int) -> Score:
    """Compose something busy."""
    mood = ", ".join(["happy 20s, tense 10s"] * max(1, round(2 * minutes)))
    timeline = timeline_of(mood)
    return compose(Commission(timeline, style=style, seed=seed))


def render_twice(minutes: float, style: str, seed: int) -> None:
    """Render in this process, and print how long it took."""
    score = busy_score(minutes, style, seed)
    taken: list[float] = []
    for _ in range(2):
        for _ in rendered(score).blocks():
            pass
        taken.append(time.process_time() - sum(taken))
    notes = sum(len(part.notes) for part in score.parts) / score.duration
    first, second = (score.duration / cpu for cpu in taken)
    print(
        f"{style}, {minutes:g} min, {len(score.parts)} parts, {notes:.0f} notes/s: {first:.1f} x "
        f"real time with everything, {second:.1f} x the second time;",
        end=" ",
        flush=True,
    )


def speed(minutes: float, style: str, seed: int) -> None:
    """Render in a fresh process, and print its memory besides."""
    args = [sys.executable, __file__, "--render", str(minutes), "--styles", style]
    args += ["--seed", str(seed)]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    _, status, usage = os.wait4(os.posix_spawn(sys.executable, args, environment), 0)
    if status:
        raise SystemExit(f"rendering failed ({status})")
    print(f"{usage.ru_maxrss / 1024:.0f} MB")


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description="Measures composed music.")
    parser.add_argument("--styles", nargs="*", default=list(style_names()))
    parser.add_argument("--minutes", nargs="*", type=float, default=[1, 10])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--skip-sound", action="store_true")
    parser.add_argument("--render", type=float, help="render twice, in this process")
    options = parser.parse_args()
    if options.render:
        render_twice(options.render, options.styles[0], options.seed)
        return
    if not options.skip_sound:
        bundled = table("bundled songs", songs())
        print()
        composed = table("composed", pieces(options.styles, options.seed))
        low, high = bundled.min(axis=0), bundled.max(axis=0)
        inside = ((composed >= low) & (composed <= high)).mean(axis=0)
        print(f"{'in the range of the songs':28}" + "".join(f"{one:11.0%}" for one in inside))
        print()
    for minutes in options.minutes:
        for style in options.styles[:3]:
            speed(minutes, style, options.seed)


if __name__ == "__main__":
    main()
