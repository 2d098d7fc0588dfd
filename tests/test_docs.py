"""The docs are true: every block of code runs, and nothing public is missing from the reference."""

import doctest
import importlib
import inspect
import logging
import pkgutil
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import musify
import musify.testing
from musify import cli, errors, hookspecs
from musify._entry import SIGNAL_CODES
from musify._registry import DISABLE_VARIABLE, HOOKS, STRICT_VARIABLE
from musify._shell import EXIT_CODES
from musify._shell_output import UNREAD
from musify.clarifai import access
from musify.online.mood_words import mood_table
from stand_ins.clarifai_server import KEY, ClarifaiServer
from stand_ins.music_services import Openverse, Song
from stand_ins.picture_services import OpenversePictures

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(python|shell)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def holiday(media_dir: Path) -> Path:
    return musify.testing.tiny_video(media_dir / "holiday.mp4", seconds=8)


@pytest.fixture
def workplace(
    tmp_path: Path,
    holiday: Path,
    songs: Path,
    pictures: Path,
    make_clip: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A folder with the files that the docs speak of."""
    (tmp_path / "holiday.mp4").write_bytes(holiday.read_bytes())
    (tmp_path / "talk.mp4").symlink_to(tmp_path / "holiday.mp4")
    beat = "sine=f=330:b=2:d=40:r=48000"
    (tmp_path / "song.mp3").symlink_to(make_clip("song.mp3", "-f", "lavfi", "-i", beat))
    (tmp_path / "songs").symlink_to(songs)
    (tmp_path / "pictures").symlink_to(pictures)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def clarifai_at_hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a server on this machine stand in for Clarifai, with an app of the docs' user."""
    with ClarifaiServer(apps=("my-films",), keeps_calls=False) as server:
        monkeypatch.setenv("CLARIFAI_PAT", KEY)
        monkeypatch.setenv("CLARIFAI_GRPC_BASE", server.base)
        yield


@pytest.fixture
def web_at_hand(songs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Let servers on this machine stand in for Openverse, with songs of any mood or pictures."""
    monkeypatch.setenv("MUSIFY_CACHE_DIR", str(tmp_path / "cache"))
    on_offer = [
        Song(
            f"n-{place}",
            f"Song {place}",
            tags=(*mood_table()[name].songs, "instrumental"),
            content=(songs / "calm" / "calm.wav").read_bytes(),
            kind="audio/x-wav",
        )
        for place, name in enumerate(mood_table())
    ]
    with Openverse(*on_offer) as service, OpenversePictures() as pictures:
        service.on("/v1/images/", pictures._images)
        monkeypatch.setenv("MUSIFY_OPENVERSE_URL", service.base_url)
        yield


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """Take back what a page tells its readers to do to logging."""
    loggers = logging.getLogger(), logging.getLogger("musify")
    before = [(logger, logger.level, logger.handlers[:]) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


# Run from top to bottom, in an environment of its own, by test_plugin_kit.py.
RUN_ELSEWHERE = {"your-first-plugin"}


@pytest.mark.media
@pytest.mark.usefixtures("logging_as_before")
@pytest.mark.parametrize(
    "file",
    [p for p in PAGES if BLOCK.search(p.read_text("utf-8")) and p.stem not in RUN_ELSEWHERE],
    ids=lambda p: p.stem,
)
def test_every_block_runs(file: Path, workplace: Path, request: pytest.FixtureRequest) -> None:
    if "clarifai" in file.stem:
        request.getfixturevalue("clarifai_at_hand")
    if file.stem in ("collect-pictures", "music-from-openverse-and-jamendo"):
        request.getfixturevalue("web_at_hand")
    names: dict[str, object] = {"__name__": file.stem}
    ran = 0
    for kind, code in BLOCK.findall(file.read_text("utf-8")):
        if kind == "python":
            exec(compile(code, f"{file.name}: block {ran}", "exec"), names)
            ran += 1
            continue
        for line in code.splitlines():
            # `pip install ... && musify demo`: the installation is what the test runs in.
            command = shlex.split(line.split("&&")[-1], comments=True)
            # README runs the demo, which takes a while and is the same on every page.
            if command[:2] == ["musify", "demo"] and file.stem != "README":
                ran += 1
            elif command[:1] == ["musify"]:
                done = subprocess.run(
                    [sys.executable, "-m", *command], capture_output=True, text=True, timeout=300
                )
                assert done.returncode == 0, f"{line}\n{done.stderr}"
                ran += 1
    assert ran or "pip install" in file.read_text("utf-8")


MODULES = [
    module.name
    for module in pkgutil.walk_packages(musify.__path__, "musify.")
    if not module.name.endswith("__main__")
]


NEURAL = ("torch", "transformers")
NEEDED = {
    "musify.vision.pyav_frames": ("av",),
    "musify.backends.musicgen_selector": NEURAL,
    "musify.neural.generated": NEURAL,
    "musify.neural.musicgen_model": NEURAL,
}


@pytest.mark.parametrize("name", MODULES)
def test_every_doctest_holds(name: str) -> None:
    for extra in NEEDED.get(name, ()):
        pytest.importorskip(extra)
    module = importlib.import_module(name)
    names = {public: getattr(musify, public) for public in musify.__all__}
    failed, _ = doctest.testmod(module, extraglobs={**names, "np": np}, report=True)
    assert failed == 0


def test_every_hook_is_documented_with_its_signature() -> None:
    text = page("reference/hooks.md")
    hooks = [name for name in vars(hookspecs) if name.startswith("musify_")]
    assert set(HOOKS.values()) < set(hooks)
    for name in hooks:
        arguments = ", ".join(inspect.signature(getattr(hookspecs, name)).parameters)
        assert f"`{name}({arguments})`" in text


def test_every_error_is_documented_with_its_base() -> None:
    text = page("reference/errors.md")
    for name in errors.__all__:
        assert f"`{name}`" in text
        bases = [base.__name__ for base in getattr(errors, name).__bases__]
        for builtin in set(bases) & {"ValueError", "OSError", "LookupError", "ImportError"}:
            assert re.search(rf"`{name}` \| `{builtin}` \|", text), (name, builtin)
        assert f"{name}" in (errors.__doc__ or "") or name == "MusifyWarning"


def test_every_backend_is_documented() -> None:
    text = page("reference/backends.md")
    for provider, spec in _builtin_specs():
        assert f"autoclass:: {provider}.{spec.factory.split(':')[1]}" in text


def _builtin_specs() -> list[tuple[str, musify.BackendSpec]]:
    builtin = importlib.import_module("musify.backends._builtin")
    specs = [spec for hook in HOOKS.values() for spec in getattr(builtin, hook)()]
    assert {(s.name) for s in specs} == {backend.name for backend in musify.list_backends()}
    return [(str(spec.factory).split(":")[0], spec) for spec in specs]


def test_every_public_name_is_in_the_reference() -> None:
    text = page("reference/api.md")
    for name in musify.__all__:
        if name.startswith("__") or name in errors.__all__:
            continue
        assert re.search(rf"(auto\w+|data):: {name}$", text, re.MULTILINE), name


def test_every_mood_is_in_the_reference() -> None:
    text = page("reference/moods.md")
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| (\S+) \|$", text, re.MULTILINE)
    known = {mood.name: mood.point for mood in musify.KNOWN_MOODS}
    assert {name: (float(v), float(a)) for name, v, a in rows} == known


def test_every_extra_is_in_the_table() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    text = page("how-to/install.md")
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == set(
        project["optional-dependencies"]
    )


def test_every_name_of_the_plugin_kit_is_in_the_reference() -> None:
    text = page("reference/testing.md")
    for name in musify.testing.__all__:
        assert re.search(rf"auto\w+:: musify\.testing\.{name}$", text, re.MULTILINE), name
    for kind, rules in musify.testing.RULES.items():
        for name, rule in rules.items():
            assert f"| `{name}` | {rule.says} |" in text, f"{kind}: {name}"


def test_every_command_and_exit_code_is_documented() -> None:
    text = page("reference/shell.md")
    for command in cli.make_app().registered_commands:
        assert command.callback is not None
        assert f"`musify {command.name or command.callback.__name__}" in text
    codes = {code for _, code in EXIT_CODES} | {0, UNREAD, 129, *SIGNAL_CODES.values()}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)} == codes


def test_every_command_takes_json() -> None:
    """As the README says."""
    app = cli.make_app()
    groups = [app, *(group.typer_instance for group in app.registered_groups)]
    for command in (one for group in groups for one in group.registered_commands):
        assert command.callback is not None
        assert "as_json" in inspect.signature(command.callback).parameters, command.callback


def test_every_variable_is_documented() -> None:
    text = page("reference/environment.md")
    for name in (
        DISABLE_VARIABLE,
        STRICT_VARIABLE,
        "IMAGEIO_FFMPEG_EXE",
        "MUSIFY_DATA_DIR",
        *(value for name, value in vars(access).items() if name.endswith("_VARIABLE")),
    ):
        assert f"`{name}`" in text


def test_every_key_of_a_plan_is_documented() -> None:
    text = page("reference/plan.md")
    source = inspect.getsource(importlib.import_module("musify._cue_json"))
    keys = set(re.findall(r'keys\["(\w+)"\]|"(\w+)" in keys', source))
    for key in {one or other for one, other in keys}:
        assert f"`{key}`" in text, key


def test_links_lead_somewhere() -> None:
    for file in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", file.read_text("utf-8")):
            if "://" not in target:
                assert (file.parent / target).exists(), f"{file.name}: {target}"


def _anchor(heading: str) -> str:
    """Name a heading as myst does, which follows GitHub."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower().replace("`", ""))
    return kept.replace(" ", "-")


def test_anchors_are_headings() -> None:
    for file in PAGES:
        links = re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", file.read_text("utf-8"))
        for target, anchor in links:
            text = (file.parent / target if target else file).read_text("utf-8")
            headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", text), re.MULTILINE)
            assert anchor in map(_anchor, headings), f"{file.name}: {target}#{anchor}"


def test_every_page_can_be_reached() -> None:
    listed = re.findall(r"^[\w/-]+$", page("index.md"), re.MULTILINE)
    pages = {
        file.relative_to(ROOT / "docs").with_suffix("").as_posix()
        for file in (ROOT / "docs").rglob("*.md")
    }
    assert pages - {"index"} == set(listed)


def test_the_glossary_is_in_order() -> None:
    text = page("reference/glossary.md")
    words = re.findall(r"^(.+)\n: ", text, re.MULTILINE)
    assert words == sorted(words, key=str.lower)
    assert len(words) > 30
    for name in re.findall(r"`([A-Z]\w+)`", text):
        assert name in musify.__all__, name
