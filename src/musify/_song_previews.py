"""Short pieces of sound that show how a song would go with a video."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._iterators import ended
from musify.audio.arrange import make_cues
from musify.audio.audio_file import write_audio
from musify.audio.mix import mix
from musify.choosing import Candidate
from musify.cues import CueSheet
from musify.errors import OutputError
from musify.pipeline import UNDER_ORIGINAL_DB
from musify.soundtrack import Soundtrack
from musify.timeline import MoodTimeline
from musify.video import VideoInfo

__all__ = ["preview_names", "telling_start", "write_previews"]

SECONDS: Final = 15.0
_BEFORE_CHANGE: Final = 6.0


def telling_start(timeline: MoodTimeline, seconds: float = SECONDS) -> float:
    """Return where the most telling piece of a video begins, in seconds.

    It holds the greatest change of mood, 6 s after its beginning; without a change it is the
    middle.
    """
    latest = max(0.0, timeline.duration - seconds)
    if len(timeline) == 1:
        return latest / 2
    steps = np.hypot(*np.diff(timeline.plane, axis=0).T)
    change = float(timeline.edges[1 + int(steps.argmax())])
    return min(latest, max(0.0, change - _BEFORE_CHANGE))


def preview_names(candidates: Sequence[Candidate], folder: Path) -> list[Path]:
    """Name a file for each candidate, such as ``1 Slow river.m4a``."""
    names = []
    for place, candidate in enumerate(candidates, 1):
        plain = "".join(
            letter if letter.isalnum() or letter in " -_" else "_"
            for letter in candidate.track.title
        )
        names.append(folder / f"{place} {plain.strip()[:60]}.m4a")
    return names


def write_previews(
    candidates: Sequence[Candidate],
    video: VideoInfo,
    timeline: MoodTimeline,
    folder: Path,
    *,
    overwrite: bool = False,
) -> list[Path]:
    """Write 15 s of the video's own sound and each song, fitted to the whole video.

    Parameters
    ----------
    candidates : sequence of Candidate
        Whose songs to show.
    video : VideoInfo
        The video.
    timeline : MoodTimeline
        Its mood over time.
    folder : Path
        Where to write; made if it is missing.
    overwrite : bool, default False
        Whether files that stand there may be replaced.

    Returns
    -------
    list of Path
        A file for each candidate.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot make the folder {str(folder)!r}: {error.strerror or error}"
        ) from error
    names = preview_names(candidates, folder)
    start = telling_start(timeline)
    for candidate, name in zip(candidates, names, strict=True):
        plays = [(segment, candidate.track) for segment in timeline]
        sheet = CueSheet(
            make_cues(plays, timeline.duration),
            timeline.duration,
            music_gain_db=UNDER_ORIGINAL_DB if video.has_audio else 0.0,
        )
        write_audio(name, _piece(mix(sheet, video), start, SECONDS), overwrite=overwrite)
    return names


def _piece(whole: Soundtrack, start: float, seconds: float) -> Soundtrack:
    first = round(start * whole.sample_rate)
    last = min(whole.length, first + round(seconds * whole.sample_rate))

    def source() -> Iterator[NDArray[np.float32]]:
        at = 0
        with ended(whole.blocks()) as blocks:
            for block in blocks:
                part = block[max(0, first - at) : max(0, last - at)]
                at += len(block)
                if len(part):
                    yield part
                if at >= last:
                    return

    return replace(whole, length=last - first, source=source)
