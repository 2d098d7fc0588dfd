"""The only module that imports pydub."""

import warnings
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from musify.soundtrack import Soundtrack

with warnings.catch_warnings():
    # audioop is deprecated, its regular expressions are sloppy, and it looks for an ffmpeg that
    # is not needed here: nothing the user of musify can change.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

__all__ = ["segment_blocks", "segment_of", "spliced", "to_segment"]

_FULL_SCALE: Final = 32767


def to_segment(soundtrack: "Soundtrack") -> AudioSegment:
    """Render a soundtrack into a pydub segment."""
    return segment_of(soundtrack.render(), soundtrack.sample_rate)


def segment_of(pcm: NDArray[np.float32], sample_rate: int) -> AudioSegment:
    """Hand PCM of shape (n, channels) to pydub, rounded to 16 bits.

    As raw PCM: what pydub reads from files by itself needs ffprobe, which not everybody has.
    """
    scaled = np.clip(pcm, -1, 1) * _FULL_SCALE
    return AudioSegment(
        data=np.rint(scaled).astype("<i2").tobytes(),
        sample_width=2,
        frame_rate=sample_rate,
        channels=pcm.shape[1],
    )


def segment_blocks(segment: AudioSegment, frames: int) -> Iterator[NDArray[np.float32]]:
    """Take PCM back from a segment of 16 bits, in blocks of so many PCM frames."""
    pcm = np.frombuffer(segment.raw_data, "<i2").reshape(-1, segment.channels)
    for start in range(0, len(pcm), frames):
        yield pcm[start : start + frames].astype(np.float32) / np.float32(_FULL_SCALE)


def spliced(segment: AudioSegment, ranges: Sequence[tuple[int, int]]) -> AudioSegment:
    """Put ranges of a segment behind each other, with nothing between and no crossfade.

    What repeats is multiplied: adding pieces in a loop copies everything each time, which for 400
    pieces of 2 s takes minutes.

    Parameters
    ----------
    segment : AudioSegment
        The song.
    ranges : sequence of (int, int)
        First PCM frame of each, and the one after its last; at least one.
    """
    runs = [
        segment.get_sample_slice(start, end) * len(list(same))
        for (start, end), same in groupby(ranges)
    ]
    while len(runs) > 1:  # in pairs, so that each PCM frame is copied a few times only
        runs = [
            runs[at].append(runs[at + 1], crossfade=0) if at + 1 < len(runs) else runs[at]
            for at in range(0, len(runs), 2)
        ]
    return runs[0]
