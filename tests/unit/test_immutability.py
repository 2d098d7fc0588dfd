"""Nothing that flows through musify can be changed from outside."""

import copy
import dataclasses
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import musify
from musify import (
    FrameSample,
    GainCurve,
    MoodScores,
    MoodSpace,
    MoodTimeline,
    Score,
    Shots,
    SongAnalysis,
    Speech,
    SpeechReport,
    TrainingReport,
)
from musify.composer.tempo import TempoMap

DATA_TYPES = [
    value
    for value in (getattr(musify, name) for name in musify.__all__)
    if dataclasses.is_dataclass(value)
]

# Arguments of every type that holds arrays, each array an array that somebody else owns.
WITH_ARRAYS: dict[type, dict[str, Any]] = {
    FrameSample: {"time": 0.0, "image": np.ones((2, 2, 3), np.uint8)},
    MoodScores: {
        "times": np.array([0.5]),
        "labels": ("calm",),
        "values": np.array([[1.0]]),
        "plane": np.array([[0.1, 0.2]]),
    },
    Score: {
        "duration": 5.0,
        "tempo": TempoMap([0, 4], [0, 2]),
        "sections": (),
        "chords": (),
        "parts": (),
        "style": "piano",
        "seed": 7,
        "version": "0.1",
        "hits": np.array([1.0, 2.0]),
    },
    Shots: {
        "edges": np.array([0.0, 2.0, 5.0]),
        "strength": np.array([0.5]),
        "activity_times": np.array([1.0]),
        "activity": np.array([3.0]),
    },
    GainCurve: {"times": np.array([0.0, 1.0]), "gains_db": np.array([0.0, -3.0])},
    Speech: {"intervals": np.array([[1.0, 2.0]]), "duration": 9.0, "music": np.array([[3.0, 4.0]])},
    SpeechReport: {
        "intervals": np.array([[1.0, 2.0]]),
        "speech_lufs": np.array([-20.0]),
        "music_lufs": np.array([-40.0]),
        "target_db": 15.0,
    },
    SongAnalysis: {
        "duration": 9.0,
        "beats": np.array([0.5, 1.0]),
        "downbeats": np.array([0.5]),
        "section_edges": np.array([0.0, 9.0]),
        "curve_times": np.array([4.5]),
        "energy": np.array([0.5]),
        "plane": np.array([[0.1, 0.2]]),
    },
    TrainingReport: {
        "output": Path("mine.musify"),
        "moods": MoodSpace(["calm", "tense"]),
        "confusion": np.array([[3, 1], [0, 4]]),
        "distinct": 8,
        "folds": 2,
        "wrong": (),
        "duplicates": (),
        "skipped": (),
        "strength": 1.0,
        "temperature": 1.0,
        "log_loss": 0.5,
        "seconds": 2.0,
    },
    MoodTimeline: {
        "edges": np.array([0.0, 5.0]),
        "labels": ("calm",),
        "confidence": np.array([0.9]),
        "plane": np.array([[0.1, 0.2]]),
        "cuts": np.array([2.5]),
        "moods": ("calm",),
        "scores": np.array([[1.0]]),
    },
}


@pytest.mark.parametrize("kind", DATA_TYPES, ids=lambda kind: kind.__name__)
def test_types_are_frozen_and_have_no_room_for_more(kind):
    assert kind.__dataclass_params__.frozen
    # A generic base such as typing.Generic has no slots of its own either.
    assert "__dict__" not in vars(kind)
    assert "__slots__" in vars(kind)


@pytest.mark.parametrize("kind", DATA_TYPES, ids=lambda kind: kind.__name__)
def test_types_with_arrays_are_in_the_table_and_have_no_equality(kind):
    hold_arrays = [
        repr(field.type).lower().startswith(("numpy.ndarray", "ndarray[", "ndarray"))
        for field in dataclasses.fields(kind)
    ]
    assert (kind in WITH_ARRAYS) == any(hold_arrays)
    if kind in WITH_ARRAYS:
        assert not kind.__dataclass_params__.eq, "arrays have no single truth value"


@pytest.mark.parametrize("kind", WITH_ARRAYS, ids=lambda kind: kind.__name__)
def test_arrays_are_read_only_and_nobody_elses(kind):
    given = copy.deepcopy(WITH_ARRAYS[kind])
    made = kind(**given)
    for name, source in given.items():
        if not isinstance(source, np.ndarray):
            continue
        held = getattr(made, name)
        before = held.copy()
        source += 1
        np.testing.assert_array_equal(held, before)
        with pytest.raises(ValueError, match="read-only"):
            held[...] = 0


@pytest.mark.parametrize("kind", WITH_ARRAYS, ids=lambda kind: kind.__name__)
def test_arrays_stay_read_only_when_pickled(kind):
    made = pickle.loads(pickle.dumps(kind(**WITH_ARRAYS[kind])))
    for name, source in WITH_ARRAYS[kind].items():
        if isinstance(source, np.ndarray):
            np.testing.assert_array_equal(getattr(made, name), source)
            assert not getattr(made, name).flags.writeable


@pytest.mark.parametrize("kind", WITH_ARRAYS, ids=lambda kind: kind.__name__)
def test_fields_cannot_be_set(kind):
    made = kind(**WITH_ARRAYS[kind])
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(made, dataclasses.fields(kind)[0].name, None)
