"""Makes the videos and the song that the benchmarks run on; none of them is kept in git.

One minute of 14 shots is encoded, once a size, and repeated by stream copy: the demuxer, the
decoder and the muxer see a long film, though making it takes a minute or two. Shots last 1.5 to
9 s, with grain; x264 puts a key frame every 4.0 s on average and every 8.3 s at least.

Run ``python benchmarks/make_videos.py`` to make all of them beforehand; the benchmarks make what
they miss.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import immich_memories_music

from musify import _ffmpeg

__all__ = ["FILMS", "Film", "default_cache", "make_song", "make_video"]


@dataclass(frozen=True, slots=True)
class Film:
    """A test video.

    Parameters
    ----------
    minutes : int
        Its length.
    width, height : int
        Pixels.
    bitrate : int
        What x264 is asked for, in kilobits a second; it stays a fifth below, as the quiet shots
        need less.
    """

    minutes: int
    width: int
    height: int
    bitrate: int


FILMS: Final = {
    "10min": Film(10, 1920, 1080, 2900),
    "60min": Film(60, 1280, 720, 1300),
}
_RATE: Final = 30
# Without these a gradient has other colours each time, whatever its seed.
_COLOURS: Final = "c0=gold:c1=teal:c2=salmon:c3=olive:c4=orchid:c5=skyblue:c6=maroon:c7=palegreen"
# Source, filters, seconds; 60 s in all. Pictures are drawn small, since that is what takes time.
_SHOTS: Final = (
    ("testsrc2=s=1280x720", "hue=h=20*t", 4.0),
    ("mandelbrot=s=480x270:maxiter=600:start_scale=0.9", "eq=saturation=1.4", 5.5),
    (f"gradients=s=640x360:n=6:{_COLOURS}:speed=0.02:seed=3", "null", 3.0),
    ("life=s=160x90:r=6:mold=12:life_color=orange:mold_color=navy:seed=5", "gblur=2", 2.5),
    ("mandelbrot=s=480x270:maxiter=600:start_scale=0.02", "hue=h=200", 6.0),
    (
        f"gradients=s=640x360:n=3:{_COLOURS}:speed=0.01:seed=8",
        "eq=saturation=0.3:brightness=-0.2",
        9.0,
    ),
    ("testsrc2=s=1280x720", "rotate=0.1*t,eq=brightness=-0.3", 1.5),
    ("cellauto=s=320x180:rule=110:seed=4", "gblur=1,hue=h=90", 3.5),
    ("mandelbrot=s=480x270:maxiter=600:start_scale=0.003", "negate,eq=saturation=0.6", 4.5),
    ("life=s=96x54:r=3:mold=30:life_color=white:mold_color=teal:seed=9", "gblur=3", 5.0),
    (f"gradients=s=640x360:n=8:{_COLOURS}:speed=0.05:seed=21", "eq=saturation=2", 2.0),
    ("testsrc2=s=1280x720", "boxblur=6,eq=saturation=0.2", 3.5),
    ("mandelbrot=s=480x270:maxiter=600:start_scale=0.2", "hue=h=300", 7.0),
    (f"gradients=s=640x360:n=4:{_COLOURS}:speed=0.03:seed=34", "eq=brightness=0.2", 3.0),
)
# Something like a voice in a room: syllables of a low tone with overtones, over pink noise.
_SOUND: Final = (
    "aevalsrc='0.15*(sin(2*PI*140*t)+0.5*sin(2*PI*280*t)+0.3*sin(2*PI*1260*t))"
    "*max(0,sin(2*PI*2.3*t))*gt(sin(2*PI*t/7),-0.2)':s=48000,aformat=channel_layouts=stereo[voice];"
    "anoisesrc=c=pink:a=0.02:r=48000:seed=1,aformat=channel_layouts=stereo[room];"
    "[voice][room]amix=2:normalize=0"
)
_SONGS: Final = 5  # of half a minute each


def default_cache() -> Path:
    """Return the folder where made files stay for the next run."""
    return Path(tempfile.gettempdir()) / "musify-benchmarks"


def make_video(name: str, cache: Path) -> Path:
    """Make a test video, if it is not there yet.

    Parameters
    ----------
    name : str
        A key of ``FILMS``.
    cache : Path
        The folder to keep it in.

    Returns
    -------
    Path
        H.264 with B-frames and AAC, in MP4.
    """
    film = FILMS[name]
    path = cache / f"{name}.mp4"
    if path.exists():
        return path
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        _make_minute(film, Path(folder))
        repeats = Path(folder) / "repeats.txt"
        repeats.write_text("file 'minute.mp4'\n" * film.minutes, encoding="utf-8")
        part = Path(folder) / "part.mp4"
        args = ["-v", "error", "-f", "concat", "-i", str(repeats), "-f", "lavfi", "-i", _SOUND]
        args += ["-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac"]
        args += ["-aac_coder", "fast", "-b:a", "128k", "-t", str(film.minutes * 60), str(part)]
        _ffmpeg.run(args)
        part.replace(path)
    return path


def _make_minute(film: Film, folder: Path) -> None:
    size = f"{film.width}:{film.height}"
    chains = [
        f"{source}{'' if ':r=' in source else f':r={_RATE}'},trim=duration={seconds},{look},"
        f"fps={_RATE},scale={size},noise=alls=6:allf=t:all_seed={place},format=yuv420p,setsar=1,"
        f"trim=end_frame={round(seconds * _RATE)},setpts=PTS-STARTPTS[shot{place}]"
        for place, (source, look, seconds) in enumerate(_SHOTS)
    ]
    inputs = "".join(f"[shot{place}]" for place in range(len(_SHOTS)))
    graph = ";".join([*chains, f"{inputs}concat=n={len(_SHOTS)}[film]"])
    args = ["-v", "error", "-filter_complex", graph, "-map", "[film]", "-r", str(_RATE)]
    args += ["-c:v", "libx264", "-preset", "veryfast", "-b:v", f"{film.bitrate}k"]
    args += ["-maxrate", f"{2 * film.bitrate}k", "-bufsize", f"{4 * film.bitrate}k"]
    _ffmpeg.run([*args, str(folder / "minute.mp4")])


def make_song(cache: Path) -> Path:
    """Make a song of about 150 s, if it is not there yet.

    It is joined from songs of immich-memories-music, since the cost of encoding depends on what is
    played.

    Parameters
    ----------
    cache : Path
        The folder to keep it in.

    Returns
    -------
    Path
        MP3, in a folder of its own that is named after its mood.
    """
    path = cache / "songs" / "calm" / "song.mp3"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    songs = sorted((immich_memories_music.tracks_dir() / "calm").glob("*.opus"))[:_SONGS]
    inputs = [word for song in songs for word in ("-i", str(song))]
    joined = "".join(f"[{place}:a]" for place in range(len(songs)))
    part = path.with_name("part.mp3")
    args = [
        "-v",
        "error",
        "-y",
        *inputs,
        "-filter_complex",
        f"{joined}concat=n={len(songs)}:v=0:a=1",
    ]
    _ffmpeg.run([*args, "-b:a", "192k", str(part)])
    part.replace(path)
    return path


def main() -> None:
    """Make everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("names", nargs="*", help=f"some of {', '.join(FILMS)}; by default all")
    options = parser.parse_args()
    for name in options.names or FILMS:
        path = make_video(name, options.cache)
        film = FILMS[name]
        rate = path.stat().st_size * 8 / (film.minutes * 60 * 1e6)
        print(f"{path}: {path.stat().st_size / 1e6:.0f} MB, {rate:.2f} Mb/s")
    print(make_song(options.cache))


if __name__ == "__main__":
    main()
