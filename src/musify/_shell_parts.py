"""Making the parts of a pipeline from what is asked for at the shell."""

import json
from pathlib import Path
from typing import Any, Final

from musify._shell_moods import read_moods
from musify.errors import ParameterError
from musify.plugins import get_backend

__all__ = ["FLOW", "made_parts"]

FLOW: Final = (
    "frame_sampler",
    "mood_classifier",
    "mood_aggregator",
    "track_selector",
    "audio_muxer",
)


def made_parts(
    options: list[str] | None,
    moods: list[str] | None,
    *chosen: str,
    library: str | Path | None = None,
) -> dict[str, Any]:
    """Make the backends chosen by name, in the order of the flow, with the options for them.

    Parameters
    ----------
    options : list of str or None
        ``KIND.NAME=VALUE`` each; the value is JSON, or else text.
    moods : list of str or None
        For the classifier.
    *chosen : str
        Names of backends, of the kinds of :data:`FLOW`.
    library : str or path-like, optional
        The name of a song library. With options for one it is made here, and stands in the result
        as ``"library"``.

    Raises
    ------
    ParameterError
        If an option cannot be read, or is for no part that is asked for.
    """
    names = dict(zip(FLOW, chosen, strict=False))
    if library is not None:
        names["song_library"] = str(library)
    given: dict[str, dict[str, Any]] = {kind: {} for kind in names}
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
    with_options = given.get("song_library")
    if not with_options:
        names.pop("song_library", None)
    elif Path(names["song_library"]).is_dir():
        names["song_library"], with_options["path"] = "folder", names["song_library"]
    made = {
        kind: get_backend(kind, name, **given[kind])  # type: ignore[call-overload] # checked above
        for kind, name in names.items()
    }
    if "song_library" in made:
        made["library"] = made.pop("song_library")
    return made
