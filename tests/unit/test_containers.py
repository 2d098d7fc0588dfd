from pathlib import Path

import pytest

from musify import OutputError, StreamInfo
from musify._containers import CONTAINERS, container_of, refuse_stuck

FILM = StreamInfo(0, "video", "h264")
VP9 = StreamInfo(0, "video", "vp9")
COVER = StreamInfo(1, "video", "png", disposition=("attached pic",))
FONT = StreamInfo(2, "attachment", "ttf")
TEXT = StreamInfo(3, "subtitle", "mov_text")
SRT = StreamInfo(3, "subtitle", "subrip")
TIMECODE = StreamInfo(4, "data", "bin_data")
UNKNOWN_DATA = StreamInfo(4, "data", "none")


@pytest.mark.parametrize(
    ("ending", "carried", "refused"),
    [
        (".mp4", [FILM, COVER, TEXT, TIMECODE], [FONT, SRT, UNKNOWN_DATA]),
        (".m4v", [FILM, COVER, TEXT, TIMECODE], [FONT, SRT, UNKNOWN_DATA]),
        (".mov", [FILM, TEXT, TIMECODE], [COVER, FONT, SRT, UNKNOWN_DATA]),
        (".mkv", [FILM, VP9, COVER, FONT, SRT], [TEXT, TIMECODE]),
        (".webm", [VP9], [FILM, COVER, FONT, SRT, TEXT, TIMECODE]),
    ],
)
def test_what_each_container_carries(ending, carried, refused):
    container = CONTAINERS[ending]
    assert [stream.codec for stream in carried if not container.carries(stream)] == []
    assert [stream.codec for stream in refused if container.carries(stream)] == []


def test_the_ending_chooses_in_any_case():
    assert container_of(Path("A.MKV")).format == "matroska"


@pytest.mark.parametrize("name", ["film", "film.avi", "film.mp4.part"])
def test_an_ending_that_is_not_known(name):
    with pytest.raises(OutputError, match=r"musify writes \.mp4, \.m4v, \.mov, \.mkv, \.webm"):
        container_of(Path(name))


def test_streams_that_do_not_fit_are_named_with_what_carries_them():
    with pytest.raises(OutputError) as caught:
        refuse_stuck(lambda _: [FILM, COVER], Path("film.webm"), CONTAINERS[".webm"])
    message = str(caught.value)
    assert ".webm cannot carry the streams 0 (video, h264), 1 (cover art, png)" in message
    assert message.endswith("name the output .mp4 or .m4v or .mkv")


def test_streams_that_nothing_carries_together():
    with pytest.raises(OutputError, match="no ending carries them all"):
        refuse_stuck(lambda _: [FONT, TIMECODE], Path("film.mp4"), CONTAINERS[".mp4"])
