"""A run that is cancelled from another thread, at each stage, ends in a second without trace."""

import pickle
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import psutil
import pytest

import musify
from long_work import LONG, Long, Media
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


@dataclass(frozen=True)
class Place:
    """Where a job works; nothing of it may be left in either folder."""

    media: Media
    temporary: Path
    threads: frozenset[int | None]

    def assert_nothing_is_left(self, before: set[Path]) -> None:
        """Look for files, hidden ones too, for processes and for threads."""
        assert set(self.media.out.rglob("*")) == set()
        assert set(self.temporary.iterdir()) == before
        # A thread that waits for a process that was killed needs a moment to see it.
        until = time.monotonic() + 1
        while self.running() and time.monotonic() < until:
            time.sleep(0.01)
        assert self.running() == []
        assert running_children() == []

    def running(self) -> list[threading.Thread]:
        return [one for one in threading.enumerate() if one.ident not in self.threads]


@pytest.fixture
def place(tiny_video, songs, pictures, tmp_path, monkeypatch) -> Place:
    out, temporary = tmp_path / "out", tmp_path / "tmp"
    out.mkdir()
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    media = Media(tiny_video, songs, pictures, out)
    return Place(media, temporary, frozenset(one.ident for one in threading.enumerate()))


def jobs(*, each: bool) -> Iterator[object]:
    """List what is cancelled where: each stage by itself, or the first of the quick ones."""
    for name, job in LONG.items():
        if isinstance(job, Long) and each:
            for stage in job.stages:
                yield pytest.param(job, stage, id=f"{name}-{stage}")
        elif isinstance(job, Long) and name in QUICK:
            yield pytest.param(job, job.stages[0], id=name)


# One of each way to work: a process read, one written to, threads, numbers alone, files at the end.
QUICK: Final = ("find_speech", "compose", "Soundtrack.save", "mood_from_pictures", "Score.to_midi")


class SomeError(Exception):
    """Raised by whoever is told."""


def cancel_from_within(job: Long, stage: str, place: Place) -> None:
    token = CancelToken()
    begun = 0.0

    def told(progress: Progress) -> None:
        nonlocal begun
        if progress.stage == stage and not begun:
            begun = time.monotonic()
            token.cancel()

    before = set(place.temporary.iterdir())
    with token, pytest.raises(CancelledError):
        job.work(place.media, told)
    assert time.monotonic() - begun < 1
    place.assert_nothing_is_left(before)


def raise_from_within(job: Long, stage: str, place: Place) -> None:
    def told(progress: Progress) -> None:
        if progress.stage == stage:
            raise SomeError

    before = set(place.temporary.iterdir())
    with pytest.raises(SomeError):
        job.work(place.media, told)
    place.assert_nothing_is_left(before)


def cancel_from_another_thread(job: Long, stage: str, place: Place) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def told(progress: Progress) -> None:
        if progress.stage == stage and not reached.is_set():
            reached.set()
            go_on.wait(5)  # short work would be over before another thread had its turn

    thread = Job(lambda _: job.work(place.media, told), stage)
    before = set(place.temporary.iterdir())
    thread.start()
    assert reached.wait(60), thread.error
    begun = time.monotonic()
    thread.token.cancel()
    go_on.set()
    thread.join(20)
    assert isinstance(thread.error, CancelledError), thread.error
    assert thread.ended - begun < 1
    place.assert_nothing_is_left(before)


WAYS: Final = (cancel_from_within, raise_from_within, cancel_from_another_thread)


@pytest.mark.parametrize(("job", "stage"), [*jobs(each=False)])
def test_short_work_ends_in_each_way(job, stage, place):
    for way in WAYS:
        way(job, stage, place)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("job", "stage"), [*jobs(each=True)])
def test_all_that_lasts_ends_in_each_way(job, stage, way, place):
    """Each public function of tests/long_work.py, in each of its stages."""
    way(job, stage, place)


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
