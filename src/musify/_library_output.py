"""How the shell shows songs and what is known of them."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from musify._clock import clock
from musify._shell_output import say, table
from musify.index.entries import SongEntry
from musify.index.folder_reports import FolderCheck, FolderUpdate
from musify.index.song_folder import SongFolder
from musify.songs import SongAnalysis

__all__ = [
    "check_record",
    "check_table",
    "entry_record",
    "show_entry",
    "song_table",
    "update_record",
]


def entry_record(entry: SongEntry | None, analysis: SongAnalysis | None = None) -> dict[str, Any]:
    """Describe a song for a machine; with an analysis, all that was heard."""
    if entry is None:
        return {}
    track = entry.track
    record: dict[str, Any] = {"path": str(entry.path), "usable": track is not None}
    if track is not None:
        record |= {
            "title": track.title,
            "artist": track.artist,
            "duration": track.duration,
            "mood": None if track.mood is None else asdict(track.mood),
            "bpm": track.bpm,
            "key": track.key,
            "genre": track.genre,
            "instrumental": track.instrumental,
            "loudness_lufs": track.loudness_lufs,
            "licence": None if track.licence is None else asdict(track.licence),
        }
    record |= {
        "sources": entry.sources,
        "fault": entry.fault,
        "note": entry.note,
        "missing": entry.missing,
        "left_out": entry.left_out,
        "heard": entry.heard,
    }
    if analysis is not None:
        record["analysis"] = {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in asdict(analysis).items()
        }
    return record


def update_record(folder: SongFolder, index: Path | None, done: FolderUpdate) -> dict[str, Any]:
    """Describe for a machine what was done in a folder."""
    where = None if index is None else str(index)
    return {"folder": str(folder.path), "index": where} | asdict(done)


def check_record(folder: SongFolder, check: FolderCheck) -> dict[str, Any]:
    """Describe for a machine in what a folder differs from its index."""
    return {"folder": str(folder.path), "clean": check.is_clean} | asdict(check)


def check_table(folder: SongFolder, check: FolderCheck) -> None:
    """Print in what a folder differs from its index."""
    rows: list[tuple[str, str, str]] = []
    rows += [("new", name, "") for name in check.new]
    rows += [("changed", name, "") for name in check.changed]
    rows += [("moved", old, f"now {new}") for old, new in check.moved.items()]
    rows += [("missing", name, "") for name in check.missing]
    rows += [("broken", name, fault) for name, fault in check.broken.items()]
    rows += [("not listened to", name, "") for name in check.unheard]
    rows += [("cannot be looked into", name or ".", "") for name in check.unread]
    rows += [("note", name, note) for name, note in check.notes.items()]
    if rows:
        table(str(folder.path), ("state", "song", "what"), rows)
    if check.is_clean:
        say(f"{folder.path}: {check.songs} songs, all as they were")
    elif check.is_outdated:
        say(f"bring it up to date with: musify library add {folder.path}")


def song_table(entries: Sequence[SongEntry]) -> None:
    """Print songs, one a line."""
    columns = ("title", "mood", "bpm", "key", "length", "sung", "licence", "known from", "file")
    table("Songs", columns, [_song_row(entry) for entry in entries])


def _song_row(entry: SongEntry) -> tuple[str, ...]:
    track = entry.track
    states = ("missing", entry.missing), ("left out", entry.left_out)
    state = [name for name, holds in states if holds]
    if track is None:
        told = ", ".join([*state, f"broken: {entry.fault}"])
        return (entry.path.name, "", "", "", "", "", "", told, str(entry.path))
    sung = {None: "", True: "no", False: "yes"}[track.instrumental]
    by: dict[str, list[str]] = {}
    for name, source in entry.sources.items():
        if name in ("mood", "bpm", "key", "instrumental", "licence"):
            by.setdefault(source, []).append("sung" if name == "instrumental" else name)
    known = [f"{source}: {' '.join(names)}" for source, names in by.items()]
    if not entry.heard:
        state.append("not listened to")
    return (
        track.title,
        track.mood.name if track.mood else "",
        f"{track.bpm:.0f}" if track.bpm else "",
        track.key or "",
        clock(track.duration),
        sung,
        track.licence.name if track.licence else "",
        "; ".join([*known, *state]),
        str(entry.path),
    )


def show_entry(folder: SongFolder, entry: SongEntry, analysis: SongAnalysis | None) -> None:
    """Print all that is known of a song."""
    track, rows = entry.track, [("file", str(entry.path), "")]
    rows.append(("index", str(folder.index_file or "in memory"), ""))
    for name, value in (("broken", entry.fault), ("note", entry.note)):
        if value:
            rows.append((name, value, ""))
    if track is not None:
        mood, licence = track.mood, track.licence
        sung = {None: None, True: "no", False: "yes"}[track.instrumental]
        for name, field, shown in (
            ("title", "title", track.title),
            ("artist", "artist", track.artist),
            ("length", "", clock(track.duration)),
            ("mood", "mood", mood and f"{mood.name} ({mood.valence:+.2f}, {mood.arousal:+.2f})"),
            ("bpm", "bpm", track.bpm and f"{track.bpm:.1f}"),
            ("key", "key", track.key),
            ("genre", "genre", track.genre),
            ("sung", "instrumental", sung),
            ("loudness", "loudness_lufs", _lufs(track.loudness_lufs)),
            ("licence", "licence", licence and " ".join(filter(None, asdict(licence).values()))),
        ):
            if shown:
                rows.append((name, shown, entry.sources.get(field, "")))
    if analysis is not None:
        rows += _heard_rows(analysis)
    table("Song", ("", "what", "known from"), rows)
    if analysis is not None:
        say("")
        table("Sections", ("from", "to", "like", "valence", "arousal", "energy"), _parts(analysis))


def _lufs(loudness: float | None) -> str | None:
    return None if loudness is None else f"{loudness:.1f} LUFS"


def _heard_rows(analysis: SongAnalysis) -> list[tuple[str, str, str]]:
    heard = [
        ("beats", f"{len(analysis.beats)}, clarity {analysis.beat_clarity:.2f}"),
        ("bar", f"{analysis.beats_per_bar} beats" if analysis.beats_per_bar else "none felt"),
        ("key heard", f"{analysis.key or 'none'}, clarity {analysis.key_clarity:.2f}"),
        ("bpm heard", "none" if analysis.bpm is None else f"{analysis.bpm:.1f}"),
        ("intro until", clock(analysis.intro_end)),
        ("ending from", clock(analysis.ending_start or analysis.duration)),
        ("instrumental", f"{analysis.instrumental:.0%}"),
    ]
    if analysis.tags:
        best = sorted(analysis.tags.items(), key=lambda tag: -tag[1])[:8]
        heard.append(("sounds like", ", ".join(f"{name} {value:.2f}" for name, value in best)))
    return [(name, value, "heard") for name, value in heard]


def _parts(analysis: SongAnalysis) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    edges, times = analysis.section_edges.tolist(), analysis.curve_times
    for start, end, label in zip(edges[:-1], edges[1:], analysis.section_labels, strict=True):
        inside = (times >= start) & (times < end)
        means = ("", "", "")
        if inside.any():
            valence, arousal = analysis.plane[inside].mean(axis=0)
            energy = analysis.energy[inside].mean()
            means = (f"{valence:+.2f}", f"{arousal:+.2f}", f"{energy:.2f}")
        rows.append((clock(start), clock(end), label, *means))
    return rows
