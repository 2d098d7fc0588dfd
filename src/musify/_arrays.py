"""Read-only arrays with a checked shape: what the types of musify hold."""

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify.errors import ParameterError

__all__ = ["FrozenArrays", "frozen_floats"]


class FrozenArrays:
    """Base of frozen dataclasses that hold arrays: made anew when unpickled, so read-only again."""

    __slots__ = ()

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        names = [field.name for field in fields(self)]  # type: ignore[arg-type] # a dataclass is
        return type(self), tuple(getattr(self, name) for name in names)


def frozen_floats(
    name: str, values: ArrayLike, shape: tuple[int | None, ...]
) -> NDArray[np.float64]:
    """Copy ``values`` into a read-only float64 array, and check it.

    Parameters
    ----------
    name : str
        What to call the array in an error.
    values : array_like
        Finite numbers.
    shape : tuple of int or None
        The wanted shape; None stands for any length.

    Returns
    -------
    ndarray of float64
        Read-only, and shared with nobody.

    Raises
    ------
    ParameterError
        If the shape differs or a value is not finite.
    """
    try:
        array: NDArray[Any] = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{name} must be numbers, got {values!r}") from error
    if array.size == 0 and len(shape) == 2 and array.ndim == 1:
        array = array.reshape(0, shape[1] or 0)
    fits = array.ndim == len(shape) and all(
        want is None or want == have for want, have in zip(shape, array.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("n" if size is None else str(size) for size in shape)
        raise ParameterError(f"{name} must have shape ({wanted}), got {array.shape}")
    if not np.isfinite(array).all():
        raise ParameterError(f"{name} must be finite, got {array[~np.isfinite(array)][0]}")
    array.setflags(write=False)
    return array
