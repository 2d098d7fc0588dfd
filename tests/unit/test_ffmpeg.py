from pathlib import Path

import imageio_ffmpeg
import pytest

from musify import FFmpegError, _ffmpeg


def test_a_path_cannot_pass_for_an_option_or_a_protocol():
    assert _ffmpeg.file_url("-y") == "file:-y"
    assert _ffmpeg.file_url(Path("a:b.mp4")) == "file:a:b.mp4"


def test_a_missing_ffmpeg_says_how_to_get_one(monkeypatch):
    monkeypatch.delenv("IMAGEIO_FFMPEG_EXE", raising=False)

    def refuse():
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", refuse)
    with pytest.raises(FFmpegError, match=r"none was found; install it with: pip install") as error:
        _ffmpeg.executable()
    assert error.value.returncode is None


def test_its_own_words_come_without_addresses_and_empty_phrases():
    lines = [
        "[h264 @ 0x55d0e3f7a080] no frame!",
        "",
        "[in#0/matroska,webm @ 0x55d0e3f7a080] Invalid data",
        "[h264 @ 0x55d0e3f7b000] no frame!",
        "At least one output file must be specified",
    ]
    assert _ffmpeg.own_words(lines) == "no frame!; Invalid data"
    assert _ffmpeg.own_words(lines, 1) == "no frame!"
    assert _ffmpeg.own_words([]) == ""


@pytest.mark.parametrize(
    ("code", "tail", "message"),
    [
        (1, ["bad"], "ffmpeg failed (exit status 1): bad"),
        (1, [], "ffmpeg failed (exit status 1)"),
        (-9, ["bad"], "ffmpeg was killed by signal 9: bad"),
    ],
)
def test_how_it_ended(code, tail, message):
    assert _ffmpeg.describe_failure("failed", code, tail) == message
