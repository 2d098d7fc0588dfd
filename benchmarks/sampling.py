"""Measures the samplers against their peers, and against what cannot be undercut.

The sides run in turn, each in a fresh process: ``keyframe`` and ``interval`` of musify, the latter
with ffmpeg and with PyAV; OpenCV and decord, which seek and decode to the frame, and one ffmpeg
started for each frame, two at a time; ``whole``, ffmpeg's ``select`` filter over the whole film.
All but ``keyframe`` give the same frames. The limits are ``demux``, ffmpeg reading all packets of
the film without decoding one, and ``key decode``, PyAV decoding from memory, with one thread, the
packets of the key frames that ``keyframe`` gives. What is not installed is left out, and said.

Times are checked against the picture, not against themselves: every frame of the film is decoded
once, very small, and the true time of a sample is that of the frame it looks like, among those
within two seconds of the time it claims.
"""

import argparse
import importlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from make_videos import FILMS, default_cache, make_video
from measure import measure
from numpy.typing import NDArray

from musify import FrameSampler, VideoInfo, _ffmpeg, get_backend, probe
from musify.vision.frames import FrameStream

STEP_SECONDS: Final = 5.0
SAMPLERS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "keyframe": ("keyframe", {}),
    "interval": ("interval", {}),
    "interval, PyAV": ("interval", {"decoder": "pyav"}),
}
PEERS: Final = ("OpenCV", "decord", "ffmpeg -ss")
LIMITS: Final = ("key decode", "demux")
SIDES: Final = (*SAMPLERS, *PEERS, "whole", *LIMITS)
_NEEDS: Final = {"interval, PyAV": "av", "OpenCV": "cv2", "decord": "decord", "key decode": "av"}
_WIDTH: Final = 320
_TINY: Final = 64  # pixels of the longest side, to recognise frames by
_NEAR_SECONDS: Final = 2.0


def sampler_of(side: str, longest_side: int = _WIDTH) -> FrameSampler:
    """Make the sampler of musify that a side is."""
    name, options = SAMPLERS[side]
    return get_backend(
        "frame_sampler", name, seconds=STEP_SECONDS, longest_side=longest_side, **options
    )


def sample_opencv(path: Path) -> int:
    """Seek to each frame and read it."""
    cv2: Any = importlib.import_module("cv2")
    film = cv2.VideoCapture(str(path))
    rate, count = film.get(cv2.CAP_PROP_FPS), film.get(cv2.CAP_PROP_FRAME_COUNT)
    found = 0
    for wanted in np.arange(0, count / rate, STEP_SECONDS):
        film.set(cv2.CAP_PROP_POS_FRAMES, round(wanted * rate))
        good, frame = film.read()
        size = (_WIDTH, round(frame.shape[0] * _WIDTH / frame.shape[1]))
        cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
        found += bool(good)
    return found


def sample_decord(path: Path) -> int:
    """Read all in one batch, at the small size: at full size it needs ten times the memory."""
    decord: Any = importlib.import_module("decord")
    height, width = probe(path).height, probe(path).width
    film = decord.VideoReader(str(path), width=_WIDTH, height=round(height * _WIDTH / width))
    starts = film.get_frame_timestamp(range(len(film)))[:, 0]
    wanted = np.searchsorted(starts, np.arange(0, starts[-1], STEP_SECONDS) - 0.0005)
    return len(film.get_batch(list(wanted)).asnumpy())


def sample_ffmpeg(path: Path) -> int:
    """Start ffmpeg for each frame, two at a time."""

    def one(wanted: float) -> bool:
        args = ["-v", "error", "-nostdin", "-ss", str(wanted), "-i", str(path), "-frames:v", "1"]
        args += ["-vf", f"scale={_WIDTH}:-2:flags=area,format=rgb24", "-f", "rawvideo", "-"]
        done = subprocess.run([_ffmpeg.executable(), *args], capture_output=True, check=True)
        return bool(done.stdout)

    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(one, np.arange(0, probe(path).duration, STEP_SECONDS)))


def decode_keys(path: Path) -> float:
    """Decode packets of key frames that are in memory already.

    Returns
    -------
    float
        Seconds of one processor.
    """
    av: Any = importlib.import_module("av")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        packets: dict[int, Any] = {}
        for packet in container.demux(stream):
            if packet.is_keyframe and packet.size:
                packets.setdefault(int(float(packet.pts * stream.time_base) / STEP_SECONDS), packet)
        begun = time.process_time()
        for packet in packets.values():
            for frame in [*packet.decode(), *stream.codec_context.decode(None)]:
                frame.reformat(_WIDTH, round(frame.height * _WIDTH / frame.width), "rgb24")
            stream.codec_context.flush_buffers()
        return time.process_time() - begun


def run_side(side: str, path: Path) -> None:
    """Do the job once, in this process; print what only this process knows."""
    peers: dict[str, Callable[[Path], int]] = {
        "OpenCV": sample_opencv,
        "decord": sample_decord,
        "ffmpeg -ss": sample_ffmpeg,
    }
    if side == "key decode":
        print(json.dumps(decode_keys(path)))
    elif side in peers:
        print(peers[side](path))
    else:
        print(sum(1 for _ in sampler_of(side).sample(probe(path))))


def command_of(side: str, path: Path, output: Path) -> list[str]:
    """Return the command that does the job by one side."""
    ffmpeg = [_ffmpeg.executable(), "-v", "error", "-nostdin", "-y", "-i", str(path)]
    if side == "demux":
        return [*ffmpeg, "-map", "0:v", "-c", "copy", "-f", "null", "-"]
    if side == "whole":
        first = f"isnan(prev_selected_t)+gte(t-prev_selected_t,{STEP_SECONDS}-0.001)"
        chain = f"select='{first}',scale={_WIDTH}:-2:flags=area,format=rgb24"
        return [*ffmpeg, "-vf", chain, "-fps_mode", "passthrough", "-f", "rawvideo", str(output)]
    return [sys.executable, __file__, "--side", side, str(path)]


def true_times(video: VideoInfo, sides: list[str]) -> dict[str, NDArray[np.float64]]:
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
        rows = []
        for sample in sampler_of(side, _TINY).sample(video):
            near = np.flatnonzero(np.abs(times - sample.time) < _NEAR_SECONDS)
            differences = np.abs(images[near].astype(np.int16) - sample.image).mean(axis=(1, 2, 3))
            # Deblocking differs a little; of frames that look alike, the nearest is meant.
            alike = near[differences <= differences.min() + 0.5]
            rows.append((sample.time, times[alike[np.argmin(np.abs(times[alike] - sample.time))]]))
        found[side] = np.array(rows)
    return found


def main() -> None:
    """Compare, or do the job when started by the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--film", choices=list(FILMS), default="10min")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--skip", nargs="*", choices=SIDES, default=[])
    parser.add_argument("--skip-times", action="store_true")
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("path", nargs="?", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        run_side(options.side, options.path)
        return
    path = make_video(options.film, options.cache)
    missing = [side for side, module in _NEEDS.items() if find_spec(module) is None]
    for side in missing:
        print(f"left out: {side}; it needs the module {_NEEDS[side]!r}")
    sides = [side for side in SIDES if side not in (*missing, *options.skip)]
    costs: dict[str, list[tuple[float, float, float]]] = {side: [] for side in sides}
    with tempfile.TemporaryDirectory(dir=options.cache) as folder:
        for turn in range(options.rounds):
            for side in sides[turn % len(sides) :] + sides[: turn % len(sides)]:
                cost = measure(command_of(side, path, Path(folder) / "frames.rgb"))
                wall, cpu = cost.wall, cost.cpu
                if side == "key decode":  # that of reading the packets does not count
                    wall = cpu = float(json.loads(cost.output))
                costs[side].append((wall, cpu, cost.rss_mb))
    medians = {
        side: [statistics.median(figures) for figures in zip(*rows, strict=True)]
        for side, rows in costs.items()
    }
    print(f"{options.film}, a frame in {STEP_SECONDS:g} s, {options.rounds} rounds, medians\n")
    peers = [side for side in PEERS if side in sides]
    references = [side for side in LIMITS if side in sides]
    head = ["side", "wall s", "cpu s", "peak RSS MB", "wall: best peer/side", "cpu: best peer/side"]
    head += [f"cpu: side/{side}" for side in references]
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}", flush=True)
    for side in sides:
        cells = [
            side,
            *(f"{figure:.2f}" for figure in medians[side][:2]),
            f"{medians[side][2]:.0f}",
        ]
        for place in (0, 1):
            best = min((medians[peer][place] for peer in peers), default=None)
            cells.append("-" if best is None else f"{best / medians[side][place]:.2f}")
        cells += [f"{medians[side][1] / medians[limit][1]:.2f}" for limit in references]
        print(f"| {' | '.join(cells)} |")
    if options.skip_times:
        return
    print("\n| sampler | frames | claimed - true time, worst | from the grid, mean, worst |")
    print("|---|---|---|---|")
    samplers = [side for side in SAMPLERS if side in sides]
    for side, rows in true_times(probe(path), samplers).items():
        wrong = np.abs(rows[:, 0] - rows[:, 1]).max()
        grid = np.arange(0, FILMS[options.film].minutes * 60, STEP_SECONDS)
        away = np.abs(rows[:, 1][None] - grid[:, None]).min(axis=1)
        print(f"| {side} | {len(rows)} | {wrong:.3f} s | {away.mean():.2f} s, {away.max():.2f} s |")


if __name__ == "__main__":
    main()
