"""Noise that is the same on every machine and every version of numpy."""

import hashlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["noise"]


def noise(name: str, count: int) -> NDArray[np.float64]:
    """Give white noise, even between -1 and 1, shape (count,); another name, other noise."""
    digest = hashlib.shake_256(name.encode()).digest(2 * count)
    return np.frombuffer(digest, "<u2").astype(np.float64) / 32767.5 - 1
