"""Measures musify's loudness meter against ffmpeg's ebur128 and, where installed, pyloudnorm.

Every side measures the same songs in a fresh process; cpu is that of the whole process tree less
that of decoding alone, which all of them do. ``pip install immich-memories-music pyloudnorm``; or
give songs of your own.
"""

import argparse
import importlib.util
import json
import re
import resource
import sys
from pathlib import Path

import numpy as np
from measure import measure

from musify import _ffmpeg

RATE = 48_000


def decoded(path: Path) -> bytes:
    """Decode a song as float PCM."""
    args = ["-v", "error", "-i", f"file:{path}", "-ac", "2", "-ar", str(RATE)]
    return _ffmpeg.run([*args, "-f", "f32le", "pipe:1"])[0]


def by_ffmpeg(path: Path, filters: str) -> tuple[float, ...]:
    """Integrated loudness, range and true peak, as far as they are measured."""
    args = ["-v", "info", "-nostats", "-i", f"file:{path}", "-map", "0:a:0", "-af", filters]
    text = "\n".join(_ffmpeg.run([*args, "-f", "null", "-"])[1])
    patterns = (r"I:\s+(-?[\d.]+) LUFS", r"LRA:\s+(-?[\d.]+) LU", r"Peak:\s+(-?[\d.]+) dBFS")
    found = (re.findall(pattern, text) for pattern in patterns)
    return tuple(float(values[-1]) for values in found if values)


def run_side(side: str, path: Path) -> None:
    """Measure once, in this process, and print what was found."""
    found: tuple[float | None, ...] = ()
    if side == "musify":
        from musify.audio.loudness import measure_file

        read = measure_file(path)
        found = (read.integrated_lufs, read.range_lu, read.true_peak_dbtp)
    elif side == "ffmpeg":
        found = by_ffmpeg(path, "ebur128=framelog=verbose:peak=true")
    elif side == "ffmpeg, no peak":
        found = by_ffmpeg(path, "ebur128=framelog=verbose")
    elif side == "decoding":
        decoded(path)
    else:
        library = importlib.import_module("pyloudnorm")
        pcm = np.frombuffer(decoded(path), "<f4").reshape(-1, 2)
        found = (float(library.Meter(RATE).integrated_loudness(pcm)),)
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({"found": found, "cpu": sum(one.ru_utime + one.ru_stime for one in usage)}))


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("songs", nargs="*", type=Path)
    parser.add_argument("--count", type=int, default=10, help="packaged songs to take")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        run_side(given.side, given.songs[0])
        return
    songs = given.songs
    if not songs:
        package = importlib.import_module("immich_memories_music")
        songs = sorted(Path(str(package.__file__)).parent.rglob("*.opus"))[: given.count]
    sides = ["musify", "ffmpeg", "ffmpeg, no peak", "decoding"]
    if importlib.util.find_spec("pyloudnorm"):
        sides.append("pyloudnorm")
    cpu = dict.fromkeys(sides, 0.0)
    memory = dict.fromkeys(sides, 0.0)
    off: dict[str, list[list[float]]] = {side: [] for side in sides}
    for song in songs:
        found = {}
        for side in sides:
            cost = measure([sys.executable, __file__, "--side", side, str(song)])
            found[side] = json.loads(cost.output)["found"]
            cpu[side] += cost.cpu
            memory[side] = max(memory[side], cost.rss_mb)
        for side in sides:
            pairs = zip(found[side], found["musify"], strict=False)
            off[side].append([abs(theirs - ours) for theirs, ours in pairs])
    print(f"{len(songs)} songs; differences from musify: loudness LU, range LU, true peak dB")
    for side in sides:
        most = np.max(off[side], axis=0).round(3).tolist() if off[side][0] else "-"
        ratio = (cpu[side] - cpu["decoding"]) / (cpu["musify"] - cpu["decoding"])
        print(
            f"{side:16} cpu beyond decoding, side/musify {ratio:5.2f}; whole {cpu[side]:6.1f} s; "
            f"{memory[side]:4.0f} MB; largest differences {most}"
        )


if __name__ == "__main__":
    main()
