"""Measures the whole job, from a video to the same video with music, each side in fresh processes.

The sides run in turn, so that whatever else the machine does falls on all of them:

* ``ours``: ``musify.Pipeline`` as it is by default, with a folder of one song;
* ``2016``: the method of the 2016 script with imageio up to 2.3, of 2018;
* ``2016-today``: the same with today's imageio, which decodes ten seconds more for each frame;
* ``encode``: ffmpeg alone, which copies the picture and encodes the looped song to AAC;
* ``limit``: ffmpeg alone, which copies all streams.

Figures are ratios within one run; seconds are printed only to show how steady they were.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Final

from make_videos import FILMS, default_cache, make_song, make_video
from measure import Cost, measure

from musify import Pipeline, _ffmpeg

SIDES: Final = ("ours", "2016", "2016-today", "encode", "limit")


def run_side(side: str, original: str, video: Path, song: Path, output: Path) -> None:
    """Do the job once, in this process, and print the seconds of its steps as JSON."""
    seconds: dict[str, float] = {}
    if side == "ours":
        library = song.parent.parent
        if original == "keep":
            pipeline = Pipeline(library=library)
        else:
            pipeline = Pipeline(library=library, original="replace")
        seconds = pipeline.run(video, output).seconds
    else:
        # Ours must not pay for the modules of theirs.
        from method_2016 import add_music_2016

        slow_seek = 10.0 if side == "2016-today" else 0.0
        seconds = add_music_2016(video, song, output, slow_seek=slow_seek)
    print(json.dumps(seconds))


def command_of(
    side: str, original: str, video: Path, song: Path, output: Path, minutes: int
) -> list[str]:
    """Return the command that does the job by one side."""
    copy = [_ffmpeg.executable(), "-v", "error", "-nostdin", "-i", str(video)]
    if side == "limit":
        return [*copy, "-map", "0", "-c", "copy", str(output)]
    if side == "encode":
        looped = ["-stream_loop", "-1", "-i", str(song), "-map", "0:v", "-map", "1:a"]
        kept = ["-map", "0:a"] if original == "keep" else []
        encoded = ["-c", "copy", "-c:a:0", "aac", "-b:a:0", "192k", "-t", str(minutes * 60)]
        return [*copy, *looped, *kept, *encoded, "-movflags", "+faststart", str(output)]
    again = ["--side", side, "--original", original, str(video), str(song), str(output)]
    return [sys.executable, __file__, *again]


def compare(film: str, original: str, sides: list[str], rounds: int, cache: Path) -> None:
    """Run all sides on one film, in turn, and print what they took."""
    video, song = make_video(film, cache), make_song(cache)
    costs: dict[str, list[Cost]] = {side: [] for side in sides}
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        output = Path(folder) / "output.mp4"
        for turn in range(rounds):
            for side in sides[turn % len(sides) :] + sides[: turn % len(sides)]:
                command = command_of(side, original, video, song, output, FILMS[film].minutes)
                costs[side].append(measure(command))
                output.unlink()
    print(f"\n{film}, original={original!r}, {rounds} rounds, medians\n")
    print("| side | wall s | cpu s | peak RSS, PSS MB | wall: side/ours | cpu: side/ours |")
    print("|---|---|---|---|---|---|")
    for side, found in costs.items():
        wall, cpu, rss, pss = (
            statistics.median(getattr(cost, name) for cost in found)
            for name in ("wall", "cpu", "rss_mb", "pss_mb")
        )
        pairs = list(zip(found, costs["ours"], strict=True))
        walls = statistics.median(cost.wall / ours.wall for cost, ours in pairs)
        cpus = statistics.median(cost.cpu / ours.cpu for cost, ours in pairs)
        took = f"{wall:.1f} | {cpu:.1f} | {rss:.0f}, {pss:.0f}"
        print(f"| {side} | {took} | {walls:.3g} | {cpus:.3g} |")
    print()
    for side, found in costs.items():
        if found[-1].output.strip():
            steps = json.loads(found[-1].output)
            print(f"{side}: " + ", ".join(f"{name} {took:.1f} s" for name, took in steps.items()))


def main() -> None:
    """Compare, or do one side when started by the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--films", nargs="+", choices=list(FILMS), default=list(FILMS))
    parser.add_argument("--original", choices=("keep", "replace"), default="replace")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--skip-2016", action="store_true", help="leave out the slow sides")
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("paths", nargs="*", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        run_side(options.side, options.original, *options.paths)
        return
    sides = [side for side in SIDES if not (options.skip_2016 and side.startswith("2016"))]
    for film in options.films:
        compare(film, options.original, sides, options.rounds, options.cache)


if __name__ == "__main__":
    main()
