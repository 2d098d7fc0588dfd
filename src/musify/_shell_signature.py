"""What a command of the shell takes, as typer reads it from the signature."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["taking"]

_NEEDED = inspect.Parameter.empty


def taking(
    command: Callable[..., None],
    kinds: Mapping[str, Any],
    defaults: Mapping[str, Any],
    *,
    in_place_of: str | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a function stand for a command: it takes what that takes, and more.

    Parameters
    ----------
    command : callable
        What is stood for, with its name, its help and its parameters.
    kinds : mapping
        Parameters that come after those of the command, or in the place of one of the same name,
        and what typer makes of each.
    defaults : mapping
        Their values where none is given. What has none here is needed.
    in_place_of : str, optional
        A parameter of the command that nobody is asked for, and in whose place the others stand.

    Returns
    -------
    callable
        Decorates the function, which gets everything by keyword.

    Examples
    --------
    >>> def greet(name: str) -> None:
    ...     print("hello", name)
    >>> @taking(greet, {"loud": bool}, {"loud": False})
    ... def run(*, loud, **given):
    ...     greet(**{name: text.upper() if loud else text for name, text in given.items()})
    >>> run(name="anna", loud=True)
    hello ANNA
    >>> inspect.signature(run)
    <Signature (*, name: str, loud: bool = False)>
    """
    parameters = {
        name: parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in inspect.signature(command).parameters.items()
    }
    more = {
        name: inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=defaults.get(name, _NEEDED),
            annotation=kind,
        )
        for name, kind in kinds.items()
    }
    if in_place_of is None:
        parameters |= more
    else:
        listed = list(parameters.items())
        place = list(parameters).index(in_place_of)
        parameters = dict([*listed[:place], *more.items(), *listed[place + 1 :]])

    def stand(run: Callable[..., None]) -> Callable[..., None]:
        functools.update_wrapper(run, command)
        # What typer reads.
        run.__signature__ = inspect.Signature(list(parameters.values()))  # type: ignore[attr-defined]
        run.__annotations__ = {**command.__annotations__, **kinds}
        return run

    return stand
