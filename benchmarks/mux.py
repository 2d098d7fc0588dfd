"""Measures mixing and muxing alone, against ffmpeg on one core.

Each side runs in a fresh process, in turn with the others:

* ``new``: music throughout, mixed with the video's own sound, which stays as a second stream;
* ``repeat``: one song looped, the original sound replaced;
* ``encode``: ffmpeg pinned to one core encodes the very PCM of ``new`` with its default AAC at the
  same rate, and copies the rest;
* ``encode-repeat``: the same with the PCM of ``repeat``, and without the original sound.

``new`` is held against ``encode`` and ``repeat`` against ``encode-repeat``, as ratios of one run.
The PCM that ffmpeg reads lies ready on disk: rendering it is not in its time, but in ours.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from make_videos import FILMS, default_cache, make_song, make_video
from measure import Cost, measure

import musify
from musify import Cue, CueSheet, Soundtrack, Track, _ffmpeg
from musify.audio.arrange import loop_ranges
from musify.backends.ffmpeg_muxer import FfmpegMuxer
from musify.cues import Original
from musify.video import read_media

AGAINST: Final = {"new": "encode", "repeat": "encode-repeat"}
ORIGINAL: Final[dict[str, Original]] = {"new": "keep", "repeat": "replace"}
_BITRATE: Final = "192k"
_GAIN_DB: Final = -14.0


def soundtrack_of(side: str, video: Path, song: Path) -> tuple[musify.VideoInfo, Soundtrack]:
    """Plan one song over all of a film."""
    info = musify.probe(video)
    length = read_media(song, OSError, "audio").duration
    assert length is not None
    sources, crossfade = loop_ranges(length, info.duration, 1.0)
    cue = Cue(
        0.0,
        info.duration,
        Track(song, length),
        sources,
        fade_in=0.5,
        fade_out=2.5,
        gain_db=_GAIN_DB,
        crossfade=crossfade,
    )
    return info, musify.mix(CueSheet((cue,), info.duration, original=ORIGINAL[side]), info)


def run_side(side: str, video: Path, song: Path, output: Path) -> None:
    """Mix and mux, in this process."""
    info, soundtrack = soundtrack_of(side, video, song)
    FfmpegMuxer(_BITRATE).mux(info, soundtrack, output, original=ORIGINAL[side])


def render(side: str, video: Path, song: Path, raw: Path) -> None:
    """Write the PCM of a side, for ffmpeg to encode."""
    _, soundtrack = soundtrack_of(side, video, song)
    with raw.open("wb") as file:
        for block in soundtrack.blocks():
            file.write(np.ascontiguousarray(block, "<f4").data)


def command_of(side: str, video: Path, song: Path, raw: Path, output: Path) -> list[str]:
    """Return the command that does the job by one side."""
    if side in AGAINST:
        return [sys.executable, __file__, "--side", side, str(video), str(song), str(output)]
    command = ["taskset", "-c", "0", _ffmpeg.executable(), "-v", "error", "-nostdin"]
    command += ["-i", str(video), "-f", "f32le", "-ar", "48000", "-ac", "2", "-i", str(raw)]
    command += ["-map", "0:v", "-map", "1:a", *(["-map", "0:a"] if side == "encode" else [])]
    command += ["-c", "copy", "-c:a:0", "aac", "-b:a:0", _BITRATE]
    return [*command, "-movflags", "+faststart", str(output)]


def main() -> None:
    """Compare, or do one side when started by the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--film", choices=list(FILMS), default="60min")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cases", nargs="+", choices=list(AGAINST), default=list(AGAINST))
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--side", choices=list(AGAINST), help=argparse.SUPPRESS)
    parser.add_argument("paths", nargs="*", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        run_side(options.side, *options.paths)
        return
    video, song = make_video(options.film, options.cache), make_song(options.cache)
    print(f"{options.film}, {options.rounds} rounds\n")
    print("| side | wall s | cpu s | peak RSS, PSS MB | wall: side/ffmpeg | cpu: side/ffmpeg |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=options.cache) as folder:
        raw, output = Path(folder) / "sound.f32", Path(folder) / "output.mp4"
        for side in options.cases:
            render(side, video, song, raw)
            for _ in range(options.rounds):
                costs: dict[str, Cost] = {}
                for either in (AGAINST[side], side):
                    costs[either] = measure(command_of(either, video, song, raw, output))
                    output.unlink()
                theirs = costs[AGAINST[side]]
                for name, cost in costs.items():
                    print(
                        f"| {name} | {cost.wall:.1f} | {cost.cpu:.1f} "
                        f"| {cost.rss_mb:.0f}, {cost.pss_mb:.0f} "
                        f"| {cost.wall / theirs.wall:.3f} | {cost.cpu / theirs.cpu:.3f} |",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
