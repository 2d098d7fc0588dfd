"""What a pipeline is made of, as it is asked for at the shell."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from musify._shell_moods import read_moods
from musify._shell_options import Avoid, Genre, MaxCues, SongWish
from musify._shell_signature import taking
from musify.errors import ParameterError
from musify.plugins import DEFAULTS, WITH_LIBRARY, get_backend

__all__ = [
    "Energy",
    "Instruments",
    "KeyName",
    "Seed",
    "SoundFontFile",
    "StyleName",
    "Tempo",
    "composing",
    "parts_of",
    "wishing",
]

FLOW: Final = (
    "frame_sampler",
    "mood_classifier",
    "mood_aggregator",
    "track_selector",
    "audio_muxer",
)

StyleName = Annotated[
    str | None,
    typer.Option("--style", help="Style of composed music, or a file of one.", show_default=False),
]
Tempo = Annotated[
    float | None,
    typer.Option("--tempo", help="Its tempo in beats a minute.", show_default=False),
]
KeyName = Annotated[
    str | None,
    typer.Option("--key", help="Its key, such as 'D minor'.", show_default=False),
]
Instruments = Annotated[
    str | None,
    typer.Option(
        "--instruments",
        help="Its instruments, with commas between them, such as piano,cello.",
        show_default=False,
    ),
]
Energy = Annotated[
    float | None,
    typer.Option("--energy", help="More or less of it, -1 to 1.", show_default=False),
]
SoundFontFile = Annotated[
    Path | None,
    typer.Option(
        "--soundfont", help="A SoundFont (.sf2, .sf3) to play it with.", show_default=False
    ),
]
Seed = Annotated[
    int | None,
    typer.Option("--seed", help="Another seed, other music.", min=0, show_default=False),
]

_SONG_WISHES: Final = {"genre": Genre, "song": SongWish, "avoid": Avoid, "max_cues": MaxCues}
_COMPOSING_WISHES: Final = {
    "style": StyleName,
    "tempo": Tempo,
    "key": KeyName,
    "instruments": Instruments,
    "energy": Energy,
    "soundfont": SoundFontFile,
}


def wishing(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take wishes for songs, which become options of the track selector."""
    return _taking(command, _SONG_WISHES)


def composing(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take wishes for composed music, which become options of the selector."""
    return _taking(command, {**_COMPOSING_WISHES, "seed": Seed})


def _taking(command: Callable[..., None], wishes: Mapping[str, Any]) -> Callable[..., None]:
    @taking(command, wishes, dict.fromkeys(wishes))
    def run(*, option: list[str] | None, **given: Any) -> None:
        asked = {name: given.pop(name) for name in wishes}
        more = [
            f"track_selector.{name}={json.dumps(wish, default=str)}"
            for name, wish in asked.items()
            if wish not in (None, [])
        ]
        command(option=[*(option or []), *more], **given)

    return run


def parts_of(
    options: list[str] | None,
    moods: list[str] | None,
    *chosen: str | None,
    library: str | None = None,
) -> dict[str, Any]:
    """Make the backends chosen by name, in the order of the flow, with the options for them.

    A library is part of them, made here if there are options for it. Where no track selector is
    named, it is what suits the rest: songs are chosen where a library is
    given or songs are wished for, and music is composed otherwise.

    Raises
    ------
    ParameterError
        If an option is none, or asks for composed music where songs are chosen.
    """
    names = dict(zip(FLOW, chosen, strict=False))
    given: dict[str, dict[str, Any]] = {kind: {} for kind in names}
    if library is not None:
        given["song_library"] = {}
    for option in options or []:
        place, equals, text = option.partition("=")
        kind, dot, name = place.partition(".")
        if not (equals and dot and name) or kind not in given:
            raise ParameterError(
                f"--option must be KIND.NAME=VALUE with one of {', '.join(given)}, got {option!r}"
            )
        try:
            given[kind][name.replace("-", "_")] = json.loads(text)
        except (ValueError, RecursionError):
            given[kind][name.replace("-", "_")] = text
    if moods:
        given["mood_classifier"]["moods"] = read_moods(moods)
    if "track_selector" in names and names["track_selector"] is None:
        names["track_selector"] = _selector(given["track_selector"], library)
    if library is not None and (for_library := given["song_library"]):
        names["song_library"] = str(library)
        if Path(library).is_dir():
            names["song_library"], for_library["path"] = "folder", str(library)
    made = {
        kind: get_backend(kind, name, **given[kind])  # type: ignore[call-overload] # checked above
        for kind, name in names.items()
    }
    if library is not None:
        made["library"] = made.pop("song_library", library)
    return made


def _selector(asked: Mapping[str, Any], library: str | None) -> str:
    songs = [name for name in _SONG_WISHES if name in asked]
    music = [f"--{name}" for name in _COMPOSING_WISHES if name in asked]
    if library is None and not songs:
        return DEFAULTS["track_selector"]
    if music:
        reason = "a library is given" if library is not None else f"--{songs[0]} asks for songs"
        raise ParameterError(
            f"{', '.join(music)} {'is' if len(music) == 1 else 'are'} for composed music, but "
            f"{reason}; leave one of them out, or add --selector composer"
        )
    return WITH_LIBRARY
