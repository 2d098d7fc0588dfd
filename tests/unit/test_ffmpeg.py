import pickle
from pathlib import Path

import imageio_ffmpeg
import pytest

from musify import FFmpegError, _ffmpeg
from musify._ffmpeg_words import InputFilterError, failure


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
    error = failure("failed", code, ["ffmpeg", "-i"], tail)
    assert type(error) is FFmpegError
    assert str(error) == message
    assert error.command == ("ffmpeg", "-i")
    assert (error.returncode, error.stderr_tail) == (code, tuple(tail))


def test_a_build_that_takes_no_filter_on_an_input_is_known_by_its_words():
    # Of ffmpeg 4.2.2.
    said = (
        "[error] Option bsf:v (A comma-separated list of bitstream filters) cannot be applied to "
        "input url file:a.mp4 -- you are trying to apply an input option to an output file or vice "
        "versa. Move this option before the file it belongs to."
    )
    tail = [said, "[error] Error parsing options for input file file:a.mp4."]
    error = failure("failed", 1, [], tail)
    assert isinstance(error, InputFilterError)
    assert type(pickle.loads(pickle.dumps(error))) is InputFilterError
    named_so = failure("failed", 1, [], ["Error opening input file my-bsf:v.mp4."])
    assert not isinstance(named_so, InputFilterError)
