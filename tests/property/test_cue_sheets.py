"""A plan survives being written, and a wrong one is refused with the path of what is wrong."""

import contextlib
import copy
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from musify import Cue, CueSheet, Licence, Mood, ParameterError, SourceRange, Track

seconds = st.floats(0.001, 1e6)
signed_unit = st.floats(-1, 1)
words = st.text(min_size=1, max_size=20)
names = words.filter(str.strip)
file_names = st.text("abc äß-.1", min_size=1, max_size=12).map("f{}".format).map(Path)


def optional(strategy):
    return st.none() | strategy


tracks = st.builds(
    Track,
    path=file_names,
    duration=seconds,
    title=words,
    artist=optional(words),
    mood=optional(st.builds(Mood, names, signed_unit, signed_unit)),
    bpm=optional(st.floats(1, 300)),
    key=optional(words),
    loudness_lufs=optional(st.floats(-70, 0)),
    beats=st.sets(st.floats(0, 1000), max_size=4).map(sorted),
    licence=optional(st.builds(Licence, names, optional(words), optional(words))),
    genre=optional(words),
    instrumental=optional(st.booleans()),
)


@st.composite
def cues(draw, start):
    """Make a cue whose sources hold its crossfades and last as long as it does."""
    crossfade = draw(st.floats(0, 5))
    lengths = draw(st.lists(st.floats(2 * crossfade + 0.1, 100), min_size=1, max_size=4))
    begins = [draw(st.floats(0, 1000)) for _ in lengths]
    sources = [SourceRange(at, at + length) for at, length in zip(begins, lengths, strict=True)]
    played = sum(source.duration for source in sources) - crossfade * (len(sources) - 1)
    length = played * draw(st.floats(0.1, 1))
    fades = [length * draw(st.floats(0, 0.5)) for _ in range(2)]
    gain_db = draw(st.floats(-120, 40))
    track = draw(tracks)
    track = replace(track, duration=max(track.duration, *(source.end for source in sources)))
    return Cue(start, start + length, track, sources, *fades, gain_db, crossfade)


@st.composite
def sheets(draw):
    placed = []
    start = 0.0
    for gap in draw(st.lists(st.floats(0, 10), max_size=3)):
        placed.append(draw(cues(start + gap)))
        start = placed[-1].end
    return CueSheet(
        placed,
        start + draw(seconds),
        video=draw(optional(file_names)),
        original=draw(st.sampled_from(["keep", "replace"])),
        music_gain_db=draw(st.floats(-120, 40)),
        sample_rate=draw(st.integers(8000, 192_000)),
        seed=draw(st.integers(0, 2**63 - 1)),
        decisions=draw(st.lists(words, max_size=2)),
    )


def values_of(thing):
    """Take a sheet apart, down to values that compare exactly."""
    if isinstance(thing, np.ndarray):
        return thing.tolist()
    if isinstance(thing, tuple):
        return [values_of(item) for item in thing]
    if hasattr(thing, "__slots__") and not isinstance(thing, Path):
        return {name: values_of(getattr(thing, name)) for name in thing.__slots__}
    return thing


@given(sheets())
def test_json_round_trips_exactly(sheet):
    text = sheet.to_json()
    loaded = CueSheet.from_json(text)
    assert values_of(loaded) == values_of(sheet)
    assert loaded.to_json() == text


FULL = {
    "format": "musify-cue-sheet",
    "version": 1,
    "video": "film.mp4",
    "duration": 20.5,
    "original": "keep",
    "music_gain_db": -2.5,
    "sample_rate": 48000,
    "seed": 7,
    "decisions": ["why"],
    "cues": [
        {
            "start": 0.5,
            "end": 20.0,
            "fade_in": 0.5,
            "fade_out": 2.5,
            "gain_db": -3.5,
            "crossfade": 1.0,
            "sources": [[0.0, 12.0], [2.0, 12.0]],
            "track": {
                "path": "walk.mp3",
                "duration": 30.5,
                "title": "Night Walk",
                "artist": "Ann",
                "bpm": 92.5,
                "key": "D minor",
                "loudness_lufs": -14.5,
                "mood": {"name": "spooky", "valence": -0.4, "arousal": 0.5},
                "beats": [0.5, 0.75],
                "licence": {"name": "MIT", "url": "https://example.org", "attribution": "Ann"},
            },
        }
    ],
}
REQUIRED = {
    "format", "version", "duration", "cues", "cues[0].start", "cues[0].end", "cues[0].sources",
    "cues[0].track", "cues[0].track.path", "cues[0].track.duration", "cues[0].track.mood.name",
    "cues[0].track.mood.valence", "cues[0].track.mood.arousal", "cues[0].track.licence.name",
}  # fmt: skip


def places(value, path="", way=()):
    """List every place of a document: its path as errors write it, and the way to it."""
    inner = []
    if isinstance(value, dict):
        inner = [(f"{path}.{key}" if path else key, key, item) for key, item in value.items()]
    elif isinstance(value, list):
        inner = [(f"{path}[{index}]", index, item) for index, item in enumerate(value)]
    for inner_path, step, item in inner:
        yield inner_path, (*way, step)
        yield from places(item, inner_path, (*way, step))


PLACES = list(places(FULL))
KEYS = [(path, way) for path, way in PLACES if isinstance(way[-1], str)]


def edited(way, edit):
    """Copy the document, and edit what holds the last step of a way."""
    document = copy.deepcopy(FULL)
    holder = document
    for step in way[:-1]:
        holder = holder[step]
    edit(holder, way[-1])
    return json.dumps(document)


def test_the_document_is_right_as_it_is():
    assert len(CueSheet.from_json(json.dumps(FULL)).cues) == 1


@pytest.mark.parametrize(("path", "way"), KEYS, ids=[path for path, _ in KEYS])
def test_a_key_that_is_removed_is_named_unless_it_may_be_left_out(path, way):
    text = edited(way, lambda holder, key: holder.pop(key))
    if path not in REQUIRED:
        CueSheet.from_json(text)
        return
    with pytest.raises(ParameterError) as caught:
        CueSheet.from_json(text)
    assert str(caught.value) == f"cue sheet: {path} is missing"


@pytest.mark.parametrize(("path", "way"), KEYS, ids=[path for path, _ in KEYS])
def test_a_key_that_is_renamed_is_named(path, way):
    def rename(holder, key):
        holder[f"{key}s"] = holder.pop(key)

    with pytest.raises(ParameterError) as caught:
        CueSheet.from_json(edited(way, rename))
    assert f"cue sheet: {path}s is not a known key" in str(caught.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
WRONG_TYPES = [None, True, 3, 2.5, "x", [], ["x"], {}, {"x": 1}]


@pytest.mark.parametrize(("path", "way"), PLACES, ids=[path for path, _ in PLACES])
def test_a_value_of_another_type_is_named(path, way):
    right = json.loads(edited(way, lambda holder, key: None))
    for step in way:
        right = right[step]
    numbers = (int, float)
    for wrong in WRONG_TYPES:
        if type(wrong) is type(right) or (type(wrong) in numbers and type(right) in numbers):
            continue
        if path == "video" and wrong is None:
            continue  # a plan need not name its video
        text = edited(way, lambda holder, key, wrong=wrong: holder.__setitem__(key, wrong))
        with pytest.raises(ParameterError) as caught:
            CueSheet.from_json(text)
        assert path in str(caught.value), wrong


@given(st.sampled_from(PLACES), json_values)
@example(PLACES[3], 10**400)
@example(PLACES[0], "\ud800")
def test_no_value_gives_another_error(place, value):
    text = edited(place[1], lambda holder, key: holder.__setitem__(key, value))
    with contextlib.suppress(ParameterError):
        CueSheet.from_json(text)


@given(json_values)
def test_no_document_gives_another_error(value):
    with pytest.raises(ParameterError, match="cue sheet: "):
        CueSheet.from_json(json.dumps(value))


@given(st.text(max_size=30))
def test_no_text_gives_another_error(text):
    with pytest.raises(ParameterError, match="cue sheet"):
        CueSheet.from_json(text)
