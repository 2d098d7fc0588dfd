"""A stranger writes, installs, tests and uses a plugin, in an environment of their own."""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import musify
from musify.errors import OutputError, ParameterError
from musify.plugins import INTERFACES
from musify.testing import RULES, new_plugin

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "musify-hue"
TUTORIAL = ROOT / "docs" / "tutorial" / "your-first-plugin.md"
BLOCK = re.compile(
    r"^```(?P<kind>\S+)(?: \w+)?\n(?::caption: (?P<file>\S+)\n\n)?(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
FILES = {"pyproject.toml", "musify_hue.py", "tests/test_hue.py"}
OWN_LINES = 40


def blocks():
    found = list(BLOCK.finditer(TUTORIAL.read_text("utf-8")))
    assert {block["kind"] for block in found} == {"shell", "python", "text", "{code-block}"}
    return found


def contents(folder):
    return {
        file.relative_to(folder).as_posix(): file.read_text("utf-8")
        for file in folder.rglob("*")
        if file.is_file() and not {"__pycache__", ".pytest_cache"} & set(file.parts)
    }


def test_the_tutorial_shows_the_example():
    shown = {block["file"]: block["text"] for block in blocks() if block["file"]}
    example = contents(EXAMPLE)
    assert set(shown) == FILES == set(example) - {"README.md"}
    for name, text in shown.items():
        assert text == example[name], name


def test_a_first_plugin_is_short():
    example = contents(EXAMPLE)
    lines = [line for name in FILES for line in example[name].splitlines() if line.strip()]
    assert len(lines) <= OWN_LINES
    assert f"{len(lines)} lines in three files" in TUTORIAL.read_text("utf-8").replace("\n", " ")


def test_the_skeleton_of_a_classifier_is_the_example(tmp_path):
    assert contents(new_plugin("hue", "mood_classifier", folder=tmp_path)) == contents(EXAMPLE)


@pytest.mark.parametrize("name", ["Hue", "hue_", "3d", "-hue", "hue-", "a--b", "", "a/b", "hue\n"])
def test_a_name_that_cannot_be_one(name, tmp_path):
    with pytest.raises(ParameterError, match="begins with a letter"):
        new_plugin(name, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "kind", "why"),
    [
        ("palette", "mood_classifier", "musify has a mood_classifier 'palette'"),
        ("ffmpeg", "audio_muxer", "musify has a audio_muxer 'ffmpeg'"),
        ("video", "mood_classifier", "musify-video is what musify itself is called"),
    ],
)
def test_a_name_that_is_taken(name, kind, why, tmp_path):
    with pytest.raises(ParameterError, match=why):
        new_plugin(name, kind, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "kind", "class_name"),
    [
        ("mood", "mood_classifier", "MyMoodClassifier"),
        ("song", "song_library", "MySongLibrary"),
        ("test", "mood_classifier", "MyTestClassifier"),
        ("class", "mood_classifier", "ClassClassifier"),
    ],
)
def test_a_class_hides_no_other(name, kind, class_name, tmp_path):
    module = new_plugin(name, kind, folder=tmp_path) / f"musify_{name}.py"
    assert re.findall(r"^class (\w+)\(", module.read_text("utf-8"), re.MULTILINE) == [class_name]


def test_a_name_that_is_too_long(tmp_path):
    with pytest.raises(OutputError, match="too long"):
        new_plugin("a" * 300, folder=tmp_path)


@pytest.mark.parametrize("kind", INTERFACES)
def test_a_skeleton_is_clean(kind, tmp_path):
    package = new_plugin("my-own", kind, folder=tmp_path)
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--line-length=100"]
    chosen = "--select=E,F,W,I,B,UP,SIM,C4,PT,N,PTH,RET,ANN"
    done = subprocess.run([*ruff, chosen, "."], cwd=package, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_skeletons_are_typed_strictly(tmp_path):
    for kind in INTERFACES:
        new_plugin("my-" + kind.replace("_", "-"), kind, folder=tmp_path)
    files = sorted(str(file) for file in tmp_path.rglob("*.py"))
    paths = [Path(musify.__file__).parents[1], *tmp_path.iterdir()]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", *files],
        cwd=tmp_path,
        env=os.environ | {"MYPYPATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_a_name_of_a_part_of_musify_is_taken(tmp_path):
    with pytest.raises(ParameterError, match=r"musify has a frame_sampler 'keyframe'.* than inter"):
        new_plugin("keyframe", "frame_sampler", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert new_plugin("keyframe", "mood_classifier", folder=tmp_path).is_dir()


def test_what_stands_there_stays(tmp_path):
    (tmp_path / "musify-hue").mkdir()
    with pytest.raises(OutputError, match="exists already"):
        new_plugin("hue", folder=tmp_path)
    with pytest.raises(ParameterError, match="no kind is called 'mood'; there are frame_sampler"):
        new_plugin("cold", "mood", folder=tmp_path)
    assert contents(tmp_path) == {}


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write"):
        new_plugin("hue", folder=tmp_path / "file")


MAKE_VENV = """
import sys, sysconfig, venv
from pathlib import Path

folder, outer = Path(sys.argv[1]).absolute(), sys.argv[2]
venv.create(folder, with_pip=False, symlinks=True)
paths = {"base": str(folder), "platbase": str(folder)}
site = Path(sysconfig.get_path("purelib", "venv", paths))
# What is installed here stands in for the package index: seen, and not changed.
(site / "outer.pth").write_text(f"import site; site.addsitedir({outer!r})\\n")
for name in ("pip", "pytest", "musify"):
    script = folder / "bin" / name
    script.write_text(
        f"#!{folder}/bin/python\\nimport runpy\\nrunpy.run_module({name!r}, run_name='__main__')\\n"
    )
    script.chmod(0o755)
"""


@pytest.fixture
def as_stranger(tmp_path, data_dir):
    """Run a script of the shell where ``python -m venv`` makes environments without a network."""
    if sys.platform == "win32":
        pytest.skip("the script is for a POSIX shell")
    pytest.importorskip("pip")
    home, tools = tmp_path / "home", tmp_path / "tools"
    home.mkdir()
    tools.mkdir()
    (tools / "make_venv.py").write_text(MAKE_VENV)
    outer = sysconfig.get_path("purelib")
    python = tools / "python"
    python.write_text(
        f'#!/bin/sh\nif [ "$1 $2" = "-m venv" ]; then\n'
        f'    exec {sys.executable} {tools}/make_venv.py "$3" {outer}\nfi\n'
        f'exec {sys.executable} "$@"\n'
    )
    python.chmod(0o755)
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    env |= {"PATH": f"{tools}:{env['PATH']}", "HOME": str(home)}
    # pip reads this one the other way round: 0 turns isolation off.
    env |= {
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    env.pop("PYTHONPATH", None)
    source = Path(musify.__file__).parents[1]
    if source != Path(outer):  # not installed, but run from its sources
        env["PYTHONPATH"] = str(source)

    def run(script):
        done = subprocess.run(
            ["bash", "-euc", script], cwd=home, env=env, capture_output=True, text=True, timeout=240
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


START = "python -m venv .venv\n. .venv/bin/activate\n"


@pytest.mark.media
def test_the_tutorial_runs_block_by_block(as_stranger):
    steps, expected = [], {}
    for number, block in enumerate(blocks()):
        text = block["text"]
        steps.append(f"echo '== {number} =='")
        if block["file"]:
            steps.append(f"cat > {block['file']} <<'END'\n{text}END")
        elif block["kind"] == "python":
            steps.append(f"python - <<'END'\n{text}END")
        elif block["kind"] == "shell":
            steps.append(text)
        else:
            expected[number] = text
    said = as_stranger("\n".join(steps))
    printed = re.split(r"^== \d+ ==$", said, flags=re.MULTILINE)[1:]
    assert expected
    for number, text in expected.items():
        before = " ".join(printed[number - 1].split())
        for line in text.splitlines():
            assert " ".join(line.split()) in before, f"{line!r} is not in {printed[number - 1]!r}"


# The rules of a muxer write a film each.
@pytest.mark.media
@pytest.mark.parametrize("untested", [{"audio_muxer"}, pytest.param(set(), marks=pytest.mark.slow)])
def test_the_example_and_every_skeleton_install_and_pass_their_tests(as_stranger, untested):
    # The skeleton of a classifier is the example, as another test says.
    names = {kind: "my-" + kind.replace("_", "-") for kind in INTERFACES}
    names["mood_classifier"] = "hue"
    folders = " ".join(f"./musify-{name}" for name in names.values())
    tested = " ".join(f"./musify-{name}" for kind, name in names.items() if kind not in untested)
    said = as_stranger(f"""{START}
cp -r {EXAMPLE} musify-hue
python - <<'END'
from musify.testing import new_plugin
for kind, name in {names}.items():
    if kind != "mood_classifier":
        new_plugin(name, kind)
END
pip install {folders}
pytest -q --import-mode=importlib {tested}
python - <<'END'
import musify
for backend in musify.list_backends():
    print(backend.kind, backend.name, backend.provider)
print(type(musify.get_backend("mood_classifier", "hue", sharpness=2.0)).__module__)
END
""")
    # Each rule, and that it can be had by its name.
    tests = sum(len(rules) + 1 for kind, rules in RULES.items() if kind not in untested)
    assert re.search(rf"^{tests} passed", said, re.MULTILINE)
    for kind, name in names.items():
        assert f"{kind} {name} musify-{name}:{name}" in said
    assert said.endswith("musify_hue\n")
