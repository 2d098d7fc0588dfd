"""Odd files are read right, bad ones refused with a reason, whatever their names."""

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import musify
from musify.notices import collect_notices
from thinned import thinned

pytestmark = pytest.mark.media

FILM = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=2")
TONE = ("-f", "lavfi", "-i", "sine=220:d=2:r=48000")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8")


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def refused(path: Path | str, *words: str) -> None:
    with pytest.raises(musify.VideoOpenError) as caught:
        musify.probe(path)
    for word in words:
        assert word in str(caught.value)


# What is not there, or not a video


def test_missing(tmp_path: Path):
    refused(tmp_path / "nothing.mp4", "no file", "nothing.mp4")


def test_folder(tmp_path: Path):
    refused(tmp_path, "is a folder")


def test_empty(tmp_path: Path):
    refused(write(tmp_path / "empty.mp4", b""), "is empty")


@pytest.mark.parametrize("name", ["notes.txt", "notes.mp4", "notes"])
def test_text(name: str, tmp_path: Path):
    refused(write(tmp_path / name, b"Stream #0:0: Video: h264, 160x90\n" * 50), "cannot be read")


def test_random_bytes(tmp_path: Path, rng: np.random.Generator):
    refused(write(tmp_path / "noise.mp4", rng.bytes(10_000)), "cannot be read")


def test_sound_alone(make_clip: Callable):
    refused(make_clip("sound.m4a", *TONE), "no film", "audio (aac)")


def test_song_with_cover_art(make_clip: Callable):
    art = make_clip("cover.png", "-f", "lavfi", "-i", "testsrc=s=32x32", "-frames:v", "1")
    song = make_clip(
        "song.mp3",
        *(*TONE, "-i", art, "-map", "0", "-map", "1", "-c:v", "copy"),
        *("-disposition:v", "attached_pic"),
    )
    refused(song, "no film", "cover art (png)")


@pytest.mark.parametrize("ending", ["mp4", "mov"])
def test_cut_off_before_the_index(ending: str, tiny_video: Path, tmp_path: Path):
    content = tiny_video.read_bytes()
    assert content.index(b"moov") > len(content) // 2
    refused(write(tmp_path / f"cut.{ending}", content[: len(content) // 2]), "cannot be read")


# What is cut off, but plays


def cut(make_clip: Callable, tiny_video: Path, name: str, *args: str) -> tuple[Path, float]:
    """Copy 12 s of film and cut the file at 60 % of its bytes; say up to where it plays."""
    whole = make_clip(f"whole-{name}", "-i", tiny_video, "-c", "copy", *args)
    content = whole.read_bytes()
    path = write(whole.with_name(f"cut-{name}"), content[: len(content) * 6 // 10])
    return path, 12 * 0.6


def test_cut_off_mp4_with_the_index_first(make_clip: Callable, tiny_video: Path):
    path, about = cut(make_clip, tiny_video, "faststart.mp4", "-movflags", "+faststart")
    with collect_notices() as notices:
        info = musify.probe(path)
    assert info.duration == pytest.approx(about, abs=0.5)
    assert len(notices) == 1
    assert "cut off" in notices[0]
    assert "12.0" in notices[0]


def test_cut_off_mkv(make_clip: Callable, tiny_video: Path):
    path, about = cut(make_clip, tiny_video, "cut.mkv")
    with collect_notices() as notices:
        info = musify.probe(path)
    assert info.duration == pytest.approx(about, abs=0.5)
    assert ["cut off" in notice for notice in notices] == [True]


LATE = ("-c", "copy", "-output_ts_offset", "10")


@pytest.mark.parametrize("ending", ["mkv", "mp4", "mov", "ts", "nut"])
def test_a_clock_that_begins_late_is_no_damage(
    ending: str, make_clip: Callable, tiny_video: Path, silent_video: Path
):
    for video, seconds in ((tiny_video, 12), (silent_video, 8)):
        late = make_clip(f"late-{seconds}.{ending}", "-i", video, *LATE)
        with collect_notices() as notices:
            info = musify.probe(late)
        assert info.start_time >= 10
        assert info.duration == pytest.approx(seconds, abs=0.05)
        assert notices == []


@pytest.mark.parametrize("name", ["late.mkv", "late-first.mp4"])
def test_one_that_is_cut_off_is(name: str, make_clip: Callable, tiny_video: Path):
    index_first = () if name.endswith("mkv") else ("-movflags", "+faststart")
    path, about = cut(make_clip, tiny_video, name, *LATE[2:], *index_first)
    with collect_notices() as notices:
        info = musify.probe(path)
    assert info.duration == pytest.approx(about, abs=0.5)
    assert ["cut off" in notice for notice in notices] == [True]


def test_short_cut_off_mp4(make_clip: Callable, silent_video: Path):
    """Too short for the search from the end: what is missing must show all the same."""
    path, _ = cut(make_clip, silent_video, "short.mp4", "-movflags", "+faststart")
    with collect_notices() as notices:
        info = musify.probe(path)
    assert info.duration == pytest.approx(8 * 0.6, abs=0.5)
    assert ["cut off" in notice for notice in notices] == [True]


def test_cut_off_video_gets_music(
    make_clip: Callable, tiny_video: Path, songs: Path, tmp_path: Path
):
    path, about = cut(make_clip, tiny_video, "faststart.mp4", "-movflags", "+faststart")
    result = musify.add_music(path, tmp_path / "out.mp4", library=songs)
    assert any("cut off" in warning for warning in result.warnings)
    assert musify.probe(result.output).duration == pytest.approx(about, abs=0.5)


# Lengths and rates


@pytest.mark.parametrize("seconds", [2, 12])
@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("raw.h264", H264),
        # Nothing in such a file says when a frame is presented.
        ("raw-b.h264", ("-c:v", "libx264", "-bf", "3", "-pix_fmt", "yuv420p")),
        ("program.mpg", ("-c:v", "mpeg2video", "-bf", "2")),
        ("live.mkv", (*H264, "-f", "matroska", "-live", "1")),
        ("live.webm", (*VP8, "-f", "webm", "-live", "1")),
        ("packets.ts", H264),
        ("old.avi", ("-c:v", "mpeg4")),
        ("fragments.mp4", (*H264, "-movflags", "frag_keyframe+empty_moov")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_duration_without_a_header_that_says_so(
    name: str, args: tuple[str, ...], seconds: int, make_clip: Callable
):
    film = ("-f", "lavfi", "-i", f"testsrc2=s=160x90:r=25:d={seconds}")
    info = musify.probe(make_clip(f"{seconds}-{name}", *film, *args))
    assert info.duration == pytest.approx(seconds, abs=0.002)
    assert info.frame_rate == 25


def test_one_frame(make_clip: Callable, songs: Path, tmp_path: Path):
    video = make_clip("one.mp4", *FILM, *H264, "-frames:v", "1")
    info = musify.probe(video)
    assert info.duration == pytest.approx(0.04)
    output = musify.add_music(video, tmp_path / "out.mp4", library=songs).output
    assert musify.probe(output).duration == pytest.approx(0.04)


def test_sound_longer_than_picture_does_not_count(make_clip: Callable):
    long = ("-f", "lavfi", "-i", "sine=220:d=3.7")
    info = musify.probe(make_clip("longsound.mp4", *FILM, *long, *H264))
    assert info.duration == pytest.approx(2)
    assert info.has_audio


def test_gif(make_clip: Callable):
    info = musify.probe(make_clip("film.gif", *FILM))
    assert (info.width, info.height) == (160, 90)
    assert info.duration == pytest.approx(2, abs=0.05)


def test_start_time(make_clip: Callable):
    info = musify.probe(make_clip("late.mkv", *FILM, *H264, "-output_ts_offset", "1.5"))
    assert info.start_time == pytest.approx(1.5)
    assert info.duration == pytest.approx(2, abs=0.002)


@pytest.mark.parametrize("rate", [Fraction(30000, 1001), Fraction(24000, 1001), Fraction(50)])
@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_rate_is_exact(rate: Fraction, ending: str, make_clip: Callable):
    name = f"rate-{rate.numerator}.{ending}"
    film = ("-f", "lavfi", "-i", f"testsrc2=s=160x90:r={rate}")
    info = musify.probe(make_clip(name, *film, *H264, "-frames:v", "60"))
    assert info.frame_rate == rate
    assert info.duration == pytest.approx(float(60 / rate), abs=0.002)


def test_variable_rate(make_clip: Callable):
    """Frames 0, 1, 2 of each ten: 12 frames, the last at 1.28 s."""
    args = ("-vf", "select='lt(mod(n,10),3)',trim=end_frame=12", "-fps_mode", "vfr")
    info = musify.probe(make_clip("varying.mp4", *FILM, *args, *H264))
    # How long the last frame stays, nobody says but the encoder: between one frame and the gap.
    assert 1.28 + 0.04 <= info.duration <= 1.28 + 0.4
    assert 0 < info.frame_rate <= 25


# Streams and pictures


def test_no_sound(silent_video: Path):
    info = musify.probe(silent_video)
    assert not info.has_audio
    assert info.audio_index is None


@pytest.mark.parametrize(("flags", "chosen"), [(("default", "0"), 0), (("0", "default"), 1)])
def test_two_films(flags: tuple[str, str], chosen: int, make_clip: Callable):
    small = ("-f", "lavfi", "-i", "testsrc2=s=64x36:r=25:d=3")
    first, second = flags
    video = make_clip(
        f"two-{chosen}.mkv",
        *(*FILM, *small, "-map", "0", "-map", "1", *H264),
        *("-disposition:v:0", first, "-disposition:v:1", second, "-default_mode", "passthrough"),
    )
    info = musify.probe(video)
    assert info.video_index == chosen
    assert (info.width, info.duration) == ((160, 2.0), (64, 3.0))[chosen]


def test_cover_art_is_no_film(make_clip: Callable):
    """Even where it is the first stream and larger."""
    art = make_clip("large.png", "-f", "lavfi", "-i", "testsrc=s=640x640", "-frames:v", "1")
    video = make_clip(
        "art-first.mp4",
        *("-i", art, *FILM, "-map", "0", "-map", "1", "-c:v:0", "copy", "-c:v:1", "libx264"),
        *("-disposition:v:0", "attached_pic", "-disposition:v:1", "default"),
    )
    info = musify.probe(video)
    assert (info.width, info.height) == (160, 90)
    assert sum(stream.is_cover for stream in info.streams) == 1


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_rotation_turns_the_sides(degrees: int, ending: str, make_clip: Callable):
    flat = make_clip("flat.mp4", *FILM, *H264)
    video = make_clip(
        f"turned-{degrees}.{ending}",
        *("-display_rotation", str(degrees), "-i", flat, "-c", "copy"),
    )
    info = musify.probe(video)
    assert info.rotation % 360 == degrees
    assert (info.width, info.height) == ((160, 90), (90, 160))[degrees % 180 != 0]


@pytest.mark.parametrize(("degrees", "size"), [(0, (160, 45)), (90, (45, 160))])
def test_pixels_that_are_not_square(degrees: int, size: tuple[int, int], make_clip: Callable):
    wide = make_clip("wide.mp4", *FILM, "-vf", "setsar=2", *H264)
    video = make_clip(
        f"wide-{degrees}.mp4", "-display_rotation", str(degrees), "-i", wide, "-c", "copy"
    )
    info = musify.probe(video)
    assert info.video_stream.aspect == 2
    assert info.fitted_size(160) == size


# Tags are free text


SPOOFS = {
    "title": "Stream #0:7: Video: h264, 99x99, 10 fps",
    "comment": (
        "first line\n"
        "  Duration: 01:00:00.00, start: 5.000000, bitrate: 1 kb/s\n"
        "  Stream #0:8(xxx): Audio: aac, 8000 Hz, mono\n"
        "Stream #0:9: Video: vp9, 99x99\n"
        "    Side data:\n"
        "      displaymatrix: rotation of 90.00 degrees\n"
        "\n"
        "    Chapter #0:0: start 0.000000, end 1.000000\n"
        "  Metadata:\n"
        "last line"
    ),
}


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_tags_that_look_like_streams(ending: str, make_clip: Callable):
    tags = [arg for key, text in SPOOFS.items() for arg in ("-metadata", f"{key}={text}")]
    tags += ["-metadata:s:a:0", f"title={SPOOFS['comment']}"]
    info = musify.probe(make_clip(f"spoof.{ending}", *FILM, *TONE, *H264, *tags))
    assert [stream.kind for stream in info.streams] == ["video", "audio"]
    assert (info.width, info.height, info.rotation, info.chapters) == (160, 90, 0, 0)
    assert info.duration == pytest.approx(2, abs=0.002)
    assert info.start_time == pytest.approx(0, abs=0.03)
    tags_found = {key.lower(): value for key, value in info.tags}
    assert tags_found["title"] == SPOOFS["title"]
    # ffmpeg shows empty lines as nothing at all.
    words = [line.strip() for line in SPOOFS["comment"].splitlines() if line]
    assert [line.strip() for line in tags_found["comment"].splitlines() if line] == words


# Names


NAMES = [
    "-leading dash",
    "-i",
    "two  spaces ",
    "it's",
    'a "quote"',
    "100 % sure",
    "shot %03d",
    "a:b",
    "http:",
    "file:",
    "pipe:0",
    "line\nbreak",
    "x\nInput #0, lavfi, from 'y':\n  Stream #0:5: Video: vp9, 99x99",
    "back\\slash",
    "映画 Ünïcode фильм",
    "concat:a|b",
    "a[1],b;c=d",
    "$(echo no) `no` & no > no",
    "~",
    os.fsdecode(b"latin-\xe9"),
]


@pytest.mark.parametrize("name", thinned(NAMES, every=8), ids=ascii)
def test_names(name: str, silent_video: Path, songs: Path, tmp_path: Path):
    video = tmp_path / f"{name}.mp4"
    os.link(silent_video, video)
    info = musify.probe(video)
    assert (info.width, info.duration, len(info.streams)) == (160, pytest.approx(8), 1)
    folder = tmp_path / "out"
    folder.mkdir()
    result = musify.add_music(video, folder / video.name, library=songs)
    assert result.output == folder / video.name
    assert [file.name for file in folder.iterdir()] == [video.name]
    assert [stream.kind for stream in musify.probe(result.output).streams] == ["video", "audio"]


@pytest.mark.parametrize("name", thinned(["-i.mp4", "file:x.mp4", "-y"], every=3))
def test_relative_names(
    name: str, silent_video: Path, songs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """No folder stands before the name to shield it."""
    monkeypatch.chdir(tmp_path)
    os.link(silent_video, name)
    assert musify.probe(name).width == 160
    musify.add_music(name, "-out.mp4", library=songs)
    assert sorted(os.listdir()) == sorted([name, "-out.mp4"])  # noqa: PTH208 - names as they are
