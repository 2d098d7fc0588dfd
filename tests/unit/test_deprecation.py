"""Names and arguments that go: users are told which line, until when, and what to write."""

import inspect

import pytest

from musify import ParameterError
from musify._deprecation import deprecated_name, renamed_parameter

WORDS = "is deprecated since 1.1.0 and goes in 2.0.0; use new"
VERSIONS = {"since": "1.1.0", "removed_in": "2.0.0"}


@deprecated_name("musify.old is deprecated since 1.1.0 and goes in 2.0.0; use new() instead")
def old(value):
    """Add one."""
    return value + 1


@deprecated_name("musify.Old is deprecated since 1.1.0 and goes in 2.0.0; use new() instead")
class Old:
    """Was something."""


@renamed_parameter("size", "length", **VERSIONS)
def cut(path, *, length=1.0):
    return path, length


@pytest.mark.parametrize(("what", "make"), [("musify.old", lambda: old(1)), ("musify.Old", Old)])
def test_a_deprecated_name_works_and_tells_the_line_that_uses_it(what, make):
    with pytest.warns(DeprecationWarning, match=WORDS) as told:
        made = make()
    assert len(told) == 1
    assert str(told[0].message).startswith(what)
    assert told[0].filename == __file__
    assert made == 2 or isinstance(made, Old)


def test_type_checkers_and_tools_find_the_mark():
    assert WORDS in old.__deprecated__
    assert WORDS in Old.__deprecated__
    assert (old.__name__, old.__doc__) == ("old", "Add one.")


def test_a_renamed_argument_is_taken_by_both_names():
    assert cut("a", length=2) == ("a", 2)
    with pytest.warns(DeprecationWarning, match=r"size= of cut\(\) is deprecated.*length=") as told:
        assert cut("a", size=3) == ("a", 3)
    assert told[0].filename == __file__
    assert list(inspect.signature(cut).parameters) == ["path", "length"]


def test_both_names_at_once_are_refused():
    with pytest.raises(ParameterError, match="former name"):
        cut("a", size=3, length=2)


def test_a_rename_that_was_not_made_is_refused():
    with pytest.raises(ParameterError, match="must take 'width'"):
        renamed_parameter("size", "width", **VERSIONS)(cut)


@pytest.mark.parametrize("message", ["old() goes", "old() is deprecated since 1.1.0; use new()"])
def test_a_deprecation_says_all(message):
    with pytest.raises(ParameterError, match="since VERSION and goes in VERSION"):
        deprecated_name(message)
