"""What ``ffmpeg -i`` of ffmpeg 9.0.2 wrote about real files; only file names are changed."""

from fractions import Fraction

import pytest

from musify._media_info import exact_rate, parse_media_info

# A comment of several lines that looks like structure.
MP4_WITH_SPOOFING_COMMENT = """\
Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:a.mp4':
  Metadata:
    major_brand     : isom
    minor_version   : 512
    compatible_brands: isomiso2avc1mp41
    title           : Holiday
    encoder         : Lavf63.1.102
    comment         : first line
                    :   Stream #0:7: Audio: aac, 48000 Hz, stereo
                    : Duration: 99:00:00.00, start: 5
  Duration: 00:00:02.00, start: 0.000000, bitrate: 425 kb/s
  Stream #0:0[0x1](und): Video: h264 (Constrained Baseline) (avc1 / 0x31637661), \
yuv420p(progressive), 160x90 [SAR 1:1 DAR 16:9], 342 kb/s, 29.97 fps, 29.97 tbr, 30k tbn (default)
    Metadata:
      handler_name    : VideoHandler
      encoder         : Lavc63.1.102 libx264
    Side data:
      Display Matrix: rotation of -90.00 degrees
  Stream #0:1[0x2](eng): Audio: aac (LC) (mp4a / 0x6134706D), 48000 Hz, mono, fltp, 69 kb/s \
(default)
    Metadata:
      handler_name    : SoundHandler
  Stream #0:2[0x0]: Video: png, rgb24(pc, gbr/unknown/unknown), 32x32 [SAR 1:1 DAR 1:1], 90k tbr, \
90k tbn (attached pic)
At least one output file must be specified
"""

MKV_WITH_CHAPTERS = """\
[in#0/matroska,webm @ 0x55d0e3f7a080] Could not find codec parameters for stream 3 (Attachment: \
none): unknown codec
Consider increasing the value for the 'analyzeduration' (0) and 'probesize' (5000000) options
Input #0, matroska,webm, from 'file:b.mkv':
  Metadata:
    title           : Chaptered
    ENCODER         : Lavf63.1.102
  Duration: 00:00:02.02, start: 0.000000, bitrate: 417 kb/s
  Chapters:
    Chapter #0:0: start 0.000000, end 1.000000
      Metadata:
        title           : Stream #0:9: Video: h264, 10x10
    Chapter #0:1: start 1.000000, end 2.000000
      Metadata:
        title           : Two
  Stream #0:0: Video: h264 (Constrained Baseline), yuv420p(progressive), 160x90 [SAR 1:1 DAR \
16:9], 29.97 fps, 29.97 tbr, 1k tbn (default)
    Metadata:
      HANDLER_NAME    : VideoHandler
      DURATION        : 00:00:02.002000000
  Stream #0:1(eng): Audio: aac (LC), 48000 Hz, mono, fltp (default)
    Metadata:
      HANDLER_NAME    : SoundHandler
  Stream #0:2(ger): Subtitle: subrip (srt) (forced) (hearing impaired)
    Metadata:
      title           : Deutsch
      DURATION        : 00:00:01.000000000
  Stream #0:3: Attachment: none
    Metadata:
      filename        : f.ttf
      mimetype        : font/ttf
At least one output file must be specified
"""

TS_WITH_PROGRAMS = """\
Input #0, mpegts, from 'file:t2.ts':
  Duration: 00:00:02.02, start: 1.400000, bitrate: 879 kb/s
  Program 1 
    Metadata:
      service_name    : First
      service_provider: FFmpeg
  Stream #0:0[0x100]: Video: h264 (Constrained Baseline) ([27][0][0][0] / 0x001B), \
yuv420p(progressive), 160x90 [SAR 1:1 DAR 16:9], 29.97 fps, 29.97 tbr, 90k tbn, start 1.421333
  Program 2 
    Metadata:
      service_name    : Second
      service_provider: FFmpeg
  Stream #0:1[0x101]: Video: h264 (Constrained Baseline) ([27][0][0][0] / 0x001B), \
yuv420p(progressive), 160x90 [SAR 1:1 DAR 16:9], 29.97 fps, 29.97 tbr, 90k tbn, start 1.421333
  Stream #0:2[0x102](eng): Audio: aac (LC) ([15][0][0][0] / 0x000F), 48000 Hz, mono, fltp, \
71 kb/s, start 1.400000
At least one output file must be specified
"""  # noqa: W291 - ffmpeg writes the spaces

# The sound is in a group; ffmpeg shows the streams of a group with -v verbose only.
MP4_WITH_STREAM_GROUPS = """\
Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'im.mp4':
  Metadata:
    major_brand     : isom
    title           : Holiday
  Duration: 00:00:02.00, start: 0.000000, bitrate: 931 kb/s
  Stream group #0:0[0x1]: IAMF Audio Element:
    Metadata:
      handler_name    : SoundHandler
    Layer 0: stereo
  Stream group #0:1[0x3]: IAMF Mix Presentation:
    Metadata:
      handler_name    : SoundHandler
    Annotations:
      en-us           : Mix
    Submix 0:
      IAMF Audio Element #0:0[0x1]
        Annotations:
          en-us           : Scalable
      Layout #0: stereo
  Stream #0:0[0x1](und): Video: h264 (Constrained Baseline) (avc1 / 0x31637661), \
yuv420p(progressive), 160x90 [SAR 1:1 DAR 16:9], 342 kb/s, 29.97 fps, 29.97 tbr, 30k tbn (default)
    Metadata:
      handler_name    : VideoHandler
At least one output file must be specified
"""

NO_MEDIA = """\
[in#0 @ 0x557059cbfcc0] Error opening input: Invalid data found when processing input
Error opening input file file:notes.txt.
Error opening input files: Invalid data found when processing input
"""


def parsed(text):
    info = parse_media_info(text.splitlines(keepends=True))
    assert info is not None
    return info


def parsed_stream(line):
    """Read one stream line, such as ``(eng): Audio: aac, 48000 Hz, mono``."""
    return parsed(f"Input #0, mpegts, from 'a':\n  Stream #0:0{line}\n").streams[0]


def test_the_file():
    info = parsed(MP4_WITH_SPOOFING_COMMENT)
    assert info.format == "mov,mp4,m4a,3gp,3g2,mj2"
    assert info.duration == 2
    assert info.start == 0
    assert info.tags["title"] == "Holiday"
    assert info.chapters == 0


def test_the_streams():
    film, sound, cover = parsed(MP4_WITH_SPOOFING_COMMENT).streams
    assert (film.index, film.kind, film.codec, film.tag) == (0, "video", "h264", "avc1")
    assert (film.width, film.height, film.aspect) == (160, 90, 1)
    assert film.frame_rate == Fraction(30000, 1001)
    assert (film.language, film.disposition, film.rotation) == ("und", ("default",), -90)
    assert (sound.index, sound.kind, sound.codec, sound.language) == (1, "audio", "aac", "eng")
    assert (sound.sample_rate, sound.channels) == (48_000, 1)
    assert (cover.index, cover.codec, cover.disposition) == (2, "png", ("attached pic",))
    assert [stream.is_cover for stream in (film, sound, cover)] == [False, False, True]


def test_a_tag_cannot_pass_for_structure():
    info = parsed(MP4_WITH_SPOOFING_COMMENT)
    assert [stream.index for stream in info.streams] == [0, 1, 2]
    assert info.tags["comment"] == (
        "first line\n  Stream #0:7: Audio: aac, 48000 Hz, stereo\nDuration: 99:00:00.00, start: 5"
    )


def test_chapters_keep_their_tags_to_themselves():
    info = parsed(MKV_WITH_CHAPTERS)
    assert info.chapters == 2
    assert info.tags == {"title": "Chaptered", "ENCODER": "Lavf63.1.102"}
    assert [stream.kind for stream in info.streams] == ["video", "audio", "subtitle", "attachment"]


def test_streams_have_titles_and_dispositions():
    subtitle, font = parsed(MKV_WITH_CHAPTERS).streams[2:]
    assert (subtitle.codec, subtitle.language, subtitle.title) == ("subrip", "ger", "Deutsch")
    # "(srt)" is the name of the decoder.
    assert subtitle.disposition == ("forced", "hearing impaired")
    assert (font.codec, font.title, font.disposition) == ("none", None, ())


def test_tags_of_programs_belong_to_no_file_and_no_stream():
    info = parsed(TS_WITH_PROGRAMS)
    assert info.start == 1.4
    assert [stream.index for stream in info.streams] == [0, 1, 2]
    assert info.tags == {}
    assert info.stream_tags == {0: {}, 1: {}, 2: {}}


def test_tags_of_stream_groups_belong_to_no_file():
    info = parsed(MP4_WITH_STREAM_GROUPS)
    assert info.tags["title"] == "Holiday"
    assert "handler_name" not in info.tags
    assert [stream.index for stream in info.streams] == [0]


def test_a_file_name_cannot_pass_for_structure():
    first, rest = MP4_WITH_STREAM_GROUPS.split("im.mp4", 1)
    name = "a\n  Stream #0:5: Audio: mp3, 8000 Hz, mono\n.mp4"
    info = parse_media_info(f"{first}{name}{rest}".splitlines(), name)
    assert info is not None
    assert [stream.index for stream in info.streams] == [0]


def test_nothing_is_known_of_what_is_no_media():
    assert parse_media_info(NO_MEDIA.splitlines()) is None
    assert parse_media_info([]) is None


def test_tags_of_a_stream_count_where_the_file_has_none():
    info = parsed(MKV_WITH_CHAPTERS)
    assert info.merged_tags(2) == {
        "title": "Chaptered",
        "encoder": "Lavf63.1.102",
        "duration": "00:00:01.000000000",
    }
    assert info.merged_tags(99) == {"title": "Chaptered", "encoder": "Lavf63.1.102"}


@pytest.mark.parametrize(
    ("line", "disposition"),
    [
        (": Audio: aac (LC), 48000 Hz, stereo, fltp", ()),
        (": Audio: aac (LC), 48000 Hz, stereo, fltp (default)", ("default",)),
        (
            ": Audio: ac3, 48000 Hz, 5.1(side), fltp, 448 kb/s, start 0.083000 (dub) (comment)",
            ("dub", "comment"),
        ),
        (
            ": Audio: aac, 48000 Hz, mono, fltp (default) (non-diegetic)",
            ("default", "non-diegetic"),
        ),
        (": Video: mjpeg, yuvj420p, 32x32, 90k tbr, 90k tbn (still image)", ("still image",)),
        (": Subtitle: ass (ssa) (default)", ("default",)),
        (": Subtitle: dvd_subtitle (dvdsub), 720x576", ()),
        (": Data: none (tmcd / 0x64636D74), 0 kb/s (default)", ("default",)),
    ],
)
def test_dispositions(line, disposition):
    assert parsed_stream(line).disposition == disposition


@pytest.mark.parametrize(
    ("layout", "channels"),
    [
        ("mono", 1),
        ("stereo", 2),
        ("5.1", 6),
        ("5.1(side)", 6),
        ("7.1", 8),
        ("12 channels (FL+FR+...)", 12),
        ("hexagonal", 6),
        ("7.1(wide)", 8),
        ("3 channels (FL+FR+BC)", 3),
        ("ambisonic 1", None),
    ],
)
def test_channels(layout, channels):
    assert parsed_stream(f": Audio: flac, 44100 Hz, {layout}, s16").channels == channels


@pytest.mark.parametrize(
    ("rest", "aspect", "rate"),
    [
        ("vp8, yuv420p, 1280x720, SAR 1:1 DAR 16:9, 24 fps, 24 tbr, 1k tbn", 1, 24),
        ("dvvideo, yuv420p, 720x576 [SAR 16:15 DAR 4:3], 25 fps", Fraction(16, 15), 25),
        ("h264, yuv420p, 720x576 [SAR 0:1 DAR 0:1], 50 tbr, 90k tbn", 1, 50),
        ("h264, yuv420p, 720x480, 29.83 fps, 29.83 tbr", 1, Fraction(2983, 100)),
        ("h264, yuv420p, 720x480, 1k fps", 1, 1000),
    ],
)
def test_pictures(rest, aspect, rate):
    stream = parsed_stream(f": Video: {rest}")
    assert (stream.aspect, stream.frame_rate) == (aspect, rate)
    assert stream.width in (720, 1280)


def test_a_duration_that_is_not_known():
    info = parsed("Input #0, h264, from 'a':\n  Duration: N/A, bitrate: N/A\n")
    assert info.duration is None
    assert info.start == 0


def test_a_long_duration_and_an_early_start():
    info = parsed("Input #0, mov, from 'a':\n  Duration: 101:02:03.50, start: -0.021333, bitrate\n")
    assert info.duration == 101 * 3600 + 2 * 60 + 3.5
    assert info.start == -0.021333


def test_tags_may_be_empty_or_hold_colons():
    lines = "    artist          : a: b\n    empty           : \n"
    tags = parsed(f"Input #0, ogg, from 'a':\n  Metadata:\n{lines}").tags
    assert tags == {"artist": "a: b", "empty": ""}


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("23.98", Fraction(24000, 1001)),
        ("24", Fraction(24)),
        ("29.97", Fraction(30000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        ("119.88", Fraction(120000, 1001)),
        ("12.50", Fraction(25, 2)),
        ("1k", Fraction(1000)),
        ("0", Fraction(0)),
    ],
)
def test_frame_rates_are_exact(text, rate):
    assert exact_rate(text) == rate


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        ("yuv420p", ("yuv420p", None, None, False)),
        ("yuv420p(tv, bt709, progressive)", ("yuv420p", None, None, False)),
        (
            "yuv420p10le(tv, bt2020nc/bt2020/smpte2084, progressive, left)",
            ("yuv420p10le", "bt2020", "smpte2084", False),
        ),
        (
            "yuv420p10le(bt2020nc/unknown/arib-std-b67)",
            ("yuv420p10le", None, "arib-std-b67", False),
        ),
        ("yuv420p(tv, bt470bg/unknown/unknown, top first)", ("yuv420p", None, None, True)),
        ("gray10le(pc, bottom first)", ("gray10le", None, None, True)),
        ("yuva444p12le(tv, top coded first)", ("yuva444p12le", None, None, True)),
    ],
)
def test_pixels_and_colours(pixels, expected):
    found = parsed_stream(
        f": Video: prores (4444) (ap4h / 0x68347061), {pixels}, 640x480 [SAR 1:1], 25 fps"
    )
    assert expected == (
        found.pixel_format,
        found.colour_primaries,
        found.colour_transfer,
        found.interlaced,
    )
