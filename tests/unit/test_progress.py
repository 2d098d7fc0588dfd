import pytest

from musify import ParameterError, Progress, print_progress


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
