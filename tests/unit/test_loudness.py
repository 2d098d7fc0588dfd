from pathlib import Path

import pytest

from musify import AudioDecodeError, FFmpegError, _ffmpeg
from musify.audio.loudness import measure_loudness

SUMMARY = """\
[Parsed_ebur128_0 @ 0x5581f4] Summary:

  Integrated loudness:
    I:         {loudness} LUFS
    Threshold: -32.2 LUFS

  Loudness range:
    LRA:         3.2 LU
"""


@pytest.mark.parametrize(
    ("printed", "loudness"),
    # Below the absolute gate of -70 LUFS nothing counts as sound.
    [("-21.8", -21.8), ("0.3", 0.3), ("-70.0", None), ("-inf", None), ("nan", None)],
)
def test_the_summary_is_read(monkeypatch, printed, loudness):
    lines = SUMMARY.format(loudness=printed).splitlines()
    monkeypatch.setattr(_ffmpeg, "run", lambda args: (b"", lines))
    assert measure_loudness(Path("a.wav")) == loudness


def test_a_file_that_cannot_be_decoded(monkeypatch):
    def run(args):
        raise FFmpegError("ffmpeg failed", returncode=1)

    monkeypatch.setattr(_ffmpeg, "run", run)
    with pytest.raises(AudioDecodeError, match=r"cannot measure how loud 'a\.wav' is: ffmpeg"):
        measure_loudness(Path("a.wav"))


def test_a_missing_ffmpeg_is_told_as_such(monkeypatch):
    def run(args):
        raise FFmpegError("ffmpeg cannot be started")

    monkeypatch.setattr(_ffmpeg, "run", run)
    with pytest.raises(FFmpegError, match="cannot be started"):
        measure_loudness(Path("a.wav"))
