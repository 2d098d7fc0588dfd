"""What a run writes into its log: steps and how long they took, and no error that it raises."""

import logging
import re

import pytest

import musify
from musify import Cue, CueSheet, Pipeline, SourceRange, Track

pytestmark = pytest.mark.media


def test_a_run_tells_its_steps(tiny_video, songs, tmp_path, caplog):
    caplog.set_level(logging.DEBUG, logger="musify")
    track = Track(songs / "calm" / "calm.wav", 3.0)
    plan = CueSheet([Cue(0, 3, track, [SourceRange(0, 3)])], 12.0, video=tiny_video)
    result = Pipeline(audited=False).render(plan, tmp_path / "out.mp4")
    told = [record for record in caplog.records if record.levelno == logging.INFO]
    assert {record.name for record in caplog.records} == {"musify._run", "musify._ffmpeg"}
    took = [re.fullmatch(r"(\w+) took (\d+\.\d\d) s", record.getMessage()) for record in told]
    assert {found[1]: float(found[2]) for found in took if found} == {
        name: pytest.approx(seconds, abs=0.006) for name, seconds in result.seconds.items()
    }
    assert re.fullmatch(r"done in \d+\.\d\d s, with 0 notices", told[-1].getMessage())
    # Commands can be copied from the log to a shell.
    commands = [record.getMessage() for record in caplog.records if record.name.endswith("_ffmpeg")]
    assert any(" -f mp4 " in command or "out" in command for command in commands)


def test_what_is_raised_is_not_warned_of_too(tmp_path, caplog):
    caplog.set_level(logging.DEBUG, logger="musify")
    with pytest.raises(musify.VideoOpenError) as caught:
        musify.add_music(tmp_path / "no.mp4", tmp_path / "out.mp4")
    assert "VideoOpenError ended probe" in caplog.text
    assert str(caught.value) not in caplog.text
    assert max(record.levelno for record in caplog.records) == logging.INFO


def test_what_is_told_in_the_log_stands_in_the_result(silent_video, songs, tmp_path, caplog):
    """A warning is what somebody can act on, and is told once."""
    track = Track(songs / "calm" / "calm.wav", 3.0)
    plan = CueSheet(
        [Cue(0, 3, track, [SourceRange(0, 3)], gain_db=-120)], 8.0, video=silent_video,
        loudness_lufs=-5.0,
    )  # fmt: skip
    result = Pipeline(audited=False).render(plan, tmp_path / "out.mp4")
    warned = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert warned == list(result.warnings)
    assert len(warned) == 1


def test_importing_configures_no_logging(run_python):
    code = (
        "import logging; before = logging.root.handlers[:], logging.root.level\n"
        "import musify; musify.probe, musify.Pipeline()\n"
        "assert (logging.root.handlers, logging.root.level) == before\n"
        "own = logging.getLogger('musify')\n"
        "assert [type(one).__name__ for one in own.handlers] == ['NullHandler'], own.handlers\n"
        "assert own.propagate and own.level == logging.NOTSET\n"
        "musify.notify('something'); print('quiet')"
    )
    done = run_python(code)
    assert done.returncode == 0, done.stderr
    assert (done.stdout, done.stderr) == ("quiet\n", "")
