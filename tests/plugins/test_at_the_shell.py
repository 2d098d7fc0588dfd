"""What the shell says where a part is wrong, or was asked for wrongly."""

from contextlib import nullcontext

import pytest
from typer.testing import CliRunner

from musify import EmptyLibraryError, MissingExtraError
from musify._how_to import at_the_shell
from musify.cli import make_app
from musify.libraries import default_library, usable_songs

PLUGIN = """
import musify

class Sour(musify.MoodClassifier):
    labels = ("calm",)

    def __init__(self):
        open("/nowhere/model.onnx")

    def classify(self, samples): ...

@musify.hookimpl
def musify_mood_classifiers():
    yield musify.BackendSpec("sour", Sour)
"""


def shell(*words, code):
    done = CliRunner(env={"COLUMNS": "300", "TERM": "dumb"}).invoke(make_app(), words)
    assert done.exit_code == code, done.output
    return done.stderr


@pytest.mark.parametrize(("more", "is_traced"), [((), False), (("-v",), True)])
def test_the_author_of_a_part_is_shown_where(install, more, is_traced):
    install("musify-hue", PLUGIN)
    said = shell(*more, "analyze", "film.mp4", "--classifier", "sour", code=4)
    assert said.endswith(
        "error: the mood_classifier 'sour' (musify-hue 0.1) cannot be made: FileNotFoundError: "
        "[Errno 2] No such file or directory: '/nowhere/model.onnx' (musify_hue.py:8 in __init__)\n"
    )
    assert ("Traceback" in said, 'open("/nowhere/model.onnx")' in said) == (is_traced, is_traced)


def test_errors_of_the_user_are_traced_for_developers_only():
    words = ("analyze", "film.mp4", "--mood", "frobnicate")
    assert "Traceback" not in shell("-v", *words, code=2)
    assert "Traceback" in shell("-vv", *words, code=2)


def test_the_shell_speaks_no_python(monkeypatch):
    said = shell("analyze", "film.mp4", "--mood", "frobnicate", code=2)
    assert said.endswith("; or give a point: --mood frobnicate=0.2,-0.3\n")
    assert "Mood" not in said
    said = shell("new-plugin", "x", "--kind", "foo", code=2)
    assert "'foo' is not one of 'frame_sampler'" in said
    assert "Value error" not in said
    monkeypatch.delenv("CLARIFAI_PAT", raising=False)
    said = shell("analyze", "film.mp4", "--classifier", "clarifai", code=6)
    assert said.startswith("error: no key: set CLARIFAI_PAT; ")


def test_songs_are_asked_for_in_the_words_of_who_asks(monkeypatch):
    def none(kind, name):
        raise MissingExtraError("no pack")

    monkeypatch.setattr("musify.libraries.get_backend", none)
    for speech, words in (
        (at_the_shell(), "--library path/to/songs"),
        (nullcontext(), "library='path/to/songs'"),
    ):
        with speech:
            with pytest.raises(EmptyLibraryError, match=f"give {words}, or install"):
                usable_songs(None)
            with pytest.raises(MissingExtraError, match=f"\nor give your own songs: {words}$"):
                default_library()
