"""Patterns by name: what a style may ask of a player."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from musify.composer.parts.setting import Setting
from musify.composer.score import PartRole
from musify.composer.written import Written

__all__ = ["Allowed", "Pattern"]

Allowed = tuple[str, ...] | tuple[float, float]
"""What an option may be: one of several words, or a number from one to another."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A way to play.

    Parameters
    ----------
    name : str
        What styles call it.
    play : callable
        Writes the notes of a section.
    roles : tuple of str
        Roles it suits, the usual one first.
    families : tuple of str
        Families of instruments (``InstrumentEntry.family``) it is idiomatic for.
    options : mapping
        What a style may tell it, and what is allowed.
    """

    name: str
    play: Callable[[Setting], Iterable[Written]]
    roles: tuple[PartRole, ...]
    families: tuple[str, ...]
    options: Mapping[str, Allowed] = field(default_factory=lambda: MappingProxyType({}))
