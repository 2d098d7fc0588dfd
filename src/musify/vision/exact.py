"""Frames at exact times, with as little decoding as can be."""

from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Final, Literal, TypeAlias

from musify.errors import MissingExtraError, ParameterError
from musify.notices import notify
from musify.samples import FrameSample
from musify.video import VideoInfo
from musify.vision.frames import EARLY, FrameIndex, FrameStream, is_damaged

__all__ = ["SHORTEST_STEP", "Damage", "Decoder", "check_decoder", "exact_frames"]

Decoder: TypeAlias = Literal["ffmpeg", "pyav"]
"""What decodes exact frames. PyAV is about twice as cheap, and comes with the extra ``fast``."""

SHORTEST_STEP: Final = 0.001
"""Seconds: no film shows frames faster, and a finer grid would only fill the memory."""

# Starting ffmpeg and seeking costs about as much as decoding this much film. Only where a key frame
# lets us jump further than this is a new process cheaper than decoding on.
_JUMP_SECONDS: Final = 2.0
# The filter that picks frames without a grid names each; ffmpeg takes no more than 100 terms.
_MOST_TOGETHER: Final = 64
# Processes that decode ahead of the frame that is asked for: one for each of two cores.
_AHEAD: Final = 2


def check_decoder(name: str) -> Decoder:
    """See that a decoder is known and there.

    Raises
    ------
    ParameterError
        If it is not known.
    MissingExtraError
        If PyAV is asked for and not installed.
    """
    if name == "ffmpeg":
        return "ffmpeg"
    if name != "pyav":
        raise ParameterError(f"decoder must be 'ffmpeg' or 'pyav', got {name!r}")
    if find_spec("av") is None:
        raise MissingExtraError(
            "decoder='pyav' needs the module 'av', which is not installed;\n"
            "install it with: pip install 'musify-video[fast]'"
        )
    return "pyav"


@dataclass(slots=True)
class Damage:
    """What of a video could not be decoded, noted to be told once.

    Parameters
    ----------
    times : list of float
        Of frames that were left out.
    in_part : bool, default False
        Whether ffmpeg found anything wrong with the file while it read it.
    """

    times: list[float] = field(default_factory=list)
    in_part: bool = False

    def tell(self, video: VideoInfo) -> None:
        """Say which frames were left out; one that is named twice counts once."""
        times = sorted({round(time, 3) for time in self.times})  # a millisecond apart or more
        if times:
            shown = ", ".join(f"{time:.2f} s" for time in times[:5])
            more = f" and {len(times) - 5} more" if len(times) > 5 else ""
            count = "1 damaged frame" if len(times) == 1 else f"{len(times)} damaged frames"
            notify(f"{video.path.name}: skipped {count}, at {shown}{more}")
        elif self.in_part:
            # Nothing was decoded where it is broken, or nobody knows what stood there.
            notify(f"{video.path.name} is damaged in part; frames that stood there are missing")


def exact_frames(
    video: VideoInfo,
    times: list[float],
    index: FrameIndex,
    longest_side: int,
    *,
    grid: float | None,
    together: bool = False,
    decoder: Decoder = "ffmpeg",
    damage: Damage | None = None,
) -> Iterator[FrameSample]:
    """Decode the frames presented at these times, and little else.

    Parameters
    ----------
    video : VideoInfo
        What to decode.
    times : list of float
        Times of frames, ascending.
    index : FrameIndex
        Of the video.
    longest_side : int
        Pixels.
    grid : float or None
        Step of a grid in seconds, where ``times`` are those of the first frame in each of its
        steps: then several are decoded in one go.
    together : bool, default False
        Whether several are decoded in one go where there is no grid, too; else each alone.
    decoder : {"ffmpeg", "pyav"}, default "ffmpeg"
        What decodes; the frames are the same.
    damage : Damage, optional
        Where damaged frames are noted, for somebody who tells of them together with others.

    Yields
    ------
    FrameSample
        One for each time, but for damaged frames, which a notice counts at the end unless they are
        noted in ``damage``.
    """
    found = Damage() if damage is None else damage
    found.in_part |= index.complained
    if decoder == "pyav":
        # PyAV is an extra: only those who ask for it load it.
        from musify.vision.pyav_frames import pyav_frames  # noqa: PLC0415

        yield from pyav_frames(video, times, index, longest_side, found.times)
    else:
        most = _MOST_TOGETHER if together else 1
        runs = deque(_runs(times, index, most if grid is None else None))
        yield from _ffmpeg_frames(video, runs, index, longest_side, grid, found.times)
    if damage is None:
        found.tell(video)


def _ffmpeg_frames(
    video: VideoInfo,
    runs: deque[list[float]],
    index: FrameIndex,
    longest_side: int,
    grid: float | None,
    damaged: list[float],
) -> Iterator[FrameSample]:
    started: deque[tuple[list[float], FrameStream]] = deque()
    with ExitStack() as processes:
        while runs or started:
            while runs and len(started) < _AHEAD:
                run = runs.popleft()
                stream = _start(video, run, index, longest_side, grid)
                started.append((run, processes.enter_context(stream)))
            run, stream = started.popleft()
            missing = list(run)
            for frame in stream:
                expected = next((time for time in missing if abs(time - frame.time) < EARLY), None)
                if expected is None:
                    continue  # it stands in for a damaged one
                if frame.suspect and is_damaged(video, expected, longest_side):
                    continue
                missing.remove(expected)
                yield FrameSample(expected, frame.image)
            stream.close()
            damaged += missing


def _runs(times: list[float], index: FrameIndex, most: int | None) -> Iterator[list[float]]:
    """Group times so that each group is best decoded in one go."""
    run: list[float] = []
    for time in times:
        if run and (len(run) == most or index.key_before(time) - run[-1] > _JUMP_SECONDS):
            yield run
            run = []
        run.append(time)
    if run:
        yield run


def _start(
    video: VideoInfo, run: list[float], index: FrameIndex, longest_side: int, grid: float | None
) -> FrameStream:
    zero = video.start_time - EARLY
    select = f"gte(t,{run[0] + zero:.6f})"
    if len(run) > 1 and grid is None:
        select = "+".join(f"lt(abs(t-{time + video.start_time:.6f}),{EARLY})" for time in run)
    elif len(run) > 1:
        # Of the frames from the first wanted one on, the first in each step of the grid.
        step = f"floor((prev_selected_t-{zero:.6f})/{grid!r})+1"
        following = f"gte(t,{zero:.6f}+{grid!r}*({step}))"
        select = f"if(isnan(prev_selected_t),{select},{following})"
    return FrameStream(
        video,
        longest_side,
        seek=index.key_before(run[0]),
        select=select,
        limit=len(run),
    )
