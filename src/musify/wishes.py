"""What the user wishes to hear, and what licences let be heard."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, Literal

from musify._checks import whole_number
from musify.errors import NoSuitableTrackError, ParameterError
from musify.notices import notify
from musify.tracks import Licence, Track

__all__ = ["Wishes", "licence_limits", "named_songs"]

Limit = Literal["ND", "NC", "SA"]
_LIMITS: Final[dict[str, Limit]] = {
    "nd": "ND", "noderivatives": "ND", "noderivs": "ND", "noderivative": "ND",
    "nc": "NC", "noncommercial": "NC",
    "sa": "SA", "sharealike": "SA",
}  # fmt: skip
_SHOWN: Final = 5


def licence_limits(licence: Licence | None) -> frozenset[Limit]:
    """Return which of ND, NC and SA the name or the address of a licence speaks of.

    Parameters
    ----------
    licence : Licence or None
        None, as for one's own songs, sets no limit.
    """
    if licence is None:
        return frozenset()
    text = f"{licence.name} {licence.url or ''}".casefold()
    # Written apart or together: CC BY-ND, NonCommercial, no derivatives.
    text = re.sub(r"\b(no|non|share)[\s-]+(?=deriv|commercial|alike)", r"\1", text)
    return frozenset(_LIMITS[word] for word in re.split(r"[^a-z]+", text) if word in _LIMITS)


def _texts(name: str, given: str | Iterable[str] | None) -> tuple[str, ...]:
    if given is None:
        return ()
    texts = (given,) if isinstance(given, str) else tuple(given)
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise ParameterError(f"{name} must be words, got {given!r}")
    return texts


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user wishes to hear.

    Parameters
    ----------
    genre : str or tuple of str, optional
        Only songs whose genre holds one of these words.
    song : str or tuple of str, optional
        Only these songs, by title, path or part of either; each must name one song.
    avoid : str or tuple of str, optional
        No song whose title, path, artist or genre holds one of these words.
    max_cues : int, optional
        The most cues, at least 1.

    Raises
    ------
    ParameterError
        If words are empty or the number is below 1.
    """

    genre: tuple[str, ...] = ()
    song: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    max_cues: int | None = None

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(
            self,
            genre: str | Iterable[str] | None = (),
            song: str | Iterable[str] | None = (),
            avoid: str | Iterable[str] | None = (),
            max_cues: int | None = None,
        ) -> None: ...

    def __post_init__(self) -> None:
        for name in ("genre", "song", "avoid"):
            object.__setattr__(self, name, _texts(name, getattr(self, name)))
        if self.max_cues is not None:
            whole_number("max_cues", self.max_cues, low=1)

    def granted(self, songs: Sequence[Track]) -> list[Track]:
        """Return the songs that are wished for, and that may be used.

        Songs that forbid derivatives are left out: a song that is cut, or set to pictures, is one
        (Creative Commons, CC BY-ND 4.0, section 1a).

        Raises
        ------
        ParameterError
            If ``song`` names none or several.
        NoSuitableTrackError
            If no song is left.
        """
        kept = list(songs)
        if self.song:
            pinned = [_the_song(name, kept) for name in self.song]
            kept = list({str(song.path): song for song in pinned}.values())
        kept = self._of_genre(kept)
        kept = self._without_avoided(kept)
        free = [song for song in kept if "ND" not in licence_limits(song.licence)]
        if not free:
            raise NoSuitableTrackError(
                f"{_listed(kept)} may not be changed ({_licences(kept)}), and music that is fitted "
                "to a video is; take songs whose licence allows derivatives"
            )
        if len(free) < len(kept):
            notify(
                f"{len(kept) - len(free)} of {len(kept)} songs are left out, since their licence "
                "forbids derivatives (ND), which music fitted to a video is"
            )
        return free

    def _of_genre(self, songs: list[Track]) -> list[Track]:
        if not self.genre:
            return songs
        words = [word.casefold() for word in self.genre]
        kept = [
            song
            for song in songs
            if song.genre and any(word in song.genre.casefold() for word in words)
        ]
        if not kept:
            genres = sorted({song.genre for song in songs if song.genre})
            known = f"there are {', '.join(genres[:20])}" if genres else "no song tells its genre"
            raise NoSuitableTrackError(
                f"no song is of the genre {' or '.join(map(repr, self.genre))}; {known}"
            )
        return kept

    def _without_avoided(self, songs: list[Track]) -> list[Track]:
        kept = songs
        for word in self.avoid:
            plain = word.casefold()
            rest = [song for song in kept if not _holds(song, plain)]
            if len(rest) == len(kept) and not any(_holds(song, plain) for song in songs):
                notify(f"no song is called {word!r}, so that nothing is avoided by it")
            kept = rest
        if not kept:
            raise NoSuitableTrackError(
                f"nothing is left of {len(songs)} songs when {', '.join(map(repr, self.avoid))} "
                "is avoided; avoid less"
            )
        return kept


def _holds(song: Track, plain: str) -> bool:
    texts = (song.title, song.path.as_posix(), song.artist or "", song.genre or "")
    return any(plain in text.casefold() for text in texts)


def named_songs(name: str, songs: Sequence[Track]) -> list[Track]:
    """Return the songs that a name fits best.

    Those with the very path, else the very title or name of file, else those whose title or path
    holds it; upper and lower case are alike.
    """
    plain = name.casefold()
    posix = name.replace("\\", "/").casefold()
    rules = (
        lambda song: posix == song.path.as_posix().casefold(),
        lambda song: plain in (song.title.casefold(), song.path.name.casefold()),
        lambda song: plain == song.path.stem.casefold(),
        lambda song: plain in song.title.casefold() or posix in song.path.as_posix().casefold(),
    )
    for fits in rules:
        found = {str(song.path): song for song in songs if fits(song)}
        if found:
            return list(found.values())
    return []


def _the_song(name: str, songs: Sequence[Track]) -> Track:
    found = named_songs(name, songs)
    if len(found) == 1:
        return found[0]
    if found:
        paths = ", ".join(repr(song.path.as_posix()) for song in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise ParameterError(
            f"{name!r} names {len(found)} songs: {paths}{more}; give more of one's title or path"
        )
    titles = {song.title.casefold(): song.title for song in songs}
    near = get_close_matches(name.casefold(), list(titles), n=_SHOWN, cutoff=0.4)
    shown = [titles[one] for one in near] or sorted(titles.values())[:_SHOWN]
    raise ParameterError(
        f"no song is called {name!r}; {'near are' if near else 'there are'} "
        f"{', '.join(map(repr, shown))}"
    )


def _listed(songs: Sequence[Track]) -> str:
    return repr(songs[0].title) if len(songs) == 1 else f"all {len(songs)} songs"


def _licences(songs: Sequence[Track]) -> str:
    return ", ".join(sorted({song.licence.name for song in songs if song.licence is not None})[:5])
