"""What was collected, and where each file comes from: a line of JSON each."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from musify._json import parse
from musify.errors import OutputError, ParameterError
from musify.tracks import Licence

__all__ = ["MANIFEST", "Manifest", "ManifestLine"]

MANIFEST: Final = "manifest.jsonl"
_KEYS: Final = (
    *("mood", "file", "service", "id", "page", "title", "author"),
    *("licence", "query", "hash", "sha256", "fetched_at", "left_out"),
)


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """A picture that was looked at.

    Parameters
    ----------
    mood : str
        For which it was searched.
    file : str
        Relative to the manifest, with slashes; empty where it was left out.
    service, id, page, title, author : str
        Where it comes from.
    licence : Licence
        Terms of use, with a credit.
    query : str
        What was searched for.
    hash : str
        Its perceptual hash, 16 hexadecimal digits; empty where there is none.
    sha256 : str
        Of the file.
    fetched_at : str
        UTC, ISO 8601.
    left_out : str
        Why it was not kept; empty if it was.
    """

    mood: str
    file: str
    service: str
    id: str
    page: str
    title: str
    author: str
    licence: Licence
    query: str
    hash: str = ""
    sha256: str = ""
    fetched_at: str = ""
    left_out: str = ""


class Manifest:
    """The manifest of a folder: read as a whole, written line by line.

    Parameters
    ----------
    folder : Path
        Exists.

    Raises
    ------
    ParameterError
        If there is one that cannot be read; the message names the line.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / MANIFEST
        self.lines: list[ManifestLine] = []
        try:
            text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        except (OSError, UnicodeDecodeError) as error:
            raise ParameterError(f"cannot read {str(self.path)!r}: {error}") from error
        whole, newline, rest = text.rpartition("\n")
        for number, line in enumerate(whole.split("\n") if newline else (), 1):
            self.lines.append(_read(line, f"{self.path}, line {number}"))
        # Of a run that was killed while it wrote: the picture is looked at again.
        self._keep = len(f"{whole}{newline}".encode()) if rest else None

    def add(self, line: ManifestLine) -> None:
        """Write a line at once.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        try:
            if self._keep is not None:
                with self.path.open("r+b") as file:
                    file.truncate(self._keep)
                self._keep = None
            with self.path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(json.dumps(asdict(line), ensure_ascii=False) + "\n")
        except OSError as error:
            raise OutputError(
                f"cannot write {str(self.path)!r}: {error.strerror or error}"
            ) from error
        self.lines.append(line)


def _read(line: str, what: str) -> ManifestLine:
    keys = parse(line, what).keys(_KEYS)
    facts: dict[str, Any] = {name: _words(node) for name, node in keys.items() if name != "licence"}
    terms = keys["licence"].keys(("name", "url", "attribution"))
    facts["licence"] = Licence(
        terms["name"].text(), *(terms[name].value for name in ("url", "attribution"))
    )
    file = Path(facts["file"])
    if file.is_absolute() or ".." in file.parts:
        raise keys["file"].refuse("a path below the manifest")
    return ManifestLine(**facts)


def _words(node: Any) -> str:
    if not isinstance(node.value, str):
        raise node.refuse("text")
    return node.value
