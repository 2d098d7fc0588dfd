"""Measures the samplers against decoding the whole film and against only reading it.

The sides run in turn, each in a fresh process: ``keyframe`` and ``interval`` of musify; ``whole``,
ffmpeg's ``select`` filter over the whole film, which gives the same frames as ``interval``; and
``limit``, ffmpeg reading all packets of the film without decoding one.

Times are checked against the picture, not against themselves: every frame of the film is decoded
once, very small, and the true time of a sample is that of the frame it looks like, among those
within two seconds of the time it claims.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from make_videos import FILMS, default_cache, make_video
from measure import measure
from numpy.typing import NDArray

from musify import FrameSampler, VideoInfo, _ffmpeg, get_backend, probe
from musify.vision.frames import FrameStream

SIDES: Final = ("keyframe", "interval", "whole", "limit")
STEP_SECONDS: Final = 5.0
_TINY: Final = 64  # pixels of the longest side, to recognise frames by
_NEAR_SECONDS: Final = 2.0


def run_side(side: str, path: Path) -> None:
    """Sample once, in this process, and print the times as JSON."""
    sampler: FrameSampler = get_backend("frame_sampler", side)
    print(json.dumps([sample.time for sample in sampler.sample(probe(path))]))


def command_of(side: str, path: Path, output: Path) -> list[str]:
    """Return the command that does the job by one side."""
    ffmpeg = [_ffmpeg.executable(), "-v", "error", "-nostdin", "-y", "-i", str(path)]
    if side == "limit":
        return [*ffmpeg, "-map", "0:v", "-c", "copy", "-f", "null", "-"]
    if side == "whole":
        first = f"isnan(prev_selected_t)+gte(t-prev_selected_t,{STEP_SECONDS}-0.001)"
        chain = f"select='{first}',scale=320:-2:flags=area,format=rgb24"
        return [*ffmpeg, "-vf", chain, "-fps_mode", "passthrough", "-f", "rawvideo", str(output)]
    return [sys.executable, __file__, "--side", side, str(path)]


def true_times(video: VideoInfo, sides: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Find which frames the samplers gave, by looking.

    Returns
    -------
    dict of str to ndarray of shape (n, 2)
        Of each sampler: the times it claims, and the times of the frames they look like.
    """
    with FrameStream(video, _TINY) as stream:
        frames = [(frame.time, frame.image) for frame in stream]
    times = np.array([time for time, _ in frames])
    images = np.stack([image for _, image in frames])
    found: dict[str, NDArray[np.float64]] = {}
    for side in sides:
        # The other option is at its default: 5 s.
        sampler: FrameSampler = get_backend("frame_sampler", side, longest_side=_TINY)
        rows = []
        for sample in sampler.sample(video):
            near = np.flatnonzero(np.abs(times - sample.time) < _NEAR_SECONDS)
            differences = np.abs(images[near].astype(np.int16) - sample.image).mean(axis=(1, 2, 3))
            rows.append((sample.time, times[near[np.argmin(differences)]]))
        found[side] = np.array(rows)
    return found


def main() -> None:
    """Compare, or sample when started by the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--film", choices=list(FILMS), default="10min")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("path", nargs="?", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        run_side(options.side, options.path)
        return
    path = make_video(options.film, options.cache)
    costs = {side: [] for side in SIDES}  # type: dict[str, list[tuple[float, float, float]]]
    with tempfile.TemporaryDirectory(dir=options.cache) as folder:
        for turn in range(options.rounds):
            for side in SIDES[turn % len(SIDES) :] + SIDES[: turn % len(SIDES)]:
                cost = measure(command_of(side, path, Path(folder) / "frames.rgb"))
                costs[side].append((cost.wall, cost.cpu, cost.rss_mb))
    print(f"{options.film}, a frame in {STEP_SECONDS:g} s, {options.rounds} rounds, medians\n")
    print("| side | wall s | cpu s | peak RSS MB | cpu: whole/side | cpu: side/limit |")
    print("|---|---|---|---|---|---|")
    for side in SIDES:
        wall, cpu, rss = (statistics.median(figures) for figures in zip(*costs[side], strict=True))
        gained = statistics.median(
            whole[1] / mine[1] for whole, mine in zip(costs["whole"], costs[side], strict=True)
        )
        over = statistics.median(
            mine[1] / limit[1] for limit, mine in zip(costs["limit"], costs[side], strict=True)
        )
        print(f"| {side} | {wall:.1f} | {cpu:.1f} | {rss:.0f} | {gained:.1f} | {over:.1f} |")
    print("\n| sampler | frames | claimed - true time, worst | from the grid, mean, worst |")
    print("|---|---|---|---|")
    for side, rows in true_times(probe(path), ("keyframe", "interval")).items():
        wrong = np.abs(rows[:, 0] - rows[:, 1]).max()
        grid = np.arange(0, FILMS[options.film].minutes * 60, STEP_SECONDS)
        away = np.abs(rows[:, 1][None] - grid[:, None]).min(axis=1)
        print(f"| {side} | {len(rows)} | {wrong:.3f} s | {away.mean():.2f} s, {away.max():.2f} s |")


if __name__ == "__main__":
    main()
