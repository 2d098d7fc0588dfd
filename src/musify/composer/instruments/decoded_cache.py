"""Decoded samples, kept between runs in the user's data folder and mapped into memory."""

import contextlib
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._output import finished_file
from musify.index.places import data_folder

__all__ = ["kept_pcm"]

_SUM_WORDS: Final = 2


def kept_pcm(name: str, length: int, decode: Callable[[], NDArray[np.int16]]) -> NDArray[np.int16]:
    """Return PCM that was decoded in an earlier run, or decode and keep it.

    What is broken is made anew. Where nothing can be written nothing is kept.

    Parameters
    ----------
    name : str
        Of the file, without its ending: says what is decoded, and out of which version of what.
    length : int
        PCM frames there must be.
    decode : callable
        Decodes them.

    Returns
    -------
    ndarray of int16, shape (length,)
        Read-only.
    """
    path = data_folder() / "instruments" / f"{name}.npy"
    found = _read(path, length)
    if found is not None:
        return found
    made = decode()
    made.setflags(write=False)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with finished_file(path, overwrite=True) as partial, partial.open("wb") as file:
            np.save(file, np.concatenate([_sum(made), made]), allow_pickle=False)
    return made


def _sum(pcm: NDArray[np.int16]) -> NDArray[np.int16]:
    return np.array([zlib.crc32(np.ascontiguousarray(pcm).data)], np.uint32).view(np.int16)


def _read(path: Path, length: int) -> NDArray[np.int16] | None:
    # Whatever is wrong with it, and it may be anything, it can be made anew.
    with contextlib.suppress(OSError, ValueError, EOFError):
        whole = np.load(path, mmap_mode="r", allow_pickle=False)
        if whole.dtype == np.int16 and whole.shape == (length + _SUM_WORDS,):
            pcm: NDArray[np.int16] = np.asarray(whole[_SUM_WORDS:])
            if np.array_equal(whole[:_SUM_WORDS], _sum(pcm)):
                return pcm
    return None
