"""How pictures are gathered into requests, and made ready to be sent."""

from collections.abc import Iterable, Iterator
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from musify.vision.jpeg import to_jpeg
from musify.vision.resize import resize

__all__ = ["LONGEST_SIDE", "MOST_INPUTS", "batched", "to_be_sent"]

MOST_INPUTS: Final = 128
"""Inputs that the service takes in a request."""

LONGEST_SIDE: Final = 640
"""Pixels of a side at most: models look at pictures of some hundred, more would only be sent."""

# A gRPC server takes 4 MiB unless it is told otherwise; some bytes are left for the envelope.
_MOST_BYTES: Final = 4_000_000


class Picture(Protocol):
    """Anything that comes with a picture."""

    @property
    def jpeg(self) -> bytes:
        """A whole file."""


P = TypeVar("P", bound=Picture)


def batched(pictures: Iterable[P], most: int = MOST_INPUTS) -> Iterator[list[P]]:
    """Gather pictures, in order, so that a request holds no more than it may.

    Parameters
    ----------
    pictures : iterable
        Each with its ``jpeg``.
    most : int, default 128
        Pictures in a request; there are fewer where they are large.
    """
    batch: list[P] = []
    held = 0
    for picture in pictures:
        if batch and (len(batch) >= most or held + len(picture.jpeg) > _MOST_BYTES):
            yield batch
            batch, held = [], 0
        batch.append(picture)
        held += len(picture.jpeg)
    if batch:
        yield batch


def to_be_sent(image: NDArray[np.uint8]) -> bytes:
    """Make a JPEG file of a picture, no larger than it needs to be."""
    share = LONGEST_SIDE / max(image.shape[:2])
    if share < 1:
        height, width = (max(1, round(side * share)) for side in image.shape[:2])
        image = np.rint(resize(image, height, width)).astype(np.uint8)
    return to_jpeg(image)
