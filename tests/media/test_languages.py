"""Languages stay what they were, also in QuickTime, which has numbers for some only."""

from pathlib import Path

import numpy as np
import pytest

from musify import Soundtrack, get_backend, notices, probe
from musify._quicktime import QUICKTIME_LANGUAGES

pytestmark = pytest.mark.media

SILENCE = Soundtrack(48_000, 2, 48_000, lambda: iter([np.zeros((48_000, 2), np.float32)]))
# As both kinds of code, where there are two.
CODES = sorted({*QUICKTIME_LANGUAGES, *QUICKTIME_LANGUAGES.values(), "eng", "pol", "ces"})


@pytest.fixture(scope="session")
def many(make_clip) -> Path:
    """A film, and a sound for each language; the first is German."""
    codes = ["deu", *CODES]
    args = ["-f", "lavfi", "-i", "testsrc2=s=64x36:r=25:d=1"]
    args += ["-f", "lavfi", "-i", "sine=220:d=1:r=8000", "-map", "0:v"]
    for place, code in enumerate(codes):
        args += ["-map", "1:a", f"-metadata:s:a:{place}", f"language={code}"]
    args += ["-metadata:s:v:0", "language=swe"]
    return make_clip("many.mp4", *args, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac")


def added(video: Path, output: Path, **options) -> tuple[list, list[str]]:
    with notices.collect_notices() as said:
        get_backend("audio_muxer", "ffmpeg").mux(probe(video), SILENCE, output, **options)
    return [stream.language for stream in probe(output).streams], said


def same(language: str) -> str:
    return QUICKTIME_LANGUAGES.get(language, language)


@pytest.mark.parametrize("ending", ["mov", "mp4"])
def test_every_language_is_kept(many: Path, tmp_path: Path, ending: str) -> None:
    found, said = added(many, tmp_path / f"o.{ending}")
    expected = ["swe", "deu", "deu", *CODES]  # the new sound is the second
    assert found == ([same(code) for code in expected] if ending == "mov" else expected)
    assert said == []


def test_subtitles_keep_theirs(make_clip, tmp_path: Path) -> None:
    text = tmp_path / "words.srt"
    text.write_text("1\n00:00:00,000 --> 00:00:01,000\nHej\n")
    clip = make_clip(
        "swedish.mp4",
        *("-f", "lavfi", "-i", "testsrc2=s=64x36:r=25:d=1", "-i", text),
        *("-c:s", "mov_text", "-metadata:s:s:0", "language=swe"),
    )
    found, said = added(clip, tmp_path / "o.mov")
    assert found == [None, None, "sve"]
    assert said == []


@pytest.mark.parametrize(("ending", "kept"), [("mov", None), ("mp4", "hrv"), ("mkv", "hrv")])
def test_a_language_that_is_lost_is_told(make_clip, tmp_path, ending, kept) -> None:
    clip = make_clip(
        "croatian.mp4",
        *("-f", "lavfi", "-i", "testsrc2=s=64x36:r=25:d=1"),
        *("-f", "lavfi", "-i", "sine=220:d=1:r=8000", "-metadata:s:a:0", "language=hrv"),
    )
    found, said = added(clip, tmp_path / f"o.{ending}")
    assert found[1:] == [kept, kept]
    if kept is None:
        (words,) = said
        assert "hrv" in words
        assert "o.mov" in words
    else:
        assert said == []
