"""Gathering pictures to learn moods from."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

from musify._checks import number, whole_number
from musify._ffmpeg import StrPath
from musify.errors import MissingExtraError, OutputError, ParameterError
from musify.moods import DEFAULT_MOODS
from musify.notices import notify
from musify.online.alone import alone
from musify.online.collect_report import CollectReport
from musify.online.mood_words import picture_queries
from musify.progress import ProgressCallback

__all__ = ["PictureSource", "collect_pictures"]

PictureSource: TypeAlias = Literal["openverse", "pixabay"]
SOURCES: Final = ("openverse", "pixabay")

_MOST_OF_A_MOOD: Final = 1000
_FOLDER_NAME = re.compile(r"\w[\w -]{0,60}")
_RULES: Final = {
    "openverse": "Openverse asks for no scraping: 20 requests a minute and 200 a day without an "
    "account",
    "pixabay": 'Pixabay allows no "systematic mass downloads", 100 requests a minute, and pictures '
    "are to be shown with where they come from, not handed on as they are; whether they may train "
    "a model is for you to check in its terms",
}


def collect_pictures(
    folder: StrPath,
    moods: Iterable[str] | None = None,
    *,
    source: PictureSource = "openverse",
    per_mood: int = 40,
    queries: Mapping[str, Iterable[str]] | None = None,
    key: str | None = None,
    non_commercial: bool = False,
    spacing: float = 1.0,
    patience: float = 90.0,
    base_url: str | None = None,
    on_progress: ProgressCallback | None = None,
) -> CollectReport:
    """Gather pictures for moods, each in a folder of its own, ready to be learnt from.

    Several searches are made for each mood, in turn. Pictures that were seen before, or show nearly
    the same as one that was kept (by perceptual hash), are left out. A manifest says of each where
    it comes from. Run again after an interruption, it goes on where it was.

    Be modest: the services are there for people. Requests are spaced, what headers say of limits is
    obeyed, and answers are kept for a day.

    Parameters
    ----------
    folder : path-like
        Where to put the pictures: ``FOLDER/MOOD/SERVICE-ID.jpg``. It is made if it is missing.
    moods : iterable of str, optional
        Names of moods; also any others, such as "underwater". By default action, happy, sad and
        calm.
    source : {"openverse", "pixabay"}, default "openverse"
        Who is asked. Openverse needs no key.
    per_mood : int, default 40
        How many pictures of each mood there shall be; from 1 to 1000.
    queries : mapping of str to iterable of str, optional
        What to search for, by mood; by default from the table ``online/data/mood_words.toml``, and
        the name itself for a mood that it does not hold.
    key : str, optional
        Of Pixabay; by default that of the environment variable ``PIXABAY_API_KEY``. It is never
        shown or kept.
    non_commercial : bool, default False
        Whether pictures will do whose licence forbids commercial use (Openverse).
    spacing : float, default 1
        The least seconds between two requests; in [0, 60].
    patience : float, default 90
        The most seconds that one request may take with all waits; in [1, 3600].
    base_url : str, optional
        Where the service is asked: for a proxy of one's own, or a test.
    on_progress : callable, optional
        Called with :class:`Progress` of stage ``"collect"``, in pictures.

    Returns
    -------
    CollectReport
        How many pictures there are of each mood.

    Raises
    ------
    ParameterError
        If a name or a number cannot be used, or the manifest cannot be read.
    AuthenticationError
        If Pixabay is asked without a key, or refuses it.
    ServiceError
        If the service gives no usable answer; what was gathered stays.
    OutputError
        If the folder cannot be written.
    MissingExtraError
        If the extra ``online`` is not installed.
    """
    if source not in SOURCES:
        raise ParameterError(f"source must be one of {', '.join(SOURCES)}, got {source!r}")
    per_mood = whole_number("per_mood", per_mood, low=1)
    if per_mood > _MOST_OF_A_MOOD:
        raise ParameterError(
            f"per_mood must be at most {_MOST_OF_A_MOOD}, got {per_mood}: these services allow no "
            "mass downloads; a few hundred pictures a mood are enough to learn from"
        )
    wanted = _searches(moods, queries or {})
    number("spacing", spacing, low=0, high=60)
    try:
        # They need the extra.
        from musify.online.collector import Collector, open_source  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("musify"):
            raise
        raise MissingExtraError(
            f"collecting pictures needs the module {error.name!r}, which is not installed;\n"
            "install it with: pip install 'musify-video[online]'"
        ) from error
    opened = open_source(
        source,
        key=key,
        non_commercial=bool(non_commercial),
        base_url=base_url,
        spacing=spacing,
        patience=patience,
    )
    notify(f"up to {per_mood * len(wanted)} pictures will be fetched; {_RULES[source]}")
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot make the folder {str(folder)!r}: {error.strerror or error}"
        ) from error
    with opened, alone(folder, wait=0.0):
        collector = Collector(folder, opened, per_mood, on_progress)
        done = collector.collect(wanted)
    for mood in done:
        if mood.kept < mood.wanted:
            notify(
                f"{mood.mood}: only {mood.kept} of {mood.wanted} pictures were found; give more "
                f"searches for it (queries=, --query '{mood.mood}=WORDS')"
            )
    return CollectReport(folder, collector.manifest.path, source, done)


def _searches(
    moods: Iterable[str] | None, queries: Mapping[str, Iterable[str]]
) -> dict[str, tuple[str, ...]]:
    """Say what is searched for for each mood."""
    own: dict[str, tuple[str, ...]] = {}
    for name, words in queries.items():
        given = (words,) if isinstance(words, str) else tuple(words)
        if not given or not all(isinstance(each, str) and each.strip() for each in given):
            raise ParameterError(f"queries of {name!r} must be words to search for, got {words!r}")
        own[_folder_name(name)] = tuple(each.strip() for each in given)
    if moods is None:
        names = list(own) or list(DEFAULT_MOODS.names)
    else:
        names = [_folder_name(name) for name in ([moods] if isinstance(moods, str) else moods)]
    if not names:
        raise ParameterError("moods must name at least one mood, or be left out")
    if unused := [name for name in own if name not in names]:
        raise ParameterError(f"queries are given for {unused[0]!r}, which is none of the moods")
    return {name: own.get(name) or picture_queries(name) for name in dict.fromkeys(names)}


def _folder_name(name: str) -> str:
    """Return the name of a mood, which becomes that of a folder."""
    found = name.strip().lower() if isinstance(name, str) else ""
    if not _FOLDER_NAME.fullmatch(found):
        raise ParameterError(
            f"the name of a mood becomes that of a folder: letters, digits, blanks and dashes; got "
            f"{name!r}"
        )
    return found
