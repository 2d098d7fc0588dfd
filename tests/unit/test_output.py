import errno
import os
import tempfile

import pytest

from musify import OutputError, VideoOpenError
from musify._output import check_output, finished_file, finished_files


@pytest.fixture
def target(tmp_path):
    return tmp_path / "out.mp4"


def test_a_file_appears_when_it_is_whole(target):
    with finished_file(target, overwrite=False) as partial:
        partial.write_text("whole")
        assert not target.exists()
        # ffmpeg chooses the container by the ending; renaming works on one file system only.
        assert (partial.parent, partial.suffix) == (target.parent, ".mp4")
    assert target.read_text() == "whole"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, VideoOpenError])
def test_nothing_is_left_of_a_file_that_was_not_finished(target, error):
    def write_half():
        with finished_file(target, overwrite=True) as partial:
            partial.write_text("half")
            raise error

    with pytest.raises(error):
        write_half()
    assert list(target.parent.iterdir()) == []


def test_the_old_file_stays_until_the_new_one_is_whole(target):
    target.write_text("old")
    with finished_file(target, overwrite=True) as partial:
        partial.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"


@pytest.mark.parametrize("has_links", [True, False])
def test_a_file_that_somebody_makes_meanwhile_is_not_replaced(target, monkeypatch, has_links):
    if not has_links:
        monkeypatch.setattr(os, "link", lambda *paths: (_ for _ in ()).throw(OSError("no links")))

    def write_too_late():
        with finished_file(target, overwrite=False) as partial:
            partial.write_text("mine")
            target.write_text("theirs")

    with pytest.raises(OutputError, match="made by somebody else meanwhile"):
        write_too_late()
    assert target.read_text() == "theirs"
    assert list(target.parent.iterdir()) == [target]


def test_a_file_system_without_links_will_do(target, monkeypatch):
    monkeypatch.setattr(os, "link", lambda *paths: (_ for _ in ()).throw(OSError("no links")))
    with finished_file(target, overwrite=False) as partial:
        partial.write_text("whole")
    assert list(target.parent.iterdir()) == [target]


def test_what_goes_wrong_inside_is_not_blamed_on_the_output(target):
    with pytest.raises(BrokenPipeError), finished_file(target, overwrite=False):
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
    assert not target.exists()


def test_a_name_that_is_too_long(tmp_path):
    with pytest.raises(OutputError, match="name too long"):
        check_output(tmp_path / ("a" * 300 + ".mp4"), overwrite=False)


def test_a_link_that_leads_nowhere_exists(target, tmp_path):
    target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="exists"):
        check_output(target, overwrite=False)


def test_the_longest_name_works(tmp_path):
    target = tmp_path / ("a" * 251 + ".mp4")
    with finished_file(target, overwrite=False) as partial:
        partial.write_text("whole")
    assert target.exists()


def test_an_existing_output_is_an_error(target):
    target.touch()
    with pytest.raises(OutputError, match=r"exists; pass overwrite=True \(--overwrite\)"):
        check_output(target, overwrite=False)
    assert check_output(target, overwrite=True) == target


@pytest.mark.parametrize("link", [os.symlink, os.link, None], ids=["symbolic", "hard", "same"])
def test_the_input_is_never_the_output(target, tmp_path, link):
    target.write_text("film")
    output = target if link is None else tmp_path / "link.mp4"
    if link is not None:
        link(target, output)
    with pytest.raises(OutputError, match="is an input; musify never changes its input"):
        check_output(output, overwrite=True, inputs=(tmp_path / "other", target))


def test_a_folder_is_no_output(tmp_path):
    with pytest.raises(OutputError, match="is a folder; give the name of a file in it"):
        check_output(tmp_path, overwrite=True)


def test_the_folder_must_exist(tmp_path):
    with pytest.raises(OutputError, match=r"the folder '.*none' of the output does not exist"):
        check_output(tmp_path / "none" / "a.mp4", overwrite=False)


def test_a_folder_that_cannot_be_written_is_told_early(target, monkeypatch):
    def refuse(*args, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    # Whoever runs the tests may be allowed everything, so the system is asked in vain.
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(OutputError, match=r"cannot write into '.*': Permission denied"):
        check_output(target, overwrite=False)


def test_several_files_appear_together(tmp_path):
    paths = [tmp_path / "a.wav", tmp_path / "b.mid"]
    paths[0].write_text("old")
    with finished_files(paths, overwrite=True) as partials:
        for partial in partials:
            partial.write_text("new")
        assert [partial.suffix for partial in partials] == [".wav", ".mid"]
        assert not paths[1].exists()
    assert [path.read_text() for path in paths] == ["new", "new"]
    assert sorted(tmp_path.iterdir()) == paths


@pytest.mark.parametrize("has_links", [True, False])
def test_none_of_several_files_appears_where_one_cannot(tmp_path, monkeypatch, has_links):
    if not has_links:
        monkeypatch.setattr(os, "link", lambda *paths: (_ for _ in ()).throw(OSError("no links")))
    paths = [tmp_path / "a.wav", tmp_path / "b.mid", tmp_path / "c.json"]

    def write_too_late():
        with finished_files(paths, overwrite=False) as partials:
            for partial in partials:
                partial.write_text("mine")
            paths[1].write_text("theirs")

    with pytest.raises(OutputError, match="made by somebody else meanwhile"):
        write_too_late()
    assert list(tmp_path.iterdir()) == [paths[1]]
    assert paths[1].read_text() == "theirs"


def test_what_was_replaced_comes_back_where_another_cannot_be_written(tmp_path):
    paths = [tmp_path / "a.wav", tmp_path / "b.mid"]
    paths[0].write_text("old")

    def forget_one():
        with finished_files(paths, overwrite=True) as (first, _):
            first.write_text("new")

    with pytest.raises(OutputError, match="cannot write"):
        forget_one()
    assert list(tmp_path.iterdir()) == paths[:1]
    assert paths[0].read_text() == "old"


def test_two_outputs_of_one_name_are_refused(tmp_path):
    with (
        pytest.raises(OutputError, match="is named twice"),
        finished_files([tmp_path / "a", tmp_path / "a"], overwrite=True),
    ):
        pass
