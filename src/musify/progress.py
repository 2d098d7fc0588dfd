"""How far a run has come, as data."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from musify._iterators import ended
from musify.cancelling import checkpoint
from musify.errors import ParameterError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Progress",
    "ProgressCallback",
    "in_turns",
    "listener",
    "listening",
    "share",
    "tell",
    "told_blocks",
]


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of progress.

    Parameters
    ----------
    stage : str
        ``"probe"``, ``"sample"``, ``"shots"``, ``"aggregate"``, ``"select"``, ``"level"``,
        ``"mux"`` or ``"audit"``; of songs ``"index"``, ``"analyze"``, ``"fit"`` and ``"songs"``; of
        pictures ``"collect"``; of the network ``"fetch"``; of single steps ``"speech"``,
        ``"measure"``, ``"compose"``, ``"play"``, ``"render"``, ``"stems"`` and ``"save"``; of
        training ``"look"``, ``"upload"``, ``"ingest"`` and ``"train"``.
    done, total : float
        Seconds dealt with, and to deal with (of an index, songs; of what is fetched,
        bytes; of training, pictures); ``0 <= done <= total``.
    """

    stage: str
    done: float
    total: float

    def __post_init__(self) -> None:
        if not 0 <= self.done <= self.total:
            raise ParameterError(
                f"progress must be 0 <= done <= total, got {self.done}/{self.total}"
            )

    @property
    def fraction(self) -> float:
        """Share of the stage that is done, in [0, 1]."""
        return self.done / self.total if self.total else 1.0


ProgressCallback: TypeAlias = Callable[[Progress], None]

_listener: ContextVar[ProgressCallback | None] = ContextVar("musify_listener", default=None)


@contextmanager
def listening(on_progress: ProgressCallback | None) -> Iterator[None]:
    """Let what sound needs before its first block be told, inside the block, to ``on_progress``.

    What renders a sound knows nothing of how it is made: a composed piece is played as a whole
    before it is mastered, a mix is measured before it is levelled. They ask for :func:`listener`.
    """
    if on_progress is None:
        yield
        return
    before = _listener.set(on_progress)
    try:
        yield
    finally:
        _listener.reset(before)


def listener() -> ProgressCallback | None:
    """Return whom to tell of what must be done before there is sound; None if nobody asked."""
    return _listener.get()


def share(
    on_progress: ProgressCallback | None, start: float, end: float
) -> ProgressCallback | None:
    """Let one step of several fill its part of a stage.

    Parameters
    ----------
    on_progress : callable or None
        Who is told of the whole stage.
    start, end : float
        Which part the step is, in [0, 1].

    Examples
    --------
    >>> told = []
    >>> share(told.append, 0.5, 1.0)(Progress("audit", 1, 4))
    >>> told
    [Progress(stage='audit', done=2.5, total=4)]
    """
    if on_progress is None:
        return None

    def told(progress: Progress) -> None:
        part = start + (end - start) * progress.fraction
        on_progress(Progress(progress.stage, min(part, 1.0) * progress.total, progress.total))

    return told


def in_turns(on_progress: ProgressCallback | None, most: int) -> ProgressCallback | None:
    """Let a step that is gone through up to ``most`` times, nobody knows how often, tell once."""
    if on_progress is None:
        return None
    turn, before = 0, 0.0

    def told(progress: Progress) -> None:
        nonlocal turn, before
        if progress.fraction < before:
            turn = min(turn + 1, most - 1)
        before = progress.fraction
        done = (turn + before) / most * progress.total
        on_progress(Progress(progress.stage, min(done, progress.total), progress.total))

    return told


def tell(on_progress: ProgressCallback | None, stage: str, done: float, total: float) -> None:
    """Tell whoever asked how far a stage has come; end here if that was cancelled.

    Whoever is told may cancel, the last time too: so it is told before an output gets its name.

    Raises
    ------
    CancelledError
        If the token in force was cancelled.
    """
    checkpoint()
    if on_progress is not None:
        on_progress(Progress(stage, max(0.0, min(done, total)), total))
        checkpoint()


def told_blocks(
    blocks: "Iterable[NDArray[np.float32]]",
    on_progress: ProgressCallback | None,
    stage: str,
    *,
    sample_rate: float,
    total: float | None,
) -> "Iterator[NDArray[np.float32]]":
    """Pass sound on, and tell how many of its seconds have come; nothing if `total` is not known.

    Yields
    ------
    ndarray of float32, shape (n, channels)
        The same blocks. Close the iterator to stop early.
    """
    done = 0
    with ended(blocks) as given:
        while True:
            # Not around the yield: whoever takes the blocks has a listener of their own.
            with listening(on_progress):
                block = next(given, None)
            if block is None:
                break
            yield block
            done += len(block)
            if total:
                tell(on_progress, stage, done / sample_rate, total)
    if total:
        tell(on_progress, stage, total, total)
