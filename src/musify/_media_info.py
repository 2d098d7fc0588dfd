"""Reading what ``ffmpeg -i`` says of a file, since no ffprobe comes with it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, Literal, TypeAlias

from musify._channel_layouts import layout_channels

__all__ = ["MediaInfo", "StreamInfo", "StreamKind", "parse_media_info"]

StreamKind: TypeAlias = Literal["video", "audio", "subtitle", "data", "attachment"]

_KINDS: Final[dict[str, StreamKind]] = {
    "Video": "video",
    "Audio": "audio",
    "Subtitle": "subtitle",
    "Data": "data",
    "Attachment": "attachment",
}
_INPUT = re.compile(r"^Input #\d+, (?P<format>.+?), from ")
_DURATION = re.compile(r"^Duration: (?P<duration>[\d:.]+|N/A)(?:, start: (?P<start>-?[\d.]+))?")
_STREAM = re.compile(
    r"^Stream #\d+:(?P<index>\d+)(?:\[\w+\])?(?:\((?P<language>.*?)\))?: "
    r"(?P<kind>Video|Audio|Subtitle|Data|Attachment): (?P<rest>.*)$"
)
_ESTIMATE = re.compile(r"^\[\S+ @ 0x[0-9a-f]+\] Estimating duration from bitrate")
_GROUP = re.compile(r"^(Program \d+|Stream group #|Chapters:|No Program)")
_HANDLER = re.compile("handler|media", re.IGNORECASE)
_CHAPTER = re.compile(r"^Chapter #\d+:\d+: start ")
_SIZE = re.compile(r", (\d+)x(\d+)(?: |,|$)")
_ASPECT = re.compile(r"\bSAR (\d+):(\d+)\b")
_RATE = re.compile(r", ([\d.]+k?) (fps|tbr)\b")
_HERTZ = re.compile(r", (\d+) Hz")
_LAYOUT = re.compile(r" Hz, ([^,]+)")
# The format of the pixels, then what is known of its range, its colours (matrix, primaries and
# transfer; one name where they are alike) and its fields.
_PIXELS = re.compile(r", (?P<format>[a-z]\w+)(?:\((?P<notes>[^()]*)\))?, \d+x\d+")
_COLOURS = re.compile(
    r"(?:^|, )(?P<matrix>[\w-]+)/(?P<primaries>[\w-]+)/(?P<transfer>[\w-]+)(?:,|$)"
)
_FIELDS = re.compile(r"(?:^|, )(?:top|bottom)(?: coded)? first")
_ROTATION = re.compile(r"rotation of (-?[\d.]+) degrees")
_FLAG = (
    r"\((default|dub|original|comment|lyrics|karaoke|forced|hearing impaired|visual impaired|"
    r"clean effects|attached pic|timed thumbnails|non-diegetic|captions|descriptions|metadata|"
    r"dependent|still image|multilayer)\)"
)
_DISPOSITIONS = re.compile(rf"(?: {_FLAG})+$")
# Of the encoder, not of the picture; it differs from container to container.
_RATE_CONTROL: Final = "cpb:"
_TAG = re.compile(r"^(?P<key>\S.*?)\s*: ?(?P<value>.*)$")


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """One stream of a file.

    Parameters
    ----------
    index : int
        Its number in the file.
    kind : {"video", "audio", "subtitle", "data", "attachment"}
        What it carries.
    codec : str
        As ffmpeg names it, such as ``"h264"``; ``"none"`` where it knows none.
    language : str, optional
        Three letters (ISO 639-2).
    title : str, optional
        As the file names it.
    disposition : tuple of str
        Such as ``("default",)`` or ``("attached pic",)``.
    tag : str, optional
        Four letters the container names the codec by, such as ``"tmcd"``.
    width, height : int, optional
        Pixels as stored, before rotation.
    aspect : Fraction, default 1
        Width of a pixel over its height.
    rotation : float, default 0
        Degrees counter-clockwise that a player turns the picture by.
    frame_rate : Fraction, optional
        Frames a second as the file says; an average where it varies.
    sample_rate : int, optional
        PCM frames a second.
    channels : int, optional
        How many; None where the layout is not a common one.
    layout : str, optional
        Which channels, as ffmpeg names it: ``"5.1(side)"``.
    pixel_format : str, optional
        As ffmpeg names it, such as ``"yuv420p10le"``.
    colour_primaries, colour_transfer : str, optional
        As ffmpeg names them, such as ``"bt2020"`` and ``"smpte2084"`` (PQ); None where the file
        says nothing, or only one name for all, as ``"bt709"``.
    interlaced : bool, default False
        Whether frames hold two fields of different times.
    side_data : tuple of str
        What the container says of all frames, in ffmpeg's words and in order of the alphabet: the
        display that a picture was mastered on, Dolby Vision, stereo, projection, and how to turn.
    """

    index: int
    kind: StreamKind
    codec: str
    language: str | None = None
    title: str | None = None
    disposition: tuple[str, ...] = ()
    tag: str | None = None
    width: int | None = None
    height: int | None = None
    aspect: Fraction = Fraction(1)
    rotation: float = 0.0
    frame_rate: Fraction | None = None
    sample_rate: int | None = None
    channels: int | None = None
    layout: str | None = None
    pixel_format: str | None = None
    colour_primaries: str | None = None
    colour_transfer: str | None = None
    interlaced: bool = False
    side_data: tuple[str, ...] = ()

    @property
    def is_cover(self) -> bool:
        """Whether it is cover art, not a film."""
        return bool({"attached pic", "still image", "timed thumbnails"} & set(self.disposition))

    @property
    def is_dolby_vision(self) -> bool:
        """Whether the container says how to show it in Dolby Vision."""
        return any(words.startswith("DOVI") for words in self.side_data)


@dataclass(slots=True)
class MediaInfo:
    """What ffmpeg says of a file.

    ``duration`` is the container's own word, None where it gives none; ``is_estimate`` tells that
    ffmpeg guessed it from the bit rate. ``unread`` is a line about a stream that made no sense.
    """

    format: str = ""
    duration: float | None = None
    is_estimate: bool = False
    unread: str = ""
    start: float = 0.0
    streams: list[StreamInfo] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    stream_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    chapters: int = 0

    def merged_tags(self, index: int) -> dict[str, str]:
        """Tags of the file and of one stream, keys in lower case; Ogg keeps all in the stream."""
        both = self.stream_tags.get(index, {}) | self.tags
        return {key.lower(): value for key, value in both.items()}


def parse_media_info(lines: Iterable[str], url: str = "") -> MediaInfo | None:
    """Read the error output of ``ffmpeg -i``.

    Parameters
    ----------
    lines : iterable of str
        What ffmpeg said.
    url : str, optional
        What it was asked about. A name may hold line breaks, and must not pass for what it says.

    Returns
    -------
    MediaInfo or None
        None if no input was opened.
    """
    info: MediaInfo | None = None
    streams: dict[int, dict[str, object]] = {}
    file: dict[str, object] = {}
    owner = file  # of the tags that come next
    tags: dict[str, str] | None = None
    tag_indent = 0
    side_indent: int | None = None
    if url:
        said = "\n".join(lines)
        lines = said.replace(re.sub(r"\r\n?", "\n", url), "").split("\n")
    is_estimate = False
    for indent, text in _indented(lines):
        if info is None:
            is_estimate = is_estimate or bool(_ESTIMATE.match(text))
            if match := _INPUT.match(text):
                info = MediaInfo(format=match["format"])
            continue
        # Tags are free text. Nothing inside a block of them may pass for structure.
        if tags is not None and indent > tag_indent:
            _read_tag(text, tags)
            continue
        tags = None
        if side_indent is not None and indent > side_indent:
            if not text.startswith(_RATE_CONTROL):
                owner["side_data"] = tuple(sorted((*owner.get("side_data", ()), text)))  # type: ignore[misc] # a tuple
            if match := _ROTATION.search(text):
                owner["rotation"] = float(match[1])
            continue
        side_indent = None
        if text == "Side data:":
            side_indent = indent
        elif text == "Metadata:":
            tags, tag_indent = {}, indent
            owner.setdefault("tags", tags)
        elif match := _DURATION.match(text):
            info.duration = _seconds(match["duration"])
            info.start = float(match["start"] or 0)
        elif _GROUP.match(text):
            owner = {}  # programs and groups of streams have tags of their own
        elif match := _STREAM.match(text):
            owner = {"index": int(match["index"]), "language": match["language"]}
            owner |= _read_stream(_KINDS[match["kind"]], match["rest"])
            streams.setdefault(int(match["index"]), owner)  # it may be in two groups
        elif text.startswith("Stream #"):
            info.unread = info.unread or text
        elif _CHAPTER.match(text):
            owner = {}
            info.chapters += 1
    if info is not None:
        info.tags = _tags_of(file)
        info.is_estimate = is_estimate
        if sorted(streams) != list(range(len(streams))):
            info.unread = info.unread or f"streams {sorted(streams)}"
        for index in sorted(streams):
            found = streams[index]
            info.stream_tags[index] = _tags_of(found)
            found.pop("tags", None)
            title = _title(info.stream_tags[index])
            made = StreamInfo(title=title, **found)  # type: ignore[arg-type] # as read
            info.streams.append(made)
    return info


def _title(tags: dict[str, str]) -> str | None:
    known = {key.lower(): value for key, value in tags.items()}
    # MP4 has no titles of streams. People and programs name the handler instead; by default it is
    # called "SoundHandler", "Core Media Audio" and the like.
    handler = known.get("handler_name", "")
    return known.get("title") or (None if _HANDLER.search(handler) else handler.strip() or None)


def _tags_of(owner: dict[str, object]) -> dict[str, str]:
    tags = owner.get("tags", {})
    assert isinstance(tags, dict)
    return tags


def _indented(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for line in lines:
        text = line.strip()
        if text:
            yield len(line) - len(line.lstrip()), text


def _read_tag(text: str, tags: dict[str, str]) -> None:
    if text.startswith(": "):  # a value of several lines goes on
        last = next(reversed(tags), None)
        if last is not None:
            tags[last] += "\n" + text[2:]
    elif match := _TAG.match(text):
        tags[match["key"]] = match["value"]


def _read_stream(kind: StreamKind, rest: str) -> dict[str, object]:
    found: dict[str, object] = {"kind": kind}
    if match := _DISPOSITIONS.search(rest):
        found["disposition"] = tuple(re.findall(_FLAG, match[0]))
        rest = rest[: match.start()]
    found["codec"] = re.split(r"[ ,(]", rest, maxsplit=1)[0]
    if match := re.search(r"\((\S{4}) / 0x[0-9A-F]+\)", rest):
        found["tag"] = match[1]
    if kind == "video":
        if match := _SIZE.search(rest):
            found["width"], found["height"] = int(match[1]), int(match[2])
        if (match := _ASPECT.search(rest)) and "0" not in match.groups():
            found["aspect"] = Fraction(int(match[1]), int(match[2]))
        if match := _PIXELS.search(rest):
            found["pixel_format"], notes = match["format"], match["notes"] or ""
            found["interlaced"] = bool(_FIELDS.search(notes))
            if colours := _COLOURS.search(notes):
                for name in ("primaries", "transfer"):
                    if colours[name] != "unknown":
                        found[f"colour_{name}"] = colours[name]
        rates = {unit: number for number, unit in _RATE.findall(rest)}
        if text := rates.get("fps", rates.get("tbr")):
            found["frame_rate"] = exact_rate(text)
    elif kind == "audio":
        if match := _HERTZ.search(rest):
            found["sample_rate"] = int(match[1])
        if match := _LAYOUT.search(rest):
            found["channels"] = _channels(match[1])
            found["layout"] = match[1].strip()
    return found


def _channels(layout: str) -> int | None:
    if match := re.match(r"(\d+) channels", layout):
        return int(match[1])
    return len(layout_channels(layout)) or None


def exact_rate(text: str) -> Fraction:
    """Undo ffmpeg's rounding of a frame rate to two decimals.

    Returns
    -------
    Fraction
        The NTSC rate n * 1000 / 1001 or the whole number within 0.005 of it, else the decimal.

    Examples
    --------
    >>> exact_rate("29.97"), exact_rate("25"), exact_rate("29.83")
    (Fraction(30000, 1001), Fraction(25, 1), Fraction(2983, 100))
    """
    thousands = text.endswith("k")
    rate = Fraction(text.removesuffix("k")) * (1000 if thousands else 1)
    whole = round(rate)
    ntsc = Fraction(round(rate * 1001 / 1000) * 1000, 1001)
    for candidate in (Fraction(whole), ntsc):
        if candidate and abs(candidate - rate) <= Fraction(5, 1000):
            return candidate
    return rate


def _seconds(text: str) -> float | None:
    if text == "N/A":
        return None
    hours, minutes, seconds = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
