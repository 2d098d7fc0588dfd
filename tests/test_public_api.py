"""What ``import musify`` promises: exact names, each with a docstring that says all of it."""

import dataclasses
import inspect
import re
from pathlib import Path

import pytest

import musify
import musify.testing
import public_names

EXPORTS = {name: getattr(musify, name) for name in musify.__all__}
CALLABLES = {
    name: value
    for name, value in EXPORTS.items()
    # An error is raised by musify and made by nobody else.
    if callable(value) and not (isinstance(value, type) and issubclass(value, BaseException))
}
CLASSES = {name: value for name, value in EXPORTS.items() if isinstance(value, type)}
METHODS = [
    (f"{name}.{member}", value)
    for name, kind in CLASSES.items()
    for member, value in vars(kind).items()
    if not member.startswith("_")
    and (callable(value) or isinstance(value, (property, classmethod)))
]


@pytest.mark.parametrize("module", [musify, musify.testing])
def test_all_is_sorted(module):
    # As ruff sorts it: constants, classes, functions.
    def order(name):
        return (not name.isupper(), not name[0].isupper(), name)

    assert module.__all__ == sorted(module.__all__, key=order)
    assert len(set(module.__all__)) == len(module.__all__)


def test_all_of_the_plugin_kit_is_exact():
    public = {
        name
        for name, value in vars(musify.testing).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    # These two are there for the kit itself.
    own = public - {"MissingExtraError", "TYPE_CHECKING"}
    lazy = {name for name in musify.testing.__all__ if name.endswith("Contract")}
    assert set(musify.testing.__all__) == own | lazy
    assert len(lazy) == 6
    for name in set(musify.testing.__all__) - {"RULES", "FAKE_MUXER_EXCEPTIONS"}:
        assert getattr(musify.testing, name).__doc__, name


def test_all_is_exact():
    public = {
        name
        for name, value in vars(musify).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert set(musify.__all__) - {"__version__"} == public


def test_names_and_signatures_are_those_that_were_agreed_on():
    agreed = Path(__file__).with_name("data") / "api.txt"
    # What differs here is seen by users: see docs/reference/stability.md. When it is meant, say so
    # in the changelog and run: python tests/public_names.py > tests/data/api.txt
    assert public_names.lines() == agreed.read_text("utf-8").splitlines()


def test_every_error_is_public():
    assert set(musify.errors.__all__) <= set(musify.__all__)


def documented(docstring):
    """Read the names out of the Parameters section of a numpydoc docstring."""
    match = re.search(
        r"^Parameters\n-{10}\n(.*?)(?=^\S[^\n]*\n-{3,}\n|\Z)", docstring, re.DOTALL | re.MULTILINE
    )
    lines = match[1].splitlines() if match else []
    heads = [line.partition(" : ")[0] for line in lines if line and not line.startswith(" ")]
    return [name.strip().lstrip("*") for head in heads for name in head.split(",")]


def taken(function):
    names = list(inspect.signature(function).parameters)
    return [name for name in names if name not in ("self", "cls")]


@pytest.mark.parametrize("name", [name for name in EXPORTS if name != "__version__"])
def test_every_name_has_a_docstring(name):
    value = EXPORTS[name]
    if isinstance(value, musify.MoodSpace):
        # A constant is documented by the string below it.
        source = inspect.getsource(inspect.getmodule(musify.MoodSpace))
        assert re.search(rf'^{name} = MoodSpace\(.*?\)\n"""', source, re.DOTALL | re.MULTILINE)
        return
    if isinstance(value, type) or inspect.isfunction(value):
        own = value.__doc__ or ""
        # What dataclasses writes by itself says nothing.
        assert not own.startswith(f"{name}("), "it is made by dataclasses"
        assert re.match(r"\w.*\.\n", f"{own}\n"), "its first line is a sentence"


@pytest.mark.parametrize("name", CALLABLES)
def test_parameters_are_documented_in_order(name):
    if name == "hookimpl":
        return  # made by pluggy
    # An abstract class is not made by users; its methods are looked at below.
    if inspect.isabstract(CALLABLES[name]):
        assert documented(inspect.getdoc(CALLABLES[name])) == []
        return
    assert documented(inspect.getdoc(CALLABLES[name])) == taken(CALLABLES[name])


@pytest.mark.parametrize(("name", "method"), METHODS, ids=[name for name, _ in METHODS])
def test_methods_are_documented(name, method):
    function = getattr(method, "__func__", getattr(method, "fget", None)) or method
    docstring = inspect.getdoc(function)
    assert docstring
    assert docstring.splitlines()[0].endswith((".", ";", ","))
    # A method that says what it takes says all of it; one line may say it without a list.
    if "Parameters\n" in docstring:
        assert documented(docstring) == taken(function)


def test_fields_of_data_types_are_arguments():
    for kind in CLASSES.values():
        if dataclasses.is_dataclass(kind):
            assert [field.name for field in dataclasses.fields(kind)] == taken(kind)


def test_the_version_is_one():
    assert re.fullmatch(r"\d+\.\d+\.\d+", musify.__version__)


def test_type_checkers_and_the_interpreter_see_the_same_names():
    source = inspect.getsource(musify)
    checked = source.partition("if typing.TYPE_CHECKING:")[2].partition("__all__")[0]
    homes = re.findall(r"from musify\.([\w.]+) import (?:\(([^)]*)\)|([^\n(]+))", checked)
    seen = {
        name: home
        for home, wrapped, plain in homes
        for name in re.findall(r"\w+", wrapped or plain)
    }
    assert seen == musify._HOME_OF
