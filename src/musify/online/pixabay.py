"""Pixabay's way of being asked for pictures."""

from collections.abc import Iterator
from typing import Final

from musify.errors import AuthenticationError, ServiceError
from musify.online.client import WebClient
from musify.online.fields import identifier, number, records, text
from musify.online.found_pictures import FoundPicture
from musify.online.keys import service_address
from musify.tracks import Licence

__all__ = ["DOMAINS", "base_url", "explain", "find_pictures"]

_BASE_URL: Final = "https://pixabay.com/api"
DOMAINS: Final = ("pixabay.com",)
_A_PAGE: Final = 100
# It gives no more for one search, however many there are.
_MOST_HITS: Final = 500
_LICENCE: Final = "Pixabay-Content-License"
_TERMS: Final = "https://pixabay.com/service/license-summary/"


class _LastPageError(Exception):
    """The end of what Pixabay gives for a search."""


def base_url() -> str:
    """Return where Pixabay is asked; ``MUSIFY_PIXABAY_URL`` names another place."""
    return service_address("MUSIFY_PIXABAY_URL", _BASE_URL)


def explain(status: int, words: str) -> Exception | None:
    """Make an error of a refusal: Pixabay's are plain text with status 400."""
    if status != 400:
        return None
    if "key" in words.lower():
        return AuthenticationError(
            f"Pixabay refuses the key ({words[:200]}); it stands on https://pixabay.com/api/docs/ "
            "when you are signed in: give it as key, or in PIXABAY_API_KEY"
        )
    if '"page"' in words:
        return _LastPageError()
    return ServiceError(f"Pixabay refuses: {words[:200]}")


def find_pictures(client: WebClient, query: str) -> Iterator[FoundPicture]:
    """Give photographs for a search, page after page while they are taken.

    Parameters
    ----------
    client : WebClient
        Made with :func:`explain`.
    query : str
        No more than 100 characters count.

    Raises
    ------
    ServiceError
        If Pixabay gives no usable answer.
    """
    asked: dict[str, str | int] = {
        "q": query[:100],
        "image_type": "photo",
        "safesearch": "true",
        "per_page": _A_PAGE,
    }
    for page in range(1, _MOST_HITS // _A_PAGE + 1):
        try:
            document = client.json("/", asked | {"page": page})
        except _LastPageError:
            return
        found = list(records(document, "hits"))
        for record in found:
            name, url = identifier(record, "id"), text(record, "webformatURL")
            where, user = text(record, "pageURL"), text(record, "user")
            if not (name and url):
                continue
            by = f" by {user}" if user else ""
            credit = f"Image{by} from Pixabay ({where})"
            yield FoundPicture(
                "pixabay", name, url, where, user, Licence(_LICENCE, _TERMS, credit),
                text(record, "tags"),
            )  # fmt: skip
        total = number(document, "totalHits") if isinstance(document, dict) else None
        if not found or (total is not None and page * _A_PAGE >= total):
            return
