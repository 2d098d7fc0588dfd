"""Rarer kinds of pictures, subtitles and files come out as they went in, or are refused."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from musify import OutputError, Soundtrack, audit_file, probe
from musify.backends.ffmpeg_muxer import FfmpegMuxer
from thinned import thinned

pytestmark = pytest.mark.media

FILM = ("-f", "lavfi", "-i", "testsrc2=s=160x96:r=25:d=1.2")
TONE = ("-f", "lavfi", "-i", "sine=440:d=1.2:r=48000")
TEN_BIT = ("-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-x265-params")
PQ = "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
HLG = "log-level=error:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-bf", "2")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")


def add_boxes(film: Path, made: Path, boxes: bytes) -> Path:
    """Write boxes into the sample entry of an MP4, whose index follows its data."""
    data = bytearray(film.read_bytes())
    assert data.find(b"mdat") < data.find(b"moov")
    inside = {b"stsd": 8, b"hev1": 78, b"hvc1": 78}
    start, end, places = 0, len(data), []
    for names in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", (b"hev1", b"hvc1")):
        place = start
        while place < end:
            size, kind = struct.unpack(">I4s", data[place : place + 8])
            if kind in (names if isinstance(names, tuple) else (names,)):
                break
            place += size
        places.append(place)
        start, end = place + 8 + inside.get(kind, 0), place + size
    data[end:end] = boxes
    for place in places:
        size = struct.unpack(">I", data[place : place + 4])[0]
        data[place : place + 4] = struct.pack(">I", size + len(boxes))
    made.write_bytes(data)
    return made


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


# What a display can do that a picture was mastered on (SMPTE ST 2086, CTA-861.3).
COLOURS = struct.pack(">8H2I", 13250, 34500, 7500, 3000, 34000, 16000, 15635, 16450, 10**7, 50)
MASTERING = box(b"mdcv", COLOURS) + box(b"clli", struct.pack(">HH", 1000, 400))
# Dolby Vision profile 8, level 1, with metadata beside a base layer that HLG displays show.
DOLBY = box(b"dvvC", bytes([1, 0, 8 << 1, 1 << 3 | 1 << 2 | 1, 4 << 4]) + bytes(19))


def blu_ray_subtitles() -> bytes:
    """Two bars of white as presentation graphics (PGS)."""

    def segment(at: float, kind: int, content: bytes) -> bytes:
        return b"PG" + struct.pack(">IIBH", int(at * 90_000), 0, kind, len(content)) + content

    line = bytes([0, 0x80 | 32, 1, 0, 0])
    picture = struct.pack(">HH", 32, 8) + line * 8
    shown = struct.pack(">HBB", 0, 0, 0xC0) + len(picture).to_bytes(3, "big") + picture
    window = bytes([1, 0]) + struct.pack(">4H", 60, 70, 32, 8)
    out = b""
    for on, off in ((0.2, 0.5), (0.7, 1.0)):
        begin = struct.pack(">HHBHBBBB", 160, 96, 0x10, 0, 0x80, 0, 0, 1)
        out += segment(on, 0x16, begin + struct.pack(">HBBHH", 0, 0, 0, 60, 70))
        out += segment(on, 0x17, window)
        out += segment(on, 0x14, bytes([0, 0, 1, 235, 128, 128, 255]))
        out += segment(on, 0x15, shown) + segment(on, 0x80, b"")
        out += segment(off, 0x16, struct.pack(">HHBHBBBB", 160, 96, 0x10, 1, 0, 0, 0, 0))
        out += segment(off, 0x17, window) + segment(off, 0x80, b"")
    return out


@pytest.fixture(scope="session")
def rare(make_clip: Callable, media_dir: Path) -> Callable[[str], Path]:
    """Make a file of a rarer kind, once a session."""

    def hlg() -> Path:
        return make_clip("hlg.mp4", *FILM, *TONE, *TEN_BIT, HLG, "-c:a", "aac")

    def subtitles() -> Path:
        path = media_dir / "bars.sup"
        path.write_bytes(blu_ray_subtitles())
        return path

    def with_subtitles(name: str, *codec: str) -> Path:
        inputs = ("-i", hlg(), "-i", subtitles(), "-map", "0", "-map", "1", "-c", "copy")
        return make_clip(name, *inputs, *codec, "-metadata:s:s:0", "language=fra")

    def several_sounds() -> Path:
        sounds: list[str] = []
        maps = ["-map", "0:v"]
        for place in range(5):
            sounds += ["-f", "lavfi", "-i", f"sine={200 * (place + 1)}:d=1.2:r=48000"]
            maps += ["-map", f"{place + 1}:a", f"-metadata:s:a:{place}", f"title=Sound {place}"]
        codecs = ("aac", "ac3", "libmp3lame", "libopus", "flac")
        for place, codec in enumerate(codecs):
            maps += [f"-c:a:{place}", codec, f"-disposition:a:{place}", "0"]
        return make_clip("five.mkv", *FILM, *sounds, *maps, *H264, "-disposition:a:2", "default")

    def pq() -> Path:
        return make_clip("pq.mp4", *FILM, *TONE, *TEN_BIT, PQ, "-c:a", "aac", "-tag:v", "hvc1")

    makers: dict[str, Callable[[], Path]] = {
        "10-bit HEVC, HLG": hlg,
        "HDR10": lambda: add_boxes(pq(), media_dir / "hdr10.mp4", MASTERING),
        "Dolby Vision": lambda: add_boxes(hlg(), media_dir / "dolby.mp4", DOLBY),
        "turned and mirrored": lambda: make_clip(
            *("mirrored.mp4", "-display_rotation", "90", "-display_hflip", "-i", hlg()),
            *("-c", "copy"),
        ),
        "upside down": lambda: make_clip(
            "upside-down.mp4", "-display_vflip", "-i", hlg(), "-c", "copy"
        ),
        "AV1": lambda: make_clip(
            *("av1.mp4", *FILM, *TONE, "-c:v", "libsvtav1", "-preset", "12"),
            *("-svtav1-params", "lp=1", "-pix_fmt", "yuv420p10le", "-c:a", "aac"),
        ),
        "VP9": lambda: make_clip("vp9.webm", *FILM, *TONE, *VP9, "-c:a", "libopus"),
        "ProRes": lambda: make_clip(
            "prores.mov", *FILM, *TONE, "-c:v", "prores_ks", "-c:a", "pcm_s24le"
        ),
        "Blu-ray subtitles": lambda: with_subtitles("pgs.mkv"),
        "DVD subtitles": lambda: with_subtitles("vobsub.mkv", "-c:s", "dvdsub"),
        "MPEG-TS, H.264": lambda: make_clip("h264.ts", *FILM, *TONE, *H264, "-c:a", "aac"),
        "MPEG-TS, HEVC": lambda: make_clip("hevc.ts", *FILM, *TONE, *TEN_BIT, HLG, "-c:a", "aac"),
        "MPEG-TS, MPEG-2": lambda: make_clip(
            "mpeg2.ts", *FILM, *TONE, "-c:v", "mpeg2video", "-c:a", "ac3"
        ),
        "AVI": lambda: make_clip("xvid.avi", *FILM, *TONE, "-c:v", "mpeg4", "-c:a", "libmp3lame"),
        "five sounds": several_sounds,
    }
    return lambda name: makers[name]()


# Which containers carry each, as the table in docs/reference/containers.md says.
CARRIED = {
    "10-bit HEVC, HLG": "mp4 mov mkv",
    "HDR10": "mp4 mov mkv",
    "Dolby Vision": "mp4 mkv",
    "turned and mirrored": "mp4 mov mkv",
    "upside down": "mp4 mov mkv",
    "AV1": "mp4 mkv",
    "VP9": "mp4 mkv webm",
    "ProRes": "mov mkv",
    "Blu-ray subtitles": "mkv",
    "DVD subtitles": "mkv",
    "MPEG-TS, H.264": "mp4 mov mkv",
    "MPEG-TS, HEVC": "mp4 mov mkv",
    "MPEG-TS, MPEG-2": "mp4 mov mkv",
    "AVI": "mp4 mov mkv",
    "five sounds": "mp4 mkv",
}


def mux(source: Path, output: Path) -> Path:
    video = probe(source)
    pcm = np.zeros((round(video.duration * 48_000), 2), np.float32)
    pcm[::100] = 0.1
    return FfmpegMuxer().mux(video, Soundtrack(48_000, 2, len(pcm), lambda: iter([pcm])), output)


def first_picture(path: Path, decode: Callable) -> bytes:
    """Decode the first picture, turned as a player would."""
    return decode(path, "-map", "0:v:0", "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24")


@pytest.fixture(scope="session")
def decode() -> Callable[..., bytes]:
    from musify import _ffmpeg

    return lambda path, *args: _ffmpeg.run(["-v", "error", "-i", f"file:{path}", *args, "-"])[0]


@pytest.mark.parametrize(
    ("kind", "ending"),
    thinned(
        [(kind, ending) for kind, endings in CARRIED.items() for ending in endings.split()], every=5
    ),
)
def test_it_comes_out_as_it_went_in(
    kind: str, ending: str, rare: Callable, decode: Callable, tmp_path: Path
):
    source = rare(kind)
    output = mux(source, tmp_path / f"out.{ending}")
    audit = audit_file(output, against=source, original="keep")
    assert audit.ok, audit.faults
    before, after = probe(source), probe(output)
    for stream in audit.streams:
        if stream.source is None:
            continue
        new, old = after.stream(stream.index), before.stream(stream.source)
        assert set(old.side_data) <= set(new.side_data)
        for name in ("codec", "pixel_format", "colour_transfer", "rotation", "channels", "title"):
            if name != "title" or old.title:
                assert getattr(new, name) == getattr(old, name)
    assert first_picture(output, decode) == first_picture(source, decode)


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        (kind, ending)
        for kind, endings in CARRIED.items()
        for ending in ("mp4", "mov", "mkv", "webm")
        if ending not in endings.split()
    ],
)
def test_what_a_container_cannot_carry_is_refused_and_nothing_written(
    kind: str, ending: str, rare: Callable, tmp_path: Path
):
    source = rare(kind)
    with pytest.raises(OutputError, match=rf"\.{ending} "):
        mux(source, tmp_path / f"out.{ending}")
    assert list(tmp_path.iterdir()) == []
