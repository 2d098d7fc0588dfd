"""Cue sheets as JSON: version 3 is written.

Version 1, whose ranges are pairs, and version 2, which knows no scores, are read too.
"""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from musify._json import Node, json_text, parse
from musify.composer.score import Score
from musify.composer.score_json import score_from_node, score_to_dict
from musify.cue import GAINS_DB, JOINERS, SPEEDS
from musify.cues import (
    LOUDNESSES_LUFS,
    ORIGINALS,
    SAMPLE_RATES,
    SEEDS,
    STREAMS,
    Cue,
    CueSheet,
    SourceRange,
)
from musify.errors import ParameterError
from musify.gain_curve import GainCurve
from musify.moods import Mood
from musify.origins import VideoOrigin
from musify.tracks import LONGEST_SECONDS, Licence, Track

__all__ = ["dump_sheet", "load_sheet"]

FORMAT: Final = "musify-cue-sheet"
VERSION: Final = 3
_READ: Final = (1, 2, 3)
WHAT: Final = "cue sheet"
_CURVES: Final = ("gain_curve", "lead_curve")
_SMALLEST: Final = 1e-9
_BPM: Final = (1.0, 1000.0)
_ORIGIN: Final = ("page", "title", "uploader", "licence")
_RANGE_EXTRAS: Final[dict[str, tuple[float, float]]] = {
    "speed": SPEEDS,
    "crossfade": (0.0, LONGEST_SECONDS),
    "gain_db": GAINS_DB,
    "gain_seconds": (0.0, LONGEST_SECONDS),
    "joint_cost": (-LONGEST_SECONDS, LONGEST_SECONDS),
}


def dump_sheet(sheet: CueSheet) -> str:
    """Write a sheet as JSON."""
    scores: dict[str, Score] = {}
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "video": None if sheet.video is None else str(sheet.video),
        "duration": sheet.duration,
        "original": sheet.original,
        "music_gain_db": sheet.music_gain_db,
        "sample_rate": sheet.sample_rate,
        "seed": sheet.seed,
        "decisions": list(sheet.decisions),
        "loudness_lufs": sheet.loudness_lufs,
        "audio_stream": sheet.audio_stream,
        "cues": [_dump_cue(cue, scores) for cue in sheet.cues],
    }
    for name in _CURVES:
        curve = getattr(sheet, name)
        if curve is not None:
            document[name] = curve.to_dict()
    if sheet.origin is not None:
        origin = {name: getattr(sheet.origin, name) for name in _ORIGIN}
        document["origin"] = {key: value for key, value in origin.items() if value is not None}
    if scores:
        document["scores"] = {name: score_to_dict(score) for name, score in scores.items()}
    return json_text(document)


def _dump_cue(cue: Cue, scores: dict[str, Score]) -> dict[str, Any]:
    return ({} if cue.joined_by == "musify" else {"joined_by": cue.joined_by}) | {
        "start": cue.start,
        "end": cue.end,
        "fade_in": cue.fade_in,
        "fade_out": cue.fade_out,
        "gain_db": cue.gain_db,
        "crossfade": cue.crossfade,
        "sources": [dump_range(source) for source in cue.sources],
        "track": _dump_track(cue.track, scores),
    }


def dump_range(source: SourceRange) -> list[float] | dict[str, float]:
    """Write a range: a pair where start and end say everything, else an object."""
    plain = SourceRange(source.start, source.end)
    if source == plain:
        return [source.start, source.end]
    return {
        name: getattr(source, name)
        for name in ("start", "end", *_RANGE_EXTRAS)
        if name in ("start", "end") or getattr(source, name) != getattr(plain, name)
    }


def _dump_track(track: Track, scores: dict[str, Score]) -> dict[str, Any]:
    """Describe a track; its score goes to the others, where it stands once for all its cues."""
    given: dict[str, Any] = {
        "path": str(track.path),
        "duration": track.duration,
        "title": track.title,
        "artist": track.artist,
        "bpm": track.bpm,
        "key": track.key,
        "loudness_lufs": track.loudness_lufs,
        "genre": track.genre,
        "instrumental": track.instrumental,
    }
    if track.mood is not None:
        given["mood"] = {
            "name": track.mood.name,
            "valence": track.mood.valence,
            "arousal": track.mood.arousal,
        }
    if track.score is not None:
        names = (name for name, score in scores.items() if score == track.score)
        given["score"] = next(names, f"score {len(scores) + 1}")
        scores[given["score"]] = track.score
        given["soundfont"] = None if track.soundfont is None else str(track.soundfont)
    if track.beats:
        given["beats"] = list(track.beats)
    if track.licence is not None:
        licence = track.licence
        terms = {"name": licence.name, "url": licence.url, "attribution": licence.attribution}
        given["licence"] = {key: value for key, value in terms.items() if value is not None}
    return {key: value for key, value in given.items() if value is not None}


def load_sheet(text: str, folder: Path) -> CueSheet:
    """Read a sheet from JSON; relative paths start at ``folder``."""
    keys = parse(text, WHAT).keys(
        required=("format", "version", "duration", "cues"),
        optional=(
            "video",
            "original",
            "music_gain_db",
            "sample_rate",
            "seed",
            "decisions",
            "loudness_lufs",
            "audio_stream",
            *_CURVES,
            "origin",
            "scores",
        ),
    )
    keys["format"].choice((FORMAT,))
    keys["version"].choice(_READ)
    optional: dict[str, Any] = {}
    if "video" in keys and not keys["video"].is_null:
        optional["video"] = folder / keys["video"].file_name()
    if "original" in keys:
        optional["original"] = keys["original"].choice(ORIGINALS)
    if "music_gain_db" in keys:
        optional["music_gain_db"] = keys["music_gain_db"].number(*GAINS_DB)
    if "sample_rate" in keys:
        optional["sample_rate"] = keys["sample_rate"].integer(*SAMPLE_RATES)
    if "seed" in keys:
        optional["seed"] = keys["seed"].integer(*SEEDS)
    if "decisions" in keys:
        optional["decisions"] = tuple(item.text() for item in keys["decisions"].items())
    if "loudness_lufs" in keys and not keys["loudness_lufs"].is_null:
        optional["loudness_lufs"] = keys["loudness_lufs"].number(*LOUDNESSES_LUFS)
    if "audio_stream" in keys and not keys["audio_stream"].is_null:
        optional["audio_stream"] = keys["audio_stream"].integer(*STREAMS)
    for name in _CURVES:
        if name in keys and not keys[name].is_null:
            optional[name] = GainCurve.from_node(keys[name])
    if "origin" in keys and not keys["origin"].is_null:
        origin = keys["origin"].keys(required=_ORIGIN[:1], optional=_ORIGIN[1:])
        optional["origin"] = VideoOrigin(**{name: words.text() for name, words in origin.items()})
    scores = {
        name: score_from_node(node)
        for name, node in (keys["scores"].entries() if "scores" in keys else ())
    }
    return CueSheet(
        cues=tuple(_load_cue(item, folder, scores) for item in keys["cues"].items()),
        duration=keys["duration"].number(_SMALLEST, LONGEST_SECONDS),
        **optional,
    )


def _load_cue(node: Node, folder: Path, scores: Mapping[str, Score]) -> Cue:
    keys = node.keys(
        required=("start", "end", "sources", "track"),
        optional=("fade_in", "fade_out", "gain_db", "crossfade", "joined_by"),
    )
    optional: dict[str, Any] = {
        name: keys[name].number(low=0)
        for name in ("fade_in", "fade_out", "crossfade")
        if name in keys
    }
    if "gain_db" in keys:
        optional["gain_db"] = keys["gain_db"].number(*GAINS_DB)
    if "joined_by" in keys:
        optional["joined_by"] = keys["joined_by"].choice(JOINERS)
    start, end = keys["start"].number(0, LONGEST_SECONDS), keys["end"].number(0, LONGEST_SECONDS)
    sources = tuple(_load_range(item) for item in keys["sources"].items())
    track = _load_track(keys["track"], folder, scores)
    try:
        return Cue(start=start, end=end, track=track, sources=sources, **optional)
    except ParameterError as error:
        raise ParameterError(f"{WHAT}: {node.path}: {error}") from error


def _load_range(node: Node) -> SourceRange:
    if isinstance(node.value, dict):
        keys = node.keys(required=("start", "end"), optional=tuple(_RANGE_EXTRAS))
        times = (keys[name].number(0, LONGEST_SECONDS) for name in ("start", "end"))
        extras = {
            name: keys[name].number(*bounds)
            for name, bounds in _RANGE_EXTRAS.items()
            if name in keys
        }
        try:
            return SourceRange(*times, **extras)
        except ParameterError as error:
            raise ParameterError(f"{WHAT}: {node.path}: {error}") from error
    numbers = [item.number(0, LONGEST_SECONDS) for item in node.items()]
    if len(numbers) != 2:
        raise node.refuse("a pair [start, end]")
    try:
        return SourceRange(*numbers)
    except ParameterError as error:
        raise node.refuse("a pair [start, end] with start < end") from error


def _load_track(node: Node, folder: Path, scores: Mapping[str, Score]) -> Track:
    keys = node.keys(
        required=("path", "duration"),
        optional=(
            "title",
            "artist",
            "mood",
            "bpm",
            "key",
            "loudness_lufs",
            "beats",
            "licence",
            "genre",
            "instrumental",
            "score",
            "soundfont",
        ),
    )
    optional: dict[str, Any] = {
        name: keys[name].text() for name in ("title", "artist", "key", "genre") if name in keys
    }
    if "instrumental" in keys:
        optional["instrumental"] = keys["instrumental"].choice((True, False))
    if "bpm" in keys:
        optional["bpm"] = keys["bpm"].number(*_BPM)
    if "loudness_lufs" in keys:
        optional["loudness_lufs"] = keys["loudness_lufs"].number()
    if "mood" in keys:
        mood = keys["mood"].keys(required=("name", "valence", "arousal"))
        optional["mood"] = Mood(
            mood["name"].text(), mood["valence"].number(-1, 1), mood["arousal"].number(-1, 1)
        )
    if "beats" in keys:
        beats = [item.number(low=0) for item in keys["beats"].items()]
        if any(late <= early for early, late in pairwise(beats)):
            raise keys["beats"].refuse("ascending times")
        optional["beats"] = beats
    if "licence" in keys:
        terms = keys["licence"].keys(required=("name",), optional=("url", "attribution"))
        optional["licence"] = Licence(**{name: term.text() for name, term in terms.items()})
    path = Path(keys["path"].file_name())
    if "score" in keys:
        optional["score"] = scores[keys["score"].choice(tuple(scores))]
        if "soundfont" in keys:
            optional["soundfont"] = folder / keys["soundfont"].file_name()
        made = Track.of_score(optional["score"], soundfont=optional.get("soundfont"))
        if path.name != made.path.name and (len(path.parts) > 1 or (folder / path).is_file()):
            raise ParameterError(
                f"{WHAT}: {keys['path'].path} is {str(path)!r}, but score is what plays: take "
                f"score out of {node.path} to play the file"
            )
    else:  # only what is recorded stands in a file
        path = folder / path
    duration = keys["duration"].number(_SMALLEST, LONGEST_SECONDS)
    return Track(path=path, duration=duration, **optional)
