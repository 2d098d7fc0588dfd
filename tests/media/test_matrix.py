"""Whatever stands beside the new sound comes out as it went in."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import musify
from musify._packets import read_packets
from musify.video import StreamInfo, read_media
from thinned import thinned

pytestmark = pytest.mark.media

# Matroska keeps times in milliseconds: one rounding in, one out.
ROUNDING = 0.0011
# These say who wrote the file, not what it holds.
WRITER_TAGS = {"major_brand", "minor_version", "compatible_brands", "encoder"}


@dataclass(frozen=True)
class Case:
    ending: str
    to: str = ""  # ending of the output; the same when empty
    sounds: int = 1
    main: int = 0  # which of the sounds is the default one
    subs: str = ""
    chapters: bool = False
    rotation: int = 0
    vfr: bool = False
    rate: str = "25"
    start: float = 0.0
    late_sound: float = 0.0  # below 0 the picture is late
    seconds: float = 2.0
    cover: bool = False
    font: bool = False
    data: str = ""
    tags: str = ""

    def __str__(self) -> str:
        """Name what differs from the plain case."""
        words = [self.ending + (f">{self.to}" if self.to else "")]
        for field in fields(self)[2:]:
            value = getattr(self, field.name)
            if value != field.default:
                words.append(field.name if value is True else f"{field.name}={value}")
        return " ".join(words)


CASES = [
    Case("mp4"),
    Case("mp4", sounds=0),
    Case("mp4", sounds=2),
    Case("mp4", sounds=2, main=1, subs="mov_text", chapters=True),
    Case("mp4", sounds=0, subs="mov_text", start=1.5, tags="plain"),
    Case("mp4", rotation=90, start=1.5),
    Case("mp4", rotation=180, vfr=True, sounds=0, chapters=True),
    Case("mp4", rotation=270, cover=True, seconds=1.97),
    Case("mp4", late_sound=0.7, tags="plain"),
    Case("mp4", late_sound=-0.6, sounds=2, chapters=True),
    Case("mp4", cover=True, sounds=0),
    Case("mp4", cover=True, tags="itunes"),
    Case("mp4", tags="itunes", chapters=True),
    Case("mp4", cover=True, chapters=True, tags="plain", sounds=2),
    Case("mp4", tags="free", chapters=True, rate="30000/1001"),
    Case("mp4", data="timecode", tags="plain"),
    Case("mp4", data="timecode", chapters=True, subs="mov_text", tags="free", sounds=2, main=1),
    Case("mp4", data="gpmd"),
    Case("mp4", data="gpmd", chapters=True, rotation=90, sounds=0),
    Case("mp4", data="gpmd", tags="free", start=1.5, subs="mov_text"),
    Case("mp4", vfr=True, start=0.3, late_sound=0.4, subs="mov_text", seconds=2.345),
    Case("mp4", rate="24000/1001", seconds=3.1, sounds=2, rotation=180, tags="plain", cover=True),
    Case("mov"),
    Case("mov", sounds=0, rotation=90, tags="free"),
    Case("mov", sounds=2, subs="mov_text", data="timecode"),
    Case("mov", sounds=2, main=1, chapters=True, tags="plain"),
    Case("mov", rotation=270, vfr=True, data="gpmd", late_sound=0.5),
    Case("mov", rotation=180, start=1.5, chapters=True, subs="mov_text"),
    Case("mov", data="timecode", tags="free", seconds=1.97, start=0.3),
    Case("mov", late_sound=-0.6, rate="30000/1001", tags="plain"),
    Case("mov", sounds=0, chapters=True, vfr=True, data="timecode"),
    Case("mkv"),
    Case("mkv", sounds=0, subs="srt", chapters=True),
    Case("mkv", sounds=2, subs="ass", font=True),
    Case("mkv", sounds=2, main=1, cover=True, tags="plain"),
    Case("mkv", rotation=90, cover=True, font=True, subs="ass", chapters=True, tags="free"),
    Case("mkv", rotation=180, start=1.5, subs="srt"),
    Case("mkv", rotation=270, vfr=True, sounds=0, cover=True),
    Case("mkv", late_sound=0.7, start=0.3, font=True, tags="plain"),
    Case("mkv", late_sound=-0.6, sounds=2, seconds=1.97),
    Case("mkv", vfr=True, rate="24000/1001", chapters=True, tags="free", sounds=2, main=1),
    Case("mkv", cover=True, start=1.5, seconds=2.345, sounds=0, font=True),
    Case("webm"),
    Case("webm", sounds=0, subs="webvtt"),
    Case("webm", sounds=2, chapters=True, tags="plain"),
    Case("webm", sounds=2, main=1, rotation=90, subs="webvtt"),
    Case("webm", vfr=True, start=1.5, tags="free"),
    Case("webm", late_sound=0.5, seconds=1.97, rotation=180, chapters=True),
    Case("webm", late_sound=-0.6, rotation=270, sounds=0, subs="webvtt", start=0.3),
    Case("mp4", "m4v", subs="mov_text", chapters=True, cover=True, sounds=2),
    Case("mp4", "mov", subs="mov_text", rotation=90, data="gpmd", sounds=2, tags="plain"),
    Case("mp4", "mkv", cover=True, rotation=270, start=1.5, chapters=True, sounds=2, main=1),
    Case("mov", "mp4", data="timecode", chapters=True, tags="free", late_sound=0.5),
    Case("mkv", "mp4", sounds=2, cover=True, rotation=90, chapters=True, late_sound=0.5),
    Case("webm", "mkv", sounds=2, subs="webvtt", rotation=90, tags="plain", start=0.3),
    Case("webm", "mp4", vfr=True, sounds=2, chapters=True),
]

SUBTITLES = """1
00:00:00,300 --> 00:00:01,000
Hello

2
00:00:01,200 --> 00:00:01,700
Music: %d "quoted"
"""
CHAPTERS = [(0, 700, "Opening"), (700, 1250, "Middle = half; 'so'"), (1250, 1900, "終わり")]
PLAIN_TAGS = {
    "title": "A day: at the sea",
    "artist": "Somebody",
    "comment": "two words",
    "date": "2020",
    "creation_time": "2020-01-02T03:04:05.000000Z",
}
TAGS = {
    "": {},
    "plain": PLAIN_TAGS,
    # What shops and iTunes write into MP4, in places of their own.
    "itunes": PLAIN_TAGS | {"media_type": "9", "hd_video": "1", "disc": "1/2"},
    "free": PLAIN_TAGS
    | {"com.apple.quicktime.model": "Camera 7", "com.apple.quicktime.make": "Maker"},
}


@pytest.fixture(scope="session")
def make_case(make_clip: Callable, media_dir: Path) -> Callable[[Case], Path]:
    def written(name: str, content: str | bytes) -> Path:
        path = media_dir / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def film(case: Case) -> Path:
        ending = "webm" if case.ending == "webm" else "mp4"
        codec = ["libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"]
        if ending == "mp4":
            codec = ["libx264", "-preset", "ultrafast", "-bf", "2"]
        # Uneven gaps: every third frame is gone.
        select = "select='mod(n,3)'," if case.vfr else ""
        name = f"film-{case.rate.replace('/', '_')}-{case.seconds}-{case.vfr}"
        flat = make_clip(
            f"{name}.{ending}",
            *("-f", "lavfi", "-i", f"testsrc2=s=160x90:r={case.rate}:d={case.seconds}"),
            *("-vf", f"{select}format=yuv420p", "-fps_mode", "vfr"),
            *("-g", "25", "-c:v", *codec),
        )
        if not case.rotation:
            return flat
        turn = ("-display_rotation", str(case.rotation), "-i", flat, "-c", "copy")
        return make_clip(f"{name}-{case.rotation}.{ending}", *turn)

    def notes(case: Case) -> Path:
        tags = TAGS[case.tags]
        lines = [";FFMETADATA1", *(f"{key}={value}" for key, value in tags.items())]
        late = round(case.start * 1000)
        for start, end, title in CHAPTERS if case.chapters else ():
            escaped = title.replace("=", r"\=").replace(";", r"\;")
            lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={start + late}", f"END={end + late}"]
            lines += [f"title={escaped}"]
        return written(f"notes-{case.tags}-{case.chapters}-{late}.txt", "\n".join(lines) + "\n")

    def make(case: Case) -> Path:
        inputs: list[Any] = ["-itsoffset", str(max(0, -case.late_sound)), "-i", film(case)]
        inputs += ["-f", "ffmetadata", "-i", notes(case)]
        output: list[Any] = ["-map", "0:v", "-map_metadata", "1"]
        output += ["-map_chapters", "1" if case.chapters else "-1", "-c:v", "copy"]
        count = 2

        def add(*args: str | Path, stream: str) -> None:
            nonlocal count
            inputs.extend(args)
            output.extend(["-map", f"{count}:{stream}"])
            count += 1

        late = ("-itsoffset", str(max(0, case.late_sound)), "-f", "lavfi", "-i")
        for place, language in enumerate(("eng", "deu")[: case.sounds]):
            add(*late, f"sine={300 * (place + 1)}:d={case.seconds}:r=48000", stream="a")
            flag = "default" if place == case.main else ("comment", "dub")[place]
            output += [f"-metadata:s:a:{place}", f"language={language}"]
            output += [f"-metadata:s:a:{place}", f"title=Sound {place}"]
            output += [f"-disposition:a:{place}", flag]
        output += ["-c:a", "libopus" if case.ending == "webm" else "aac"]
        if case.subs:
            add("-i", written("subs.srt", SUBTITLES), stream="s")
            output += ["-c:s", case.subs, "-metadata:s:s:0", "language=fra"]
            output += ["-disposition:s:0", "forced"]
        if case.cover or case.font:
            art = make_clip("art.jpg", "-f", "lavfi", "-i", "testsrc=s=32x32", "-frames:v", "1")
        if case.cover and case.ending != "mkv":
            add("-i", art, stream="v")
            output += ["-disposition:v:1", "attached_pic"]
        elif case.cover:
            output += ["-attach", art, "-metadata:s:t:0", "mimetype=image/jpeg"]
            output += ["-metadata:s:t:0", "filename=cover.jpg"]
        if case.font:
            place = int(case.cover)
            output += ["-attach", written("font.ttf", bytes(range(256)) * 4)]
            output += [f"-metadata:s:t:{place}", "mimetype=application/x-truetype-font"]
        if case.data == "gpmd":
            # Packets without a length would be passed over by every reader.
            spread = "setts=ts=N*0.5/TB:duration=0.5/TB"
            telemetry = make_clip(
                "telemetry.mov",
                *("-raw_packet_size", "1000", "-f", "data"),
                *("-i", written("bytes.bin", np.arange(3000, dtype=np.uint8).tobytes())),
                *("-map", "0", "-c", "copy", "-bsf:d", spread, "-tag:d", "gpmd"),
            )
            add("-i", telemetry, stream="d")
            output += ["-c:d", "copy", "-copy_unknown"]
        elif case.data == "timecode":
            output += ["-timecode", "01:00:00:00"]
        if case.tags == "free" and case.ending in ("mp4", "mov"):
            output += ["-movflags", "use_metadata_tags"]
        if case.start:
            output += ["-output_ts_offset", str(case.start)]
        name = f"case-{CASES.index(case)}.{case.ending}"
        return make_clip(name, *inputs, *output)

    return make


@dataclass
class Facts:
    """What a file holds, by kind of stream, each in the order of the file."""

    streams: dict[str, list[tuple[StreamInfo, str]]]
    starts: dict[str, list[np.ndarray]]
    duration: float
    rotation: float
    tags: dict[str, str]
    chapters: list[tuple[float, float, str]]


@pytest.fixture(scope="session")
def read_facts(
    ffmpeg: Callable, stream_hashes: Callable, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Path], Facts]:
    def read_notes(path: Path) -> tuple[dict[str, str], list[tuple[float, float, str]]]:
        file = tmp_path_factory.mktemp("notes") / "notes.txt"
        ffmpeg("-copyts", "-i", path, "-f", "ffmetadata", file)
        head, *rest = file.read_text().replace("\\", "").split("[CHAPTER]\n")
        tags = dict(line.split("=", 1) for line in head.splitlines()[1:])
        chapters = []
        for block in rest:
            found = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
            up, down = map(int, found["TIMEBASE"].split("/"))
            begin, end = (int(found[key]) * up / down for key in ("START", "END"))
            chapters.append((begin, end, found["title"]))
        return tags, chapters

    def read(path: Path) -> Facts:
        info = musify.probe(path)
        streams: dict[str, list[tuple[StreamInfo, str]]] = {}
        starts: dict[str, list[np.ndarray]] = {}
        hashes = stream_hashes(path)
        assert len(hashes) == len(info.streams)
        for stream, (_, digest) in zip(info.streams, hashes, strict=True):
            if stream.tag == "text" and info.chapters:
                continue  # how MP4 keeps the chapters, which are compared below
            streams.setdefault(stream.kind, []).append((stream, digest))
            starts.setdefault(stream.kind, []).append(read_packets(path, stream.index).starts)
        tags, chapters = read_notes(path)
        tags = {key.lower(): value for key, value in tags.items() if key not in WRITER_TAGS}
        return Facts(streams, starts, info.duration, info.rotation, tags, chapters)

    return read


def comparable(stream: StreamInfo, to: str) -> StreamInfo:
    """Strip what may differ: the place, for sound who is default; in another container more.

    Parameters
    ----------
    stream : StreamInfo
        Of either file.
    to : str
        Ending of the output, empty where it is that of the input.
    """
    flags = stream.disposition
    if to or stream.kind == "audio":
        flags = tuple(flag for flag in flags if flag != "default")
    if to == "mov":
        flags = ()  # QuickTime has no place for any other
    stripped = replace(stream, index=0, disposition=flags)
    if to:
        # QuickTime knows German by the older code only.
        languages = {"und": None, "deu": "ger"}
        language = languages.get(stream.language, stream.language)
        stripped = replace(stripped, tag=None, language=language, frame_rate=None)
    return stripped


def check_untouched(before: Facts, after: Facts, *, dropped: int | None, to: str) -> None:
    """Everything of ``before`` is in ``after``, but for the dropped sound."""
    sounds = after.streams["audio"]
    assert sounds[0][0].disposition == ("default",)
    assert not any("default" in stream.disposition for stream, _ in sounds[1:])
    expected = {kind: list(rows) for kind, rows in before.streams.items()}
    starts = {kind: list(rows) for kind, rows in before.starts.items()}
    if dropped is not None:
        place = [stream.index for stream, _ in expected["audio"]].index(dropped)
        del expected["audio"][place], starts["audio"][place]
    kinds = {kind for kind, rows in expected.items() if rows}
    assert kinds | {"audio"} == set(after.streams)
    for kind in kinds:
        skipped = int(kind == "audio")
        found = after.streams[kind][skipped:]
        assert [digest for _, digest in found] == [digest for _, digest in expected[kind]]
        assert [comparable(stream, to) for stream, _ in found] == [
            comparable(stream, to) for stream, _ in expected[kind]
        ]
        for old, new in zip(starts[kind], after.starts[kind][skipped:], strict=True):
            np.testing.assert_allclose(new, old, rtol=0, atol=ROUNDING)
    assert after.duration == pytest.approx(before.duration, abs=ROUNDING)
    assert after.rotation == before.rotation
    assert [title for *_, title in after.chapters] == [title for *_, title in before.chapters]
    np.testing.assert_allclose(
        [times for *times, _ in after.chapters],
        [times for *times, _ in before.chapters],
        rtol=0,
        atol=ROUNDING,
    )
    assert after.tags == before.tags


@pytest.mark.parametrize("case", thinned(CASES, every=8), ids=str)
def test_everything_else_is_untouched(
    case: Case, make_case: Callable, read_facts: Callable, songs: Path, tmp_path: Path
):
    video = make_case(case)
    before = read_facts(video)
    assert before.rotation % 360 == case.rotation
    assert len(before.chapters) == (len(CHAPTERS) if case.chapters else 0)
    assert any(stream.is_cover for stream, _ in before.streams["video"]) == case.cover
    kept = tmp_path / f"kept.{case.to or case.ending}"
    musify.add_music(video, kept, library=songs)
    check_untouched(before, read_facts(kept), dropped=None, to=case.to)

    main = musify.probe(video).audio_index
    if main is not None:
        replaced = tmp_path / f"replaced.{case.to or case.ending}"
        musify.add_music(video, replaced, library=songs, original="replace")
        check_untouched(before, read_facts(replaced), dropped=main, to=case.to)


@pytest.mark.parametrize("case", thinned([case for case in CASES if case.font], every=2), ids=str)
def test_attachments_keep_their_bytes(
    case: Case, make_case: Callable, ffmpeg: Callable, songs: Path, tmp_path: Path
):
    output = tmp_path / "out.mkv"
    musify.add_music(make_case(case), output, library=songs)
    font = tmp_path / "font"
    ffmpeg("-dump_attachment:t:0", font, "-i", output, "-map", "0:v:0", "-f", "null", "-")
    assert font.read_bytes() == bytes(range(256)) * 4
    media = read_media(output, OSError, "video")
    place = next(stream.index for stream in media.streams if stream.kind == "attachment")
    assert media.stream_tags[place] == {
        "filename": "font.ttf",
        "mimetype": "application/x-truetype-font",
    }


@pytest.mark.parametrize(
    ("case", "to", "named"),
    [
        (Case("mkv", sounds=2, subs="ass", font=True), "mp4", ("subtitle, ass", "attachment")),
        (Case("mkv", sounds=0, subs="srt", chapters=True), "mov", ("subtitle, subrip",)),
        (Case("mp4"), "webm", ("video, h264", "audio, aac")),
        (Case("mp4", data="gpmd"), "mkv", ("data, bin_data",)),
        (Case("mp4", cover=True, sounds=0), "mov", ("cover art, mjpeg",)),
        (Case("mp4"), "avi", (".mp4, .m4v, .mov, .mkv, .webm",)),
        (Case("mp4"), "", (".mp4, .m4v, .mov, .mkv, .webm",)),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_does_not_fit_is_named(
    case: Case, to: str, named: tuple[str, ...], make_case: Callable, songs: Path, tmp_path: Path
):
    output = tmp_path / (f"out.{to}" if to else "out")
    with pytest.raises(musify.OutputError) as caught:
        musify.add_music(make_case(case), output, library=songs)
    for words in named:
        assert words in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_what_ffmpeg_refuses_is_named_too(make_clip: Callable, songs: Path, tmp_path: Path):
    """No table of ours says what QuickTime carries of VP8: ffmpeg does."""
    video = make_clip(
        "vp8.webm",
        *("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=2", "-c:v", "libvpx"),
        *("-deadline", "realtime", "-cpu-used", "8"),
    )
    with pytest.raises(musify.OutputError, match="vp8"):
        musify.add_music(video, tmp_path / "out.mov", library=songs)
    assert not list(tmp_path.iterdir())
