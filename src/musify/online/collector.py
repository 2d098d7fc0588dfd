"""The work of gathering pictures: searching, fetching, comparing, keeping."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Self

from musify._output import finished_file
from musify.errors import AuthenticationError, MediaError, OutputError, ParameterError, ServiceError
from musify.online import openverse, pixabay
from musify.online.answers import AnswerCache, cache_folder
from musify.online.client import WebClient
from musify.online.collect_report import CollectedMood
from musify.online.found_pictures import FoundPicture
from musify.online.keys import find_key
from musify.online.manifest import Manifest, ManifestLine
from musify.online.picture_check import check_picture, is_alike
from musify.progress import ProgressCallback, tell

__all__ = ["Collector", "Source", "open_source"]

_MOST_BYTES = 15_000_000
# So many failures one after the other are no longer those of single pictures.
_MOST_FAULTS = 10


class Source:
    """A service that pictures come from."""

    def __init__(
        self, client: WebClient, find: Callable[[WebClient, str], Iterator[FoundPicture]]
    ) -> None:
        self.client = client
        self._find = find

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def find(self, query: str) -> Iterator[FoundPicture]:
        """Give pictures for a search."""
        return self._find(self.client, query)

    def content(self, picture: FoundPicture) -> bytes:
        """Return the bytes of a picture."""
        return self.client.content(picture.url, kinds=("image/",), most_bytes=_MOST_BYTES)


def open_source(
    name: str,
    *,
    key: str | None,
    non_commercial: bool,
    base_url: str | None,
    spacing: float,
    patience: float,
) -> Source:
    """Make the client for a service.

    Raises
    ------
    AuthenticationError
        If it needs a key and there is none.
    """
    answers = AnswerCache(cache_folder() / "answers")
    if name == "pixabay":
        found = find_key(
            key,
            name="key",
            variable="PIXABAY_API_KEY",
            hint="it stands on https://pixabay.com/api/docs/ when you are signed in",
        )
        client = WebClient(
            "Pixabay",
            base_url or pixabay.base_url(),
            domains=pixabay.DOMAINS,
            secrets={"key": found},
            explain=pixabay.explain,
            spacing=spacing,
            patience=patience,
            answers=answers,
        )
        return Source(client, pixabay.find_pictures)
    if key is not None:
        raise ParameterError("Openverse needs no key; leave it out")
    client = WebClient(
        "Openverse",
        base_url or openverse.base_url(),
        spacing=spacing,
        patience=patience,
        answers=answers,
    )
    return Source(
        client,
        lambda asked, query: openverse.find_pictures(asked, query, non_commercial=non_commercial),
    )


class Collector:
    """Fills the folders of moods.

    Parameters
    ----------
    folder : Path
        Exists.
    source : Source
        Who is asked.
    per_mood : int
        How many pictures of each mood there shall be.
    on_progress : callable or None
        Told how many there are.
    """

    def __init__(
        self, folder: Path, source: Source, per_mood: int, on_progress: ProgressCallback | None
    ) -> None:
        self.manifest = Manifest(folder)
        self._folder = folder
        self._source = source
        self._per_mood = per_mood
        self._on_progress = on_progress
        self._faults = 0
        # A file that the user removed was not wanted: it is neither fetched nor taken again.
        self._known = {(line.service, line.id) for line in self.manifest.lines}
        self._hashes = [int(line.hash, 16) for line in self.manifest.lines if line.hash]

    def collect(self, searches: Mapping[str, tuple[str, ...]]) -> tuple[CollectedMood, ...]:
        """Search for each mood, by its searches in turn, until there are enough."""
        found = []
        total = len(searches) * self._per_mood
        for turn, (mood, queries) in enumerate(searches.items()):
            before = sum(self._is_there(line, mood) for line in self.manifest.lines)
            counts = {"new": 0, "duplicates": 0, "unusable": 0}
            self._report(turn * self._per_mood + min(before, self._per_mood), total)
            for query, picture in self._candidates(queries):
                if before + counts["new"] >= self._per_mood:
                    break
                counts[self._take(mood, query, picture)] += 1
                done = min(before + counts["new"], self._per_mood)
                self._report(turn * self._per_mood + done, total)
            kept = before + counts["new"]
            found.append(CollectedMood(mood, self._per_mood, kept, **counts))
            self._report((turn + 1) * self._per_mood, total)
        return tuple(found)

    def _is_there(self, line: ManifestLine, mood: str) -> bool:
        return line.mood == mood and bool(line.file) and (self._folder / line.file).is_file()

    def _report(self, done: int, total: int) -> None:
        tell(self._on_progress, "collect", done, total)

    def _candidates(self, queries: tuple[str, ...]) -> Iterator[tuple[str, FoundPicture]]:
        """Give pictures that were not seen before, one of each search in turn."""
        left = {query: self._source.find(query) for query in queries}
        while left:
            for query, pictures in list(left.items()):
                for picture in pictures:
                    if (picture.service, picture.id) not in self._known:
                        yield query, picture
                        break
                else:
                    del left[query]

    def _take(self, mood: str, query: str, picture: FoundPicture) -> str:
        """Fetch a picture and keep it, or write down why not; say which it was."""
        self._known.add((picture.service, picture.id))
        line = ManifestLine(
            mood, "", picture.service, picture.id, picture.page, picture.title, picture.author,
            picture.licence, query, fetched_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        )  # fmt: skip
        try:
            content = self._source.content(picture)
            checked = check_picture(content)
        except AuthenticationError:
            raise
        except (ServiceError, MediaError) as error:
            if isinstance(error, ServiceError):
                self._faults += 1
                # Such as no network: it is no fault of the picture, which may be had later.
                if error.retryable or self._faults >= _MOST_FAULTS:
                    raise
            self.manifest.add(replace(line, left_out=str(error)))
            return "unusable"
        self._faults = 0
        line = replace(line, hash=f"{checked.hash:016x}")
        if any(is_alike(checked.hash, other) for other in self._hashes):
            self.manifest.add(replace(line, left_out="nearly the same is there"))
            return "duplicates"
        name = f"{mood}/{picture.service}-{picture.id}{checked.ending}"
        line = replace(line, file=name, sha256=hashlib.sha256(content).hexdigest())
        self._write(self._folder / name, content, line)
        self._hashes.append(checked.hash)
        return "new"

    def _write(self, file: Path, content: bytes, line: ManifestLine) -> None:
        try:
            file.parent.mkdir(exist_ok=True)
            # Never is there a file of which nobody knows where it comes from.
            with finished_file(file, overwrite=True) as partial:
                partial.write_bytes(content)
                self.manifest.add(line)
        except OSError as error:
            if isinstance(error, OutputError):
                raise
            raise OutputError(f"cannot write {str(file)!r}: {error.strerror or error}") from error
