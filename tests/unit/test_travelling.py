"""What comes out can be pickled, copied and handed to another process, and is equal afterwards."""

import copy
import dataclasses
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import musify
from musify import (
    Analysis,
    Audit,
    AuditFinding,
    BackendInfo,
    BackendSpec,
    Candidate,
    ClarifaiTraining,
    CollectedMood,
    CollectReport,
    Cue,
    CueSheet,
    Evidence,
    FetchedVideo,
    Fit,
    FrameSample,
    GainCurve,
    Licence,
    Mood,
    MoodScores,
    MoodSegment,
    MoodSpace,
    MoodTimeline,
    Progress,
    Reason,
    RunResult,
    SceneTags,
    Score,
    Shots,
    SongAnalysis,
    SourceRange,
    Speech,
    SpeechReport,
    StreamAudit,
    StreamInfo,
    Track,
    TrainingReport,
    VideoInfo,
    VideoOrigin,
    WrongPicture,
    mix,
)
from musify.audio.bs1770 import Loudness
from musify.cancelling import CancelToken
from musify.errors import AuditError, FFmpegError, ServiceError
from musify.testing import FakeClassifier

CALM = Mood("calm", 0.4, -0.6)
EVIDENCE = Evidence("picture", "beach", 0.5, 0.4, -0.6)
TRACK = Track(Path("song.wav"), 5.0, mood=CALM, licence=Licence("CC0-1.0"), beats=(0.5, 1.0))
SHEET = CueSheet([Cue(0, 5, TRACK, [SourceRange(0, 5)])], 5.0, gain_curve=GainCurve([0], [-3.0]))
FILM = StreamInfo(0, "video", "h264", width=160, height=90, aspect=Fraction(4, 3))
VIDEO = VideoInfo(
    Path("film.mp4"), 5.0, 0.0, Fraction(30_000, 1001), 160, 90, 0.0, (FILM,), 0, None
)
SCORES = MoodScores([0.5], ("calm",), [[1.0]], evidence=((EVIDENCE,),))
TIMELINE = MoodTimeline([0, 5], ("calm",), [0.9], [[0.4, -0.6]], [2.0])
SHOTS = Shots([0, 2, 5], [0.5], [1.0], [3.0], kinds=("cut",))
AUDIT = Audit(
    Path("out.mp4"),
    (StreamAudit(0, "video", "h264", 5.0, "ab", 0),),
    5.0,
    loudness=Loudness(-14.0, 2.0, -10.0, -12.0, -1.2, 5.0, [-14.0], [-14.0], ((1.0, -0.5),)),
    findings=(AuditFinding("streams", "1 is equal"),),
)
REPORT = SpeechReport([[1.0, 2.0]], [-20.0], [-np.inf], 15.0)

# One of each public type that holds data.
VALUES: tuple[Any, ...] = (
    Analysis(VIDEO, SCORES, TIMELINE, ("a notice",), {"probe": 0.1}, SHOTS),
    AUDIT,
    AUDIT.findings[0],
    AUDIT.streams[0],
    BackendInfo("mood_classifier", "hue", "by hue", "musify-hue 1.0"),
    BackendSpec("fake", FakeClassifier, "a fake"),
    Candidate(TRACK, 0.3, (Reason("mood", 0.3, "calm enough"),)),
    Reason("mood", 0.3, "calm enough"),
    ClarifaiTraining("me", "app", "moods", "v1", ("calm",), 9, 9, 0, ((Path("a"), "no"),), 1.0),
    CollectReport(Path("a"), Path("a/m"), "openverse", (CollectedMood("calm", 4, 4, 4, 0, 0),)),
    CollectedMood("calm", 4, 4, 4, 0, 0),
    SHEET,
    SHEET.cues[0],
    SHEET.cues[0].sources[0],
    EVIDENCE,
    FetchedVideo(Path("film.mp4"), VideoOrigin("https://example.org", "A film")),
    VideoOrigin("https://example.org", "A film"),
    Fit((SourceRange(0, 5),), 5.0),
    FrameSample(0.5, np.ones((2, 2, 3), np.uint8)),
    GainCurve([0.0, 1.0], [0.0, -3.0]),
    Licence("CC-BY-4.0", attribution="Somebody"),
    CALM,
    SCORES,
    MoodSegment(0.0, 5.0, "calm", 0.9, 0.4, -0.6, evidence=(EVIDENCE,)),
    MoodSpace(["calm", "tense"]),
    TIMELINE,
    Progress("mux", 1, 4),
    RunResult(
        VIDEO, Path("out.mp4"), SHEET, mix(SHEET), TIMELINE, SCORES, audit=AUDIT, speech=REPORT
    ),
    SceneTags(("calm",), ("beach",)),
    SHOTS,
    SongAnalysis(9.0, beats=[0.5, 1.0], curve_times=[4.5], energy=[0.5], plane=[[0.1, 0.2]]),
    mix(SHEET),
    Speech([[1.0, 2.0]], 9.0, [[3.0, 4.0]]),
    REPORT,
    FILM,
    TRACK,
    TrainingReport(
        Path("m"), MoodSpace(["calm", "sad"]), np.eye(2, dtype=int), 2, 2,
        (WrongPicture(Path("a"), "calm", "sad", 0.7),), (), (), 0.1, 1.0, 0.5, 2.0,
    ),
    WrongPicture(Path("a"), "calm", "sad", 0.7),
    VIDEO,
)  # fmt: skip

# What errors know beside their words.
ERRORS: tuple[BaseException, ...] = (
    AuditError("it is wrong", audit=AUDIT, kept=Path("out.failed-audit.mp4")),
    FFmpegError("it failed", command=["ffmpeg"], returncode=-9, stderr_tail=["bad"]),
    ServiceError("busy", retryable=True),
    *(
        kind("words of an error")
        for kind in (getattr(musify, name) for name in musify.__all__)
        if isinstance(kind, type)
        and issubclass(kind, Exception)
        and kind not in (AuditError, FFmpegError, ServiceError)
    ),
)


def assert_same(one: Any, other: Any) -> None:
    """Compare by value what compares by identity: fields, and arrays with their types."""
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
        assert one.flags.writeable == other.flags.writeable
    elif dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, (tuple, list)):
        assert len(one) == len(other)
        for each, its in zip(one, other, strict=True):
            assert_same(each, its)
    elif isinstance(one, dict):
        assert_same(list(one.items()), list(other.items()))
    elif isinstance(one, BaseException):
        assert str(one) == str(other)
        assert_same(one.__dict__, other.__dict__)
    else:
        assert one == other


def test_one_of_each_public_type_is_here(small_score: Score):
    kinds = {
        value
        for value in (getattr(musify, name) for name in musify.__all__)
        if dataclasses.is_dataclass(value)
    }
    assert {type(value) for value in (*VALUES, small_score)} == {*kinds, MoodSpace}


@pytest.mark.parametrize("value", [*VALUES, *ERRORS], ids=lambda value: type(value).__name__)
def test_it_comes_back_the_same(value):
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert_same(pickle.loads(pickle.dumps(value, protocol)), value)
    assert_same(copy.deepcopy(value), value)
    assert_same(copy.copy(value), value)
    # What says that it is equal by value is so.
    if dataclasses.is_dataclass(value) and type(value).__eq__ is not object.__eq__:
        assert pickle.loads(pickle.dumps(value)) == value


def test_a_score_comes_back_the_same(small_score: Score):
    assert pickle.loads(pickle.dumps(small_score)) == small_score
    assert copy.deepcopy(small_score) == small_score


def test_a_sound_that_tells_travels_with_whom_it_tells():
    told = mix(SHEET, on_progress=musify.print_progress)
    assert_same(pickle.loads(pickle.dumps(told)), told)


def test_a_token_stays_where_it_is():
    with pytest.raises(TypeError):
        pickle.dumps(CancelToken())


def test_it_travels_to_a_process_that_was_spawned():
    spawning = multiprocessing.get_context("spawn")
    sent = [*VALUES, *ERRORS]
    try:
        with ProcessPoolExecutor(1, mp_context=spawning) as pool:
            assert_same(pool.submit(pickle.loads, pickle.dumps(sent)).result(60), sent)
    finally:
        # It lives on, and would be taken for a process that musify has left.
        resource_tracker._resource_tracker._stop()
