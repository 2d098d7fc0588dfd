"""Names that several plugins offer, so that nobody can have them."""

from dataclasses import dataclass

from musify._registry import BUILTIN, DISABLE_VARIABLE, registry

__all__ = ["Conflict", "conflicts"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A name that several plugins offer, so that nobody can have it.

    Parameters
    ----------
    kind, name : str
        What they offer.
    providers : tuple of str
        Who does.
    """

    kind: str
    name: str
    providers: tuple[str, ...]

    @property
    def removable(self) -> tuple[str, ...]:
        """Of which one can be left out; what musify brings cannot."""
        plugins = [name for name in self.providers if name != BUILTIN]
        distributions = [name.partition(":")[0] for name in plugins]
        is_own_clash = len(set(distributions)) < len(distributions)
        return tuple(plugins if is_own_clash else distributions)

    @property
    def mend(self) -> str:
        """What to do."""
        choice = ", ".join(self.removable)
        return f"set {DISABLE_VARIABLE} to " + (
            f"one of {choice}" if len(self.removable) > 1 else choice
        )

    @property
    def message(self) -> str:
        """Who offers it, and what to do."""
        number = len(self.providers)
        count = {2: "two", 3: "three"}.get(number, str(number))
        return (
            f"{count} plugins offer the {self.kind} {self.name!r}: "
            f"{' and '.join(self.providers)}; {self.mend}, or give one another name"
        )


def conflicts() -> tuple[Conflict, ...]:
    """List the names that more than one plugin offers."""
    offered: dict[tuple[str, str], list[str]] = {}
    for kind, provider, spec in registry().offers:
        offered.setdefault((kind, spec.name), []).append(provider)
    return tuple(
        Conflict(kind, name, tuple(providers))
        for (kind, name), providers in sorted(offered.items())
        if len(providers) > 1
    )
