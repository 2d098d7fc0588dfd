"""The only module that imports pydub."""

import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from musify.soundtrack import Soundtrack

with warnings.catch_warnings():
    # audioop is deprecated, its regular expressions are sloppy, and it looks for an ffmpeg that
    # is not needed here: nothing the user of musify can change.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

__all__ = ["to_segment"]

_FULL_SCALE = 32767


def to_segment(soundtrack: "Soundtrack") -> AudioSegment:
    """Render a soundtrack into a pydub segment."""
    pcm = np.clip(soundtrack.render(), -1, 1) * _FULL_SCALE
    return AudioSegment(
        data=np.rint(pcm).astype("<i2").tobytes(),
        sample_width=2,
        frame_rate=soundtrack.sample_rate,
        channels=soundtrack.channels,
    )
