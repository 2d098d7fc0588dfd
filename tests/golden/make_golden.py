"""Write the expected half of every golden file anew; see README.md."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from musify import (
    KNOWN_MOODS,
    MoodScores,
    MoodTimeline,
    Shots,
    SongLibrary,
    Track,
    get_backend,
)
from musify.audio.arrange import loop_ranges
from musify.audio.fit import Fit
from musify.composer.commission import Commission
from musify.composer.writing import compose

FOLDER = Path(__file__).parent


class Songs(SongLibrary):
    """Songs by path, mood, length and loudness, which no file holds."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Track]:
        for row in self._rows:
            yield Track(**row | {"mood": KNOWN_MOODS[row["mood"]]})


def looped(track: Track, length: float, **wishes: object) -> Fit:
    """Stand in for fitting, which would listen to files that are not there."""
    ranges, overlap = loop_ranges(track.duration, length, 1.0)
    return Fit(tuple(replace(source, crossfade=overlap) for source in ranges), length, how="loop")


def timeline_of(case: dict[str, Any]) -> dict[str, Any]:
    """Aggregate the scores of a case."""
    aggregator = get_backend("mood_aggregator", case["backend"], **case["options"])
    shots = None if case["shots"] is None else Shots(**case["shots"])
    timeline = aggregator.aggregate(MoodScores(**case["scores"]), shots, duration=case["duration"])
    fields = {name: getattr(timeline, name) for name in MoodTimeline.__slots__}
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else list(value)
        for name, value in fields.items()
    }


def cues_of(case: dict[str, Any]) -> dict[str, Any]:
    """Select cues for the timeline of a case."""
    selector = get_backend("track_selector", case["backend"], **case["options"])
    with patch("musify.audio.arrange.fit_song", looped):
        sheet = selector.select(MoodTimeline(**case["timeline"]), Songs(case["songs"]))
    document: dict[str, Any] = json.loads(sheet.to_json())
    return document


def score_of(case: dict[str, Any]) -> dict[str, Any]:
    """Compose a case, and shorten each part to how many notes it has and a hash of them."""
    segments = case["segments"]
    timeline = MoodTimeline(
        [0, *(segment["end"] for segment in segments)],
        [segment["label"] for segment in segments],
        np.ones(len(segments)),
        [segment["plane"] for segment in segments],
        cuts=case["cuts"],
    )
    score = compose(Commission(timeline, style=case["style"], seed=case["seed"]))
    columns = ("onset", "duration", "pitch", "velocity", "shift")
    parts = {}
    for part in score.parts:
        # Rounded, since processors differ in the last digits of powers and sines.
        rows = np.column_stack([getattr(part.notes, name) for name in columns]).round(6) + 0.0
        words = hashlib.blake2b(repr(rows.tolist()).encode(), digest_size=8)
        words.update(repr((part.pedal.tolist(), part.expression.tolist())).encode())
        parts[part.name] = [part.instrument, len(rows), words.hexdigest()]
    return {"chords": " ".join(chord.name for chord in score.chords), "parts": parts}


MAKERS = {"timeline": timeline_of, "cues": cues_of, "score": score_of}


def result_of(file: Path, case: dict[str, Any]) -> dict[str, Any]:
    """Compute what a file expects; its name says which half of the flow."""
    return MAKERS[file.name.partition("-")[0]](case)


def main() -> None:
    """Write all files."""
    for file in sorted(FOLDER.glob("*.json")):
        case = json.loads(file.read_text(encoding="utf-8"))
        case["expected"] = result_of(file, case)
        text = json.dumps(case, indent=1, ensure_ascii=False)
        file.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
