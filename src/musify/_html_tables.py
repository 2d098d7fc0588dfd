"""What shows itself in a notebook as a table: a track, a pipeline, the list of backends.

All text is escaped. Tables take the colours of the page, so they are readable in dark mode.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from musify._clock import clock
from musify._display import player_html, showable
from musify._mood_colour import mood_colour
from musify._svg import short_html
from musify.audio.mix import mix
from musify.cues import Cue, CueSheet, SourceRange
from musify.plugins import provider_of

if TYPE_CHECKING:
    from musify.pipeline import Pipeline
    from musify.plugins import BackendInfo
    from musify.tracks import Track
    from musify.video import VideoInfo

__all__ = ["backends_html", "pipeline_html", "track_html", "video_html"]

_CELL: Final = 'style="text-align:left;vertical-align:top;padding:2px 12px 2px 0"'
# With all that is escaped they stay below 300 kB.
_MOST_ROWS: Final = 100
# What a preview begins with.
_PREVIEW_SECONDS: Final = 10.0


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Put cells, which are HTML already, into a table; a head that is empty is left out."""
    titles = "".join(f"<th {_CELL}>{title}</th>" for title in head)
    body = "".join(
        "<tr>" + "".join(f"<td {_CELL}>{cell}</td>" for cell in row) + "</tr>" for row in rows
    )
    top = f"<thead><tr>{titles}</tr></thead>" if titles else ""
    return (
        f'<table style="border-collapse:collapse;color:inherit">{top}<tbody>{body}</tbody></table>'
    )


@showable
def backends_html(backends: "Sequence[BackendInfo]") -> str:
    """Show what can be chosen by name."""
    rows = [
        (
            short_html(backend.kind),
            f"<code>{short_html(backend.name)}</code>",
            short_html(backend.summary),
            short_html(backend.provider),
        )
        for backend in backends[:_MOST_ROWS]
    ]
    left = len(backends) - len(rows)
    more = f"<p>… {left} more</p>" if left else ""
    return _table(("kind", "name", "what it does", "offered by"), rows) + more


@showable
def pipeline_html(pipeline: "Pipeline") -> str:
    """Show the parts of a pipeline in the order in which they work, and what was asked for."""
    stages = (
        ("frame_sampler", "takes pictures out of the video"),
        ("mood_classifier", "sees their mood"),
        ("mood_aggregator", "follows it over time"),
        ("track_selector", "decides what plays when"),
        ("audio_muxer", "writes the output"),
    )
    rows = []
    for kind, work in stages:
        part = getattr(pipeline, kind)
        # Its own name is set off, since a representation may say anything.
        name = f"<b>{short_html(provider_of(part).replace(chr(39), '', 2))}</b>"
        rows.append((kind, name, f"<code>{short_html(repr(part))}</code>", work))
    if pipeline.library is not None:
        library = f"<code>{short_html(repr(pipeline.library))}</code>"
        rows.append(("library", "", library, "holds the music to choose from"))
    wishes = pipeline.sound
    said = {
        "original": wishes.original or "as speech asks for",
        "loudness": "as it is mixed" if wishes.loudness is None else wishes.loudness,
        "ducking": "accessible" if wishes.accessible else wishes.ducking,
        "dynamics": pipeline.dynamics or "not looked at",
        "audited": "yes" if pipeline.audited else "no",
    }
    facts = ", ".join(f"{name}: {short_html(str(value))}" for name, value in said.items())
    return _table(("part", "backend", "made as", "what it does"), rows) + f"<small>{facts}</small>"


@showable
def track_html(track: "Track") -> str:
    """Show what is known of a piece of music, and a player for its beginning."""
    facts: list[tuple[str, str]] = [("length", clock(track.duration))]
    if track.artist is not None:
        facts.insert(0, ("by", short_html(track.artist)))
    if track.mood is not None:
        valence, arousal = track.mood.point
        dot = f'<span style="color:{mood_colour(valence, arousal)}">●</span>'
        place = f"(valence {valence:+.2f}, arousal {arousal:+.2f})"
        facts.append(("mood", f"{dot} {short_html(track.mood.name)} {place}"))
    if track.bpm is not None:
        facts.append(("tempo", f"{track.bpm:.0f} beats a minute"))
    if track.loudness_lufs is not None:
        facts.append(("loudness", f"{track.loudness_lufs:.1f} LUFS"))
    if track.instrumental is not None:
        facts.append(("singing", "no" if track.instrumental else "yes"))
    words = {
        "key": track.key,
        "genre": track.genre,
        "licence": track.licence and track.licence.name,
        "file": None if track.score is not None else str(track.path),
    }
    facts += [(name, short_html(text)) for name, text in words.items() if text]
    length = min(track.duration, _PREVIEW_SECONDS)
    sheet = CueSheet([Cue(0, length, track, (SourceRange(0, length),))], length)
    return (
        f"<b>♪ <bdi>{short_html(track.title)}</bdi></b>{_table((), facts)}"
        f"{player_html(lambda: mix(sheet))}<div><small>{short_html(track.credit)}</small></div>"
    )


@showable
def video_html(video: "VideoInfo") -> str:
    """Show what is known of a video, and its streams."""
    count = len(video.streams)
    facts = (
        f"{clock(video.duration)}, {video.width}x{video.height}, "
        f"{float(video.frame_rate):.4g} frames a second, {count} stream{'s' * (count != 1)}"
    )
    rows = []
    for stream in video.streams[:_MOST_ROWS]:
        sound = f"{stream.channels} channels, {stream.sample_rate} Hz" if stream.channels else ""
        picture = f"{stream.width}x{stream.height}" if stream.width else ""
        role = {video.video_index: "the film", video.audio_index: "its own sound"}
        said = [picture, sound, stream.title or "", role.get(stream.index, "")]
        words = (str(stream.index), stream.kind, stream.codec or "", stream.language or "")
        rows.append([*map(short_html, words), short_html(", ".join(filter(None, said)))])
    more = count - len(rows)
    return (
        f'<b><bdi dir="ltr">{short_html(str(video.path))}</bdi></b><div>{facts}</div>'
        + _table(("stream", "kind", "codec", "language", ""), rows)
        + (f"<p>… {more} more</p>" if more else "")
    )
