"""Songs that a service offers: what is known of them, and whether they may be used."""

from dataclasses import dataclass

from musify.index.file_tags import read_licence
from musify.moods import Mood
from musify.tracks import Licence
from musify.wishes import licence_limits

__all__ = ["FoundSong", "SongWish", "credited", "is_free"]


@dataclass(frozen=True, slots=True)
class SongWish:
    """What songs are searched for.

    Parameters
    ----------
    mood : Mood
        How they feel.
    words : tuple of str
        What that is called, each searched alone.
    tempo : tuple of str
        Of ``verylow`` to ``veryhigh``; empty for any.
    shortest, longest : float
        Seconds.
    instrumental : bool
        Whether nobody may sing.
    non_commercial : bool
        Whether licences that forbid commercial use will do.
    """

    mood: Mood
    words: tuple[str, ...]
    tempo: tuple[str, ...]
    shortest: float
    longest: float
    instrumental: bool
    non_commercial: bool

    def suits(self, song: "FoundSong") -> bool:
        """Tell whether a song is as wished for, as far as is known of it."""
        if song.instrumental is False and self.instrumental:
            return False
        if song.tempo and self.tempo and not set(song.tempo) & set(self.tempo):
            return False
        return self.shortest <= song.duration <= self.longest and is_free(
            song.licence, non_commercial=self.non_commercial
        )


@dataclass(frozen=True, slots=True)
class FoundSong:
    """A song as a service offers it.

    Parameters
    ----------
    service : str
        Such as ``"jamendo"``.
    id : str
        Of the service; letters, digits and dashes.
    title, artist : str
        As the service says; the artist may be empty.
    duration : float
        Seconds.
    url : str
        Of the file.
    page : str
        Where people find it.
    licence : Licence
        With the credit that it asks for.
    genre : str, optional
        The first that is named.
    instrumental : bool or None
        None where nothing is said.
    tempo : tuple of str
        Of ``verylow`` to ``veryhigh``; empty where nothing is said.
    """

    service: str
    id: str
    title: str
    artist: str
    duration: float
    url: str
    page: str
    licence: Licence
    genre: str = ""
    instrumental: bool | None = None
    tempo: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """What its file is called, but for the ending."""
        return f"{self.service}-{self.id}"


def is_free(licence: Licence, *, non_commercial: bool) -> bool:
    """Tell whether a song may be put under a film.

    To put music under pictures is an adaptation (CC BY-ND 4.0, section 1(a): "where the licensed
    material is synched in timed relation with a moving image"), which ND forbids. What is no
    Creative Commons licence known here is not free.
    """
    if not licence.name.startswith(("CC-BY", "CC0-", "CC-PDM-")):
        return False
    limits = licence_limits(licence)
    return "ND" not in limits and (non_commercial or "NC" not in limits)


def credited(address: str, *, title: str, artist: str, page: str) -> Licence | None:
    """Make the licence of a song from its address, with the credit it asks for.

    The credit names title, author, source and licence, as Creative Commons recommends.

    Parameters
    ----------
    address : str
        Of the licence, such as ``http://creativecommons.org/licenses/by/4.0/``.
    title, artist, page : str
        Of the song.

    Returns
    -------
    Licence or None
        None where the address is that of no Creative Commons licence.
    """
    name, url = read_licence("", address, "")
    if name is None or name == address:
        return None
    url = (url or address).replace("http://", "https://", 1)
    by = f" by {artist}" if artist else ""
    where = f" ({page})" if page else ""
    return Licence(name, url, f"“{title}”{by}{where}, {_spoken(name)} ({url})")


def _spoken(name: str) -> str:
    """Write a licence as people do.

    Examples
    --------
    >>> _spoken("CC-BY-SA-4.0"), _spoken("CC0-1.0")
    ('CC BY-SA 4.0', 'CC0 1.0')
    """
    if name == "CC-PDM-1.0":
        return "public domain"
    head, _, version = name.rpartition("-")
    return f"{head.replace('CC-', 'CC ', 1)} {version}"
