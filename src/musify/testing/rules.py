"""What a rule of an interface is, and how it is held against a backend.

A rule is a function that raises where a backend breaks it. The rules of each interface stand in a
module of their own; :mod:`musify.testing.checks` and :mod:`musify.testing.contracts` hold them
against a backend, as plain functions and as pytest classes.
"""

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from musify._frames import packages_of, place_of
from musify.errors import MissingExtraError, ParameterError
from musify.testing.clips import usual_video
from musify.video import VideoInfo, probe

__all__ = [
    "Bench",
    "ContractError",
    "Rule",
    "check_exceptions",
    "held",
    "odd_name",
    "require",
    "rule",
]


class ContractError(AssertionError):
    """A backend breaks rules of its interface, or an exception to a rule is not needed any more."""

    what = ""
    """What is wrong, without the rule."""


class Bench:
    """What a rule may use besides the backend.

    Parameters
    ----------
    folder : Path
        An empty folder of its own.
    clip : path-like, optional
        The video to try on; a tiny one that is made once by default.
    """

    def __init__(self, folder: Path, clip: Path | None = None) -> None:
        self.folder = folder
        self._clip = clip

    @functools.cached_property
    def video(self) -> VideoInfo:
        """A video of a few seconds, with sound of its own."""
        return usual_video() if self._clip is None else probe(self._clip)


Check: TypeAlias = Callable[[Any, Bench], None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of an interface.

    Parameters
    ----------
    name : str
        What an exception calls it.
    says : str
        The rule in a sentence.
    check : callable
        Takes a backend and a ``Bench``; raises where the rule is broken.
    """

    name: str
    says: str
    check: Check

    def hold(self, backend: object, bench: Bench) -> None:
        """Hold the rule against a backend.

        Raises
        ------
        ContractError
            If the backend breaks it, by what it gives or by an error of its own.
        MissingExtraError
            If something must be installed first.
        """
        try:
            self.check(backend, bench)
        except MissingExtraError:
            raise
        except Exception as error:
            if isinstance(error, ContractError):
                what = str(error)
            else:
                what = _named(error) + place_of(error, packages_of(backend))
            broken = ContractError(self.broken_by(backend, what))
            broken.what = what
            raise broken from error

    def broken_by(self, backend: object, what: str) -> str:
        """Say that a backend breaks the rule, and how."""
        return f"{type(backend).__name__} breaks the rule {self.name!r} ({self.says}): {what}"


def _named(error: Exception) -> str:
    return f"it raised {type(error).__name__}: {error}"


def rule(rules: dict[str, Rule]) -> Callable[[Check], Check]:
    """Add a function to the rules of an interface, under its name; its docstring says the rule."""

    def add(check: Check) -> Check:
        says = (inspect.getdoc(check) or "").splitlines()[0].rstrip(".")
        rules[check.__name__] = Rule(check.__name__, says, check)
        return check

    return add


def require(condition: object, otherwise: str) -> None:
    """Raise unless something holds.

    Raises
    ------
    ContractError
        With ``otherwise`` as its message.
    """
    if not condition:
        raise ContractError(otherwise)


def odd_name(path: Path) -> str:
    """Give a file a name that is allowed everywhere, and seldom thought of."""
    return f"100%03d 'a' & [b] #c é{path.suffix}"


@contextlib.contextmanager
def held(error: type[BaseException], when: str) -> Iterator[None]:
    """Require that the block raises an error of this class.

    Raises
    ------
    ContractError
        If it raises another one, or none.
    """
    try:
        yield
    except error:
        return
    except Exception as other:
        raise ContractError(f"{when} it must raise {error.__name__}; {_named(other)}") from other
    raise ContractError(f"{when} it must raise {error.__name__}, and raised nothing")


def check_exceptions(rules: Mapping[str, Rule], exceptions: Mapping[str, str]) -> None:
    """See that exceptions name rules and give reasons.

    Raises
    ------
    ParameterError
        If one does not.
    """
    for name, reason in exceptions.items():
        if name not in rules:
            raise ParameterError(f"no rule is called {name!r}; there are {', '.join(rules)}")
        if not isinstance(reason, str) or not reason.strip():
            raise ParameterError(f"an exception needs its reason: why is {name!r} not kept?")
