"""Measures looking at a film of an hour: time over its length, and memory.

    python benchmarks/analyze.py [--films 60min] [--dynamics index fast exact none] [--rounds 1]

The goal is a 180th of the film's length and 250 MB, in the default mode, on two cores. The limit
beside it is ffmpeg reading the film without decoding anything.
"""

import argparse
import statistics
import sys
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe
from make_videos import FILMS, default_cache, make_video
from measure import Cost, measure

ANALYZE = """
import sys, musify
found = musify.Pipeline(library={folder!r}, dynamics={dynamics!r}).analyze({film!r})
print(len(found.scores), len(found.timeline))
"""


def side(name: str, film: Path) -> list[str]:
    """Return the command of a side."""
    if name == "limit":
        return [
            *(get_ffmpeg_exe(), "-v", "error", "-nostdin", "-i", str(film)),
            *("-map", "0:v", "-c", "copy", "-f", "null", "-"),
        ]
    dynamics = None if name == "none" else name
    code = ANALYZE.format(folder=str(film.parent), dynamics=dynamics, film=str(film))
    return [sys.executable, "-c", code]


def main() -> None:
    """Run every side in turn and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", nargs="+", default=["60min"], choices=FILMS)
    parser.add_argument("--dynamics", nargs="+", default=["index", "none"])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=default_cache())
    given = parser.parse_args()
    for film in given.films:
        path = make_video(film, given.cache)
        seconds = FILMS[film].minutes * 60
        names = [*given.dynamics, "limit"]
        costs: dict[str, list[Cost]] = {name: [] for name in names}
        for _ in range(given.rounds):
            for name in names:
                costs[name].append(measure(side(name, path)))
        print(f"{film}: side, length/wall, cpu s an hour, peak MB (RSS, PSS)")
        for name, runs in costs.items():
            wall = statistics.median(cost.wall for cost in runs)
            cpu = statistics.median(cost.cpu for cost in runs)
            rss = max(cost.rss_mb for cost in runs)
            pss = max(cost.pss_mb for cost in runs)
            print(
                f"{name:6} {seconds / wall:7.0f} {cpu * 3600 / seconds:7.1f} {rss:6.0f} {pss:6.0f}"
            )


if __name__ == "__main__":
    main()
