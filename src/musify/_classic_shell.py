"""``--classic``: the program of 2016 at the shell."""

from collections.abc import Callable
from typing import Annotated, Any, Final

import typer

from musify._classic import CLASSIC_RATIO, CLASSIC_SECONDS
from musify._shell_options import DynamicsChoice, OriginalChoice
from musify._shell_signature import taking

__all__ = ["classical"]

_OF_2016: Final[dict[str, Any]] = {
    "sampler": "interval",
    "classifier": "clarifai",
    "aggregator": "majority",
    "selector": "letter-code",
    "original": OriginalChoice.replace,
    "loudness": "none",
    "dynamics": DynamicsChoice.none,
}
_OPTIONS: Final = {
    "sampler": ("interval", [f"frame_sampler.seconds={CLASSIC_SECONDS}"]),
    "selector": (
        "letter-code",
        [f"track_selector.ratio={CLASSIC_RATIO}", "track_selector.joined_by=pydub"],
    ),
}

Classic = Annotated[
    bool,
    typer.Option(
        "--classic",
        help="As in 2016: a frame every 5 s, Clarifai, a vote, a song named by two letters "
        "(--library), looped by pydub. What else is asked for wins.",
    ),
]


def classical(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command that makes a pipeline take ``--classic``."""

    @taking(command, {"ctx": typer.Context, "classic": Classic}, {"classic": False})
    def run(*, ctx: typer.Context, classic: bool, **given: Any) -> None:
        if classic:
            for name, then in _OF_2016.items():
                source = ctx.get_parameter_source(name)
                if source is not None and source.name == "DEFAULT":
                    given[name] = then
            more = [
                option
                for name, (backend, options) in _OPTIONS.items()
                if given[name] == backend
                for option in options
            ]
            given["option"] = [*more, *(given["option"] or [])]
        command(**given)

    return run
