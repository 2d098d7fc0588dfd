import numpy as np
import pytest

from musify import CancelledError, CancelToken, ParameterError, Progress, Soundtrack, print_progress
from musify.progress import in_turns, listener, listening, share, tell


@pytest.mark.parametrize(
    ("done", "total", "share"), [(0, 4, 0), (1, 4, 0.25), (4, 4, 1), (0, 0, 1)]
)
def test_fraction(done, total, share):
    assert Progress("mux", done, total).fraction == share


@pytest.mark.parametrize(("done", "total"), [(-1, 4), (5, 4), (float("nan"), 4), (0, float("nan"))])
def test_refused(done, total):
    with pytest.raises(ParameterError, match="0 <= done <= total"):
        Progress("mux", done, total)


def test_one_line_a_stage_is_rewritten_in_place(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    print_progress(Progress("mux", 1, 4))
    print_progress(Progress("mux", 4, 4))
    shown = capsys.readouterr()
    assert shown.err == "\rmux         25%\rmux        100%\n"
    assert shown.out == ""


def test_where_nothing_can_be_rewritten_only_the_end_is_told(capsys):
    for done in (1, 2, 4):
        print_progress(Progress("mux", done, 4))
    assert capsys.readouterr().err == "mux done\n"


def test_what_is_unchanged_is_not_written_again(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    for done in (1, 1.0001, 2, 4, 4):
        print_progress(Progress("level", done, 4))
    assert capsys.readouterr().err.count("\r") == 4


def test_a_step_tells_its_share_of_a_stage():
    told = []
    step = share(told.append, 0.25, 0.75)
    for done in (0, 2, 4):
        step(Progress("audit", done, 4))
    assert [progress.done for progress in told] == [1, 2, 3]
    assert share(None, 0, 1) is None


def test_turns_of_which_nobody_knows_how_many_go_on_and_on():
    told = []
    step = in_turns(told.append, 4)
    for done in (2, 4, 2, 4, 1, 4, 4, 1, 4, 1, 4):
        step(Progress("play", done, 4))
    done = [progress.done for progress in told]
    assert done[:4] == [0.5, 1, 1.5, 2]
    assert done[-1] == 4
    assert in_turns(None, 4) is None


def test_who_listens_is_heard_from_within_and_not_beyond():
    """What a sound needs before its first block reaches whoever listens to that sound."""
    told = []

    def source():
        tell(listener(), "play", 1, 1)
        yield np.zeros((8, 2), np.float32)
        tell(listener(), "play", 1, 1)

    sound = Soundtrack(8, 2, 8, source).told(told.append)
    blocks = sound.blocks()
    next(blocks)
    assert listener() is None  # whoever takes blocks has listeners of their own
    assert [*blocks] == []
    assert [progress.stage for progress in told] == ["play", "render", "play", "render"]
    with listening(None):
        assert listener() is None


def test_whoever_is_told_may_cancel_the_last_time_too():
    token = CancelToken()
    with token, pytest.raises(CancelledError):
        tell(lambda progress: token.cancel(), "mux", 1, 1)
