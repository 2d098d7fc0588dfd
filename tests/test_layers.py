"""The rules of the layout, read from the source itself."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "musify"
FILES = {
    file.relative_to(SOURCE).as_posix(): ast.parse(file.read_text(encoding="utf-8"))
    for file in sorted(SOURCE.rglob("*.py"))
}
BACKENDS = [
    name for name in FILES if name.startswith("backends/") and not name.startswith("backends/_")
]


def imported(tree):
    """List every module that a file imports, anywhere in it."""
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # `from musify import backends` imports musify.backends too.
            modules |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return modules


IMPORTED = {file: imported(tree) for file, tree in FILES.items()}


def importers(module):
    return {
        file
        for file, names in IMPORTED.items()
        if any(name == module or name.startswith(f"{module}.") for name in names)
    }


@pytest.mark.parametrize("module", ["subprocess", "imageio_ffmpeg"])
def test_only_one_module_starts_processes(module):
    assert importers(module) == {"_ffmpeg.py"}


@pytest.mark.parametrize("module", ["multiprocessing", "asyncio.subprocess", "pty"])
def test_there_is_no_other_way_to_start_one(module):
    assert importers(module) == set()


def names_types_only(tree):
    """Leave out what stands below ``if TYPE_CHECKING``, which is never run."""
    runtime = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
    ]
    return ast.Module(runtime, [])


def test_only_one_module_imports_pydub():
    files = {
        file
        for file, tree in FILES.items()
        if any(name.split(".")[0] == "pydub" for name in imported(names_types_only(tree)))
    }
    assert files == {"_pydub.py"}


@pytest.mark.parametrize("module", ["grpc", "clarifai_grpc", "google.protobuf"])
def test_only_one_package_speaks_grpc(module):
    assert {file.partition("/")[0] for file in importers(module)} == {"clarifai"}


def test_only_one_module_imports_pyav():
    assert importers("av") == {"vision/pyav_frames.py"}
    # It is an extra: nobody loads it but a sampler that was told to.
    assert importers("musify.vision.pyav_frames") == {"vision/exact.py"}


def test_one_client_talks_http():
    # Whatever speaks to a service goes through it, and so through its limits.
    assert importers("httpx") == {"online/client.py", "online/downloads.py", "online/transport.py"}
    assert importers("httpcore") == {"online/transport.py"}
    for module in ("requests", "urllib3", "http.client", "aiohttp"):
        assert importers(module) == set(), module


def test_nothing_outside_imports_backends():
    assert {file for file in importers("musify.backends") if not file.startswith("backends/")} == (
        set()
    )
    # One dotted name, in a string, is how they are found.
    mentions = {
        file
        for file, tree in FILES.items()
        if not file.startswith("backends/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and str(node.value).startswith("musify.backends")
    }
    assert mentions == {"_registry.py"}


@pytest.mark.parametrize("file", FILES)
def test_no_file_is_too_long(file):
    assert len((SOURCE / file).read_text(encoding="utf-8").splitlines()) <= 400


def test_there_is_no_drawer_for_everything():
    assert not {Path(file).stem.strip("_") for file in FILES} & {"utils", "util", "helpers", "misc"}


@pytest.mark.parametrize("file", BACKENDS)
def test_a_file_of_a_backend_holds_the_class_it_is_named_after(file):
    classes = [
        node.name
        for node in FILES[file].body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    assert classes == ["".join(word.title() for word in Path(file).stem.split("_"))]


def test_every_backend_is_offered():
    offered = {
        node.value.rpartition(".")[2].partition(":")[0]
        for node in ast.walk(FILES["backends/_builtin.py"])
        if isinstance(node, ast.Constant) and ":" in str(node.value)
    }
    assert offered == {Path(file).stem for file in BACKENDS}


@pytest.mark.parametrize(
    ("module", "file"),
    [
        ("yt_dlp", "online/downloading.py"),
        ("torch", "neural/musicgen_model.py"),
        ("transformers", "neural/musicgen_model.py"),
    ],
)
def test_only_one_module_imports_what_is_large(module, file):
    assert importers(module) == {file}
