"""A picture that a service offers."""

from dataclasses import dataclass

from musify.tracks import Licence

__all__ = ["FoundPicture"]


@dataclass(frozen=True, slots=True)
class FoundPicture:
    """A picture as a service offers it.

    Parameters
    ----------
    service : str
        Such as ``"pixabay"``.
    id : str
        Of the service; letters, digits and dashes.
    url : str
        Of the file.
    page : str
        Where people find it.
    author : str
        May be empty.
    licence : Licence
        Terms of use.
    title : str
        May be empty.
    """

    service: str
    id: str
    url: str
    page: str
    author: str
    licence: Licence
    title: str = ""
