"""What the tags of an audio file say, whatever its format calls them."""

import math
import re
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["read_key", "read_licence", "read_tags"]

# ReplayGain 2.0 brings a song to -18 LUFS, R128 gains of Opus (RFC 7845, 5.2.1) to -23 LUFS, so
# gains tell how loud the song is.
_REPLAYGAIN_LUFS: Final = -18.0
_R128_LUFS: Final = -23.0
_R128_STEPS: Final = 256
# In the order in which they are believed. Names of ID3 frames, Vorbis comments, MP4 and ASF.
_NAMES: Final = {
    "title": ("title", "tit2"),
    "artist": ("artist", "tpe1", "album_artist", "author"),
    "genre": ("genre", "tcon", "wm/genre"),
    "mood": ("mood", "tmoo", "wm/mood"),
    "bpm": ("bpm", "tbpm", "tempo", "tmpo", "wm/beatsperminute"),
    "key": ("initialkey", "initial_key", "tkey", "key", "wm/initialkey"),
    "licence": ("license", "licence", "wm/license"),
    "licence_url": ("license_url", "license-url", "wcop"),
    "gain": ("replaygain_track_gain",),
    "r128": ("r128_track_gain",),
    "copyright": ("copyright", "tcop"),
    "attribution": ("attribution",),
}
_LONGEST: Final = 500
_TONIC = r"(?P<tonic>[A-Ga-g])\s*(?P<sign>#|♯|b|♭|-?sharp|-?flat|)"
_KEY = re.compile(rf"{_TONIC}\s*(?P<mode>major|maj|minor|min|moll|dur|m|)\.?", re.IGNORECASE)
# Wheels of DJ software: Camelot 8A is A minor, 8B C major; Open Key 1m is A minor, 1d C major. A
# step is a fifth.
_CAMELOT = re.compile(r"0?(?P<hour>1[0-2]|[1-9])(?P<side>[ABab])")
_OPEN_KEY = re.compile(r"0?(?P<hour>1[0-2]|[1-9])(?P<side>[dmDM])")
_TONICS: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_CREATIVE_COMMONS = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/(?:licenses/(?P<terms>by(?:-nc)?(?:-nd|-sa)?)/"
    r"(?P<version>\d\.\d)|publicdomain/(?P<free>zero|mark)/1\.0)",
    re.IGNORECASE,
)


def read_tags(tags: Mapping[str, str]) -> dict[str, Any]:
    """Pick out of a file's tags what matters for choosing music.

    Parameters
    ----------
    tags : mapping of str to str
        Keys in lower case.

    Returns
    -------
    dict of str to object
        Such of ``title``, ``artist``, ``genre``, ``mood`` (words as they stand), ``bpm``, ``key``
        (as ``"D minor"``), ``licence``, ``licence_url``, ``attribution`` and ``loudness_lufs`` as
        the file has and makes sense.
    """
    said: dict[str, str] = {}
    for field, names in _NAMES.items():
        words = (tags.get(name, "").strip()[:_LONGEST] for name in names)
        said[field] = next(filter(None, words), "")
    name, url = read_licence(said["licence"], said["licence_url"], said["copyright"])
    found: dict[str, Any] = {
        "title": said["title"],
        "artist": said["artist"],
        "genre": said["genre"],
        "mood": said["mood"],
        "bpm": _tempo(said["bpm"]),
        "key": read_key(said["key"]),
        "licence": name,
        "licence_url": url,
        "attribution": said["attribution"],
        "loudness_lufs": _loudness(said["gain"], said["r128"]),
    }
    # Halves of letters cannot be kept as text.
    return {
        field: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for field, value in found.items()
        if value not in (None, "")
    }


def read_key(text: str) -> str | None:
    """Read a key, such as ``Dm``, ``D minor``, ``F#``, ``7A`` (Camelot) or ``1m`` (Open Key).

    Returns
    -------
    str or None
        Such as ``"D minor"``; None for what is no key.

    Examples
    --------
    >>> read_key("Dm"), read_key("8A"), read_key("Bb"), read_key("off key")
    ('D minor', 'A minor', 'Bb major', None)
    """
    text = text.strip()
    if match := _CAMELOT.fullmatch(text):
        is_minor = match["side"] in "Aa"
        return _by_fifths(int(match["hour"]) - 8, is_minor=is_minor)
    if match := _OPEN_KEY.fullmatch(text):
        return _by_fifths(int(match["hour"]) - 1, is_minor=match["side"] in "mM")
    match = _KEY.fullmatch(text)
    if not match:
        return None
    sign = match["sign"].lower().lstrip("-")
    sign = {"": "", "#": "#", "♯": "#", "sharp": "#"}.get(sign, "b")
    mode = match["mode"]
    # "M" is major and "m" minor; "moll" and "dur" are German.
    is_minor = mode == "m" or mode.lower() in ("minor", "min", "moll")
    return f"{match['tonic'].upper()}{sign} {'minor' if is_minor else 'major'}"


def _by_fifths(steps: int, *, is_minor: bool) -> str:
    tonic = _TONICS[(steps * 7 + (9 if is_minor else 0)) % 12]
    return f"{tonic} {'minor' if is_minor else 'major'}"


def read_licence(name: str, url: str, copyright_line: str) -> tuple[str | None, str | None]:
    """Find the name (SPDX where it can be told) and the address of a licence.

    Creative Commons asks for its address in ``WCOP``, ``LICENSE`` or the line of copyright; a line
    of copyright without it is no licence.
    """
    for text in (name, url, copyright_line):
        if match := _CREATIVE_COMMONS.search(text):
            if match["free"]:
                spdx = "CC0-1.0" if match["free"].lower() == "zero" else "CC-PDM-1.0"
            else:
                spdx = f"CC-{match['terms'].upper()}-{match['version']}"
            plain_name = None if name.lower().startswith(("http:", "https:")) else name
            return plain_name or spdx, url or match[0]
    return name or url or None, url or None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _tempo(text: str) -> float | None:
    bpm = _number(text.replace(",", "."))
    return bpm if 1 <= bpm <= 1000 else None


def _loudness(gain: str, r128: str) -> float | None:
    """Turn a ReplayGain tag such as ``-6.20 dB`` into LUFS."""
    loudness = math.nan
    if match := re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*dB", gain, re.IGNORECASE):
        loudness = _REPLAYGAIN_LUFS - float(match[1])
    elif r128:
        loudness = _R128_LUFS - _number(r128) / _R128_STEPS
    # No song is as loud or as quiet as a broken tag may say.
    return loudness if -60 <= loudness <= 0 else None
