"""One picture of a video, at a time."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musify._arrays import FrozenArrays
from musify.errors import ParameterError

__all__ = ["FrameSample"]


@dataclass(frozen=True, slots=True, eq=False)
class FrameSample(FrozenArrays):
    """One frame of a video.

    Parameters
    ----------
    time : float
        When the frame is presented, in seconds from the first presented frame of the video.
    image : ndarray of uint8, shape (H, W, 3)
        RGB, rows from the top, as a viewer sees it (rotation applied). Becomes read-only.

    Raises
    ------
    ParameterError
        If the time is negative or not finite, or the image has another shape or type.
    """

    time: float
    image: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if not (math.isfinite(self.time) and self.time >= 0):
            raise ParameterError(f"time must be at least 0 s, got {self.time}")
        image = self.image
        if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
            kind = getattr(image, "dtype", type(image).__name__)
            raise ParameterError(f"image must be an array of uint8, got {kind}")
        if image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
            raise ParameterError(
                f"image must have shape (H, W, 3), got {image.shape}; "
                "move the colour channels last and drop alpha"
            )
        if _can_change(image):
            image = image.copy()
            image.setflags(write=False)
            object.__setattr__(self, "image", image)


def _can_change(image: NDArray[np.uint8]) -> bool:
    """Whether somebody who holds the memory could change the picture later."""
    owner: object = image
    while isinstance(owner, np.ndarray):
        if owner.flags.writeable:
            return True
        owner = owner.base
    return not (owner is None or isinstance(owner, bytes))
