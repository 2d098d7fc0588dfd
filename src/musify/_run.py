"""One run of a pipeline: its clock, its notices, its observers and what it checks."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from musify._blame import Blame
from musify._iterators import ended
from musify._registry import observe, registry
from musify.audio.score_sound import sounds_kept
from musify.cancelling import checkpoint
from musify.errors import BackendError
from musify.interfaces import FrameSampler
from musify.notices import collect_notices
from musify.plugins import provider_of
from musify.progress import Progress, ProgressCallback, listening
from musify.samples import FrameSample
from musify.soundtrack import Soundtrack, add_to_hash, new_hash
from musify.video import VideoInfo

__all__ = ["Run", "WatchedSamples", "brief"]

log = logging.getLogger(__name__)
T = TypeVar("T")


class Run:
    """One run of a pipeline: its clock, its notices, its observers."""

    def __init__(self, on_progress: ProgressCallback | None) -> None:
        self._on_progress = on_progress
        self._stage = "start"
        self.blame = Blame()
        self._open = ExitStack()
        self._begun = time.perf_counter()
        self.seconds: dict[str, float] = {}
        self.notices: list[str] = []
        self.pcm_sha256 = ""

    def __enter__(self) -> Self:
        registry()  # a plugin that does not load must not hide what goes wrong later
        self.notices = self._open.enter_context(collect_notices())
        self._open.enter_context(sounds_kept())
        if self._on_progress is not None:
            # What parts do at length within a stage is told too.
            self._open.enter_context(listening(self._told))
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._open.close()
        self.blame = Blame()  # the last one holds an error, and with it all that the run held
        if error is None:
            log.info("done in %.2f s, with %d notices", self._took(), len(self.notices))
        else:
            log.info("%s ended %s after %.2f s", type(error).__name__, self._stage, self._took())
            observe("musify_run_failed", stage=self._stage, error=error)

    def _took(self) -> float:
        return time.perf_counter() - self._begun

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[T], T]]:
        """Time a stage; inside, call what it yields with the result."""
        checkpoint()
        self._stage = name
        results: list[object] = []

        def finish(result: T) -> T:
            results.append(result)
            return result

        log.debug("%s begins", name)
        begun = time.perf_counter()
        yield finish
        took = time.perf_counter() - begun
        # A stage may be gone through twice.
        self.seconds[name] = self.seconds.get(name, 0.0) + took
        log.info("%s took %.2f s", name, took)
        observe(
            "musify_stage_finished",
            stage=name,
            seconds=took,
            result=results[-1] if results else None,
        )

    def _told(self, progress: Progress) -> None:
        self.report(progress.stage, progress.done, progress.total)

    def report(self, stage: str, done: float, total: float) -> None:
        checkpoint()
        if self._on_progress is not None:
            with self.blame.off():
                self._on_progress(Progress(stage, min(done, total), total))
            checkpoint()

    def blamed(self, kind: str, backend: object) -> AbstractContextManager[None]:
        """Say whose fault it is when a backend fails; see :class:`Blame`."""
        return self.blame.on(f"the {kind} {provider_of(backend)}", backend)

    def given(self, items: Iterable[T]) -> Iterator[T]:
        """Hand what musify makes to a backend, which is not to blame for what goes wrong in it."""
        with self.blame.off():
            yield from items

    def watched(self, soundtrack: Soundtrack) -> Soundtrack:
        """Report progress, and hash the sound, while it is rendered into the file."""

        def source() -> Iterator[NDArray[np.float32]]:
            digest = new_hash()
            with ended(self.listened(soundtrack, "mux").blocks()) as blocks:
                for block in self.given(blocks):
                    add_to_hash(digest, block)
                    yield block
            self.pcm_sha256 = digest.hexdigest()

        return replace(soundtrack, source=source)

    def listened(self, soundtrack: Soundtrack, stage: str) -> Soundtrack:
        """Report progress while sound is rendered."""

        def source() -> Iterator[NDArray[np.float32]]:
            done = 0
            with ended(soundtrack.blocks()) as blocks:
                for block in blocks:
                    yield block
                    done += len(block)
                    self.report(stage, done / soundtrack.sample_rate, soundtrack.duration)

        return replace(soundtrack, source=source)


class WatchedSamples:
    """The frames of a sampler, checked on their way to the classifier; none is held."""

    def __init__(self, sampler: FrameSampler, video: VideoInfo, run: Run) -> None:
        self._sampler = sampler
        self._video = video
        self._run = run
        self.times: list[float] = []
        self.exhausted = False

    def __iter__(self) -> Iterator[FrameSample]:
        duration = self._video.duration
        with (
            self._run.blamed("frame_sampler", self._sampler),
            ended(self._sampler.sample(self._video)) as samples,
        ):
            for sample in samples:
                self._check(sample)
                self.times.append(sample.time)
                yield sample
                self._run.report("sample", sample.time, duration)
        self.exhausted = True
        self._run.report("sample", duration, duration)

    def _check(self, sample: FrameSample) -> None:
        who = f"the frame_sampler {provider_of(self._sampler)}"
        if not isinstance(sample, FrameSample):
            raise BackendError(f"{who} gave {brief(sample)} instead of a FrameSample")
        if self.times and sample.time <= self.times[-1]:
            raise BackendError(f"{who} gave {sample.time:g} s after {self.times[-1]:g} s")
        if sample.time > self._video.duration:
            raise BackendError(
                f"{who} gave {sample.time:g} s of a video of {self._video.duration:g} s"
            )


def brief(value: object) -> str:
    """Name what something is, without showing all of it."""
    return f"a {type(value).__name__}"
