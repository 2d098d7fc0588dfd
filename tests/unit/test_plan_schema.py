"""The JSON Schema of plans says what the reader takes: no key more, no key less."""

import copy
import json
import re
from pathlib import Path

import pytest

import musify
from musify import Cue, CueSheet, GainCurve, Licence, Mood, SourceRange, Track

jsonschema = pytest.importorskip("jsonschema")
REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
SCHEMA = json.loads((REFERENCE / "plan.schema.json").read_text("utf-8"))
CHECK = jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture(scope="module")
def plan():
    song = Track(
        "a.wav",
        12.0,
        title="A",
        artist="B",
        genre="folk",
        instrumental=True,
        bpm=120.0,
        key="C major",
        beats=[0.5, 1.0],
        mood=Mood("calm", 0.4, -0.6),
        licence=Licence("CC BY 4.0", "https://example.org", "A by B"),
    )
    first = Cue(0, 6, song, [SourceRange(0, 3), SourceRange(4, 8, speed=1.01)], fade_in=0.5)
    score = musify.compose("happy 6s", style="piano")
    second = Cue(6, 12, Track.of_score(score), [SourceRange(0, 6)])
    curve = GainCurve([0.0, 1.0], [0.0, -6.0])
    sheet = CueSheet([first, second], 12.0, video="v.mp4", loudness_lufs=-14.0, gain_curve=curve)
    return json.loads(sheet.to_json())


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_what_musify_writes_is_valid(plan):
    assert [error.message for error in CHECK.iter_errors(plan)] == []
    assert len(plan["scores"]) == 1
    assert not list(CHECK.iter_errors(json.loads(CueSheet([], 1.0).to_json())))


def changed(plan, *path_and_value):
    *path, last, value = path_and_value
    document = copy.deepcopy(plan)
    node = document
    for key in path:
        node = node[key]
    node[last] = value
    return document


@pytest.mark.parametrize(
    "change",
    [
        ("format", "other"),
        ("version", 4),
        ("nothing", 1),
        ("duration", 0),
        ("original", "mute"),
        ("music_gain_db", 41),
        ("sample_rate", 7999),
        ("loudness_lufs", -4),
        ("gain_curve", {"points": [[1]]}),
        ("cues", 0, "start", -1),
        ("cues", 0, "sources", []),
        ("cues", 0, "sources", [[0, 1, 2]]),
        ("cues", 0, "sources", [{"start": 0, "end": 1, "speed": 3}]),
        ("cues", 0, "track", {"path": "a.wav"}),
        ("cues", 0, "track", "mood", {"name": "calm", "valence": 2, "arousal": 0}),
        ("cues", 0, "track", "mod", "calm"),
    ],
    ids=lambda change: ".".join(map(str, change[:-1])),
)
def test_what_the_reader_refuses_is_invalid(plan, change, tmp_path):
    wrong = changed(plan, *change)
    assert list(CHECK.iter_errors(wrong))
    with pytest.raises(musify.ParameterError):
        CueSheet.from_json(json.dumps(wrong), folder=tmp_path)


def test_its_keys_are_those_of_the_page():
    page = (REFERENCE / "plan.md").read_text("utf-8")
    for part in (SCHEMA, *SCHEMA["$defs"].values()):
        for key in part.get("properties", {}):
            assert re.search(rf"`{key}`", page), key
