"""A run that is cancelled from another thread, at each stage, ends in a second without trace."""

import pickle
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

import musify
from musify import (
    Analysis,
    CancelledError,
    CancelToken,
    Cue,
    CueSheet,
    Pipeline,
    Progress,
    RunResult,
    Score,
    SourceRange,
    Track,
    find_shots,
    probe,
)
from musify.composer.score_json import dump_score
from musify.progress import ProgressCallback

pytestmark = pytest.mark.media


def running_children() -> list[psutil.Process]:
    children = psutil.Process().children(recursive=True)
    return [child for child in children if child.status() != psutil.STATUS_ZOMBIE]


class Job(threading.Thread):
    """A run in a thread of its own; ``reached`` is set when a stage has begun."""

    def __init__(self, work: Callable[[ProgressCallback], object], stage: str) -> None:
        super().__init__()
        self.token, self.work, self.stage = CancelToken(), work, stage
        self.reached = threading.Event()
        self.error: BaseException | None = None
        self.ended = 0.0

    def told(self, progress: Progress) -> None:
        if progress.stage == self.stage:
            self.reached.set()

    def run(self) -> None:
        try:
            with self.token:
                self.work(self.told)
        except BaseException as error:  # noqa: BLE001 - looked at by the test
            self.error = error
        self.ended = time.monotonic()

    def cancelled_within(self, seconds: float) -> bool:
        """Cancel it where it is, and see that it ends."""
        self.start()
        assert self.reached.wait(60), self.error
        begun = time.monotonic()
        self.token.cancel()
        self.join(20)
        assert isinstance(self.error, CancelledError), self.error
        return self.ended - begun < seconds


@pytest.fixture(scope="session")
def minute(make_clip) -> Path:
    """A minute, so that every stage lasts longer than a test needs to cancel it."""
    return make_clip(
        "minute.mkv",
        "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=60",
        "-f", "lavfi", "-i", "sine=220:d=60:r=48000",
        "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p",
        "-c:a", "aac", "-b:a", "64k",
    )  # fmt: skip


# With "probe" it is cancelled before the first picture, with "aggregate" while music is chosen.
@pytest.mark.parametrize("stage", ["probe", "sample", "aggregate"])
def test_a_cancelled_run_leaves_nothing(stage, minute, songs, tmp_path):
    output = tmp_path / "out.mp4"
    parts = {"library": songs, "original": "replace"}
    job = Job(lambda told: musify.add_music(minute, output, on_progress=told, **parts), stage)
    assert job.cancelled_within(1)
    assert list(tmp_path.iterdir()) == []
    assert running_children() == []


@pytest.mark.parametrize(("stage", "loudness"), [("level", -14.0), ("mux", None)])
def test_a_cancelled_rendering_leaves_what_stood_there(stage, loudness, minute, songs, tmp_path):
    output = tmp_path / "out.mp4"
    output.write_bytes(b"what stood there")
    tone = Track(songs / "calm" / "calm.wav", 3.0)
    cue = Cue(0, 60, tone, [SourceRange(0, 3)] * 20)
    sheet = CueSheet([cue], probe(minute).duration, video=minute, loudness_lufs=loudness)
    job = Job(lambda told: Pipeline(on_progress=told).render(sheet, output, overwrite=True), stage)
    assert job.cancelled_within(1)
    assert output.read_bytes() == b"what stood there"
    assert list(tmp_path.iterdir()) == [output]
    assert running_children() == []


def test_what_comes_out_can_be_pickled(tiny_video, songs, tmp_path):
    """As whoever runs jobs in other processes needs it."""
    tone = Track(songs / "calm" / "calm.wav", 3.0)
    plan = CueSheet([Cue(0, 3, tone, [SourceRange(0, 3)])], 12.0, video=tiny_video)
    result = Pipeline(audited=False).render(plan, tmp_path / "out.mp4")
    travelled: RunResult = pickle.loads(pickle.dumps(result))
    assert (travelled.output, travelled.video) == (result.output, result.video)
    assert travelled.cues.to_json() == plan.to_json()
    # The sound travels as what it is rendered from, and comes out the same.
    assert travelled.soundtrack.sha256() == result.pcm_sha256
    audit = musify.audit_file(result.output)
    assert pickle.loads(pickle.dumps(audit)).streams == audit.streams
    looking = Pipeline(frame_sampler="interval", mood_classifier="palette", dynamics=None)
    found = looking.analyze(tiny_video)
    again: Analysis = pickle.loads(pickle.dumps(found))
    assert np.array_equal(again.scores.values, found.scores.values)
    assert again.timeline.labels == found.timeline.labels
    shots = find_shots(tiny_video, "index")
    assert np.array_equal(pickle.loads(pickle.dumps(shots)).activity, shots.activity)


def test_a_score_can_be_pickled():
    score = musify.compose("happy 6s", style="piano")
    travelled: Score = pickle.loads(pickle.dumps(score))
    assert dump_score(travelled) == dump_score(score)
