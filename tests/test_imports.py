"""``import musify`` is quick: what is heavy is loaded when it is used."""

from pathlib import Path

import pytest

from musify.cli import COMMANDS, make_app

HEAVY = (
    "av",
    "clarifai_grpc",
    "google.protobuf",
    "grpc",
    "httpcore",
    "httpx",
    "imagehash",
    "immich_memories_music",
    "imageio_ffmpeg",
    "matplotlib",
    "mido",
    "onnxruntime",
    "PIL",
    "pydub",
    "rich",
    "scipy",
    "typer",
)


@pytest.fixture
def loaded(pytestconfig):
    """Return the names of modules that are loaded after some code ran in a fresh interpreter."""
    # With --import-mode=importlib no test can import a conftest; pytest knows it by its path.
    outer = pytestconfig.pluginmanager.get_plugin(str(Path(__file__).with_name("conftest.py")))

    def run(code):
        done = outer.run_python(f"{code}\nimport sys\nprint(*sys.modules)")
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return set(done.stdout.split())

    return run


@pytest.mark.parametrize(
    "code",
    [
        "import musify",
        "import musify; musify.list_backends()",
        "import musify; musify.get_backend('mood_aggregator', 'scenes')",
        "import musify; musify.CueSheet.from_json(musify.CueSheet((), 1.0).to_json())",
    ],
)
def test_nothing_heavy_is_loaded(loaded, code):
    assert loaded(code) & set(HEAVY) == set()


@pytest.mark.parametrize(
    ("words", "not_loaded"),
    [
        (["--version"], {"numpy", "musify.pipeline", "musify.plugins"}),
        (["-v", "backends"], {"musify.pipeline", "musify.audio", "musify.vision"}),
        (["check"], {"musify.pipeline", "musify.vision"}),
        (["add"], {"musify.vision.training", "httpx", "onnxruntime", "matplotlib"}),
    ],
)
def test_a_command_loads_what_it_needs(loaded, words, not_loaded):
    modules = loaded(f"from musify.cli import make_app; make_app({words})")
    assert modules & not_loaded == set()


def test_every_command_stands_where_it_is_said_to():
    import typer

    whole = typer.main.get_command(make_app())
    assert set(whole.commands) == set(COMMANDS)
    for words in (["--help", "add"], ["-v", "--help"], ["ad", "--version"], []):
        assert set(typer.main.get_command(make_app(words)).commands) == set(COMMANDS)
    for name in COMMANDS:
        app = make_app(["-v", name, "--help"])
        names = [one.name or one.callback.__name__ for one in app.registered_commands]
        assert [*names, *(group.name for group in app.registered_groups)] == [name]


def test_backends_are_loaded_when_they_are_asked_for(loaded):
    modules = loaded("import musify; musify.list_backends()")
    assert "musify.backends._builtin" in modules
    assert not {
        name for name in modules if name.startswith("musify.backends.") and "_b" not in name
    }


@pytest.mark.parametrize("name", ["openverse", "jamendo"])
def test_a_backend_of_an_extra_says_what_to_install(loaded, name):
    loaded(
        "import sys\nsys.modules['httpx'] = None\n"
        "import musify\n"
        "try:\n"
        f"    musify.get_backend('song_library', {name!r})\n"
        "except musify.MissingExtraError as error:\n"
        "    assert 'musify-video[online]' in str(error), error\n"
        "else:\n"
        "    sys.exit('made without httpx')\n"
        "assert 'openverse' in [backend.name for backend in musify.list_backends('song_library')]"
    )


@pytest.mark.parametrize("missing", ["httpx", "imagehash", "PIL"])
def test_collecting_says_what_to_install(loaded, tmp_path, missing):
    loaded(
        f"import sys\nsys.modules[{missing!r}] = None\n"
        "import musify\n"
        "try:\n"
        f"    musify.collect_pictures({str(tmp_path / 'out')!r})\n"
        "except musify.MissingExtraError as error:\n"
        "    assert 'musify-video[online]' in str(error), error\n"
        "else:\n"
        "    sys.exit('made without it')\n"
    )
    assert not (tmp_path / "out").exists()


def test_the_plugin_kit_needs_pytest_for_its_classes_alone(loaded):
    assert not loaded("import musify.testing") & {"pytest", "_pytest", "psutil"}
    assert "pytest" in loaded("from musify.testing import MoodClassifierContract")


def test_without_pytest_its_classes_say_what_to_install(loaded):
    loaded(
        "import sys\nsys.modules['pytest'] = None\n"
        "import musify.testing\n"
        "from musify import MissingExtraError\n"
        "try: musify.testing.SongLibraryContract\n"
        "except MissingExtraError as error: assert 'musify-video[testing]' in str(error)\n"
        "else: raise SystemExit('no error')"
    )


def test_networks_report_to_nobody(pytestconfig, tmp_path):
    """Some builds of onnxruntime would, and leave a file that names the session."""
    outer = pytestconfig.pluginmanager.get_plugin(str(Path(__file__).with_name("conftest.py")))
    code = (
        "import os; os.environ.pop('ORT_DISABLE_TELEMETRY', None)\n"
        "from musify._onnx_file import load_onnxruntime; load_onnxruntime()"
    )
    done = outer.run_python(code, env={"TMPDIR": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []
