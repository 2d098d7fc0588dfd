"""How much each channel counts in a measurement of loudness (ITU-R BS.1770-5, annex 3)."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._channel_layouts import layout_channels
from musify.errors import ParameterError

__all__ = ["channel_weights"]

_SURROUND: Final = 1.41
_OF_COUNT: Final = {
    1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1",
}  # fmt: skip


def channel_weights(channels: int, layout: str | None = None) -> NDArray[np.float64]:
    """Weights of the channels' powers.

    Loudspeakers beside the listener, between 60 and 120 degrees from the front, count 1.41
    (1.5 dB more), low-frequency channels not at all, all others 1.

    Parameters
    ----------
    channels : int
        How many there are.
    layout : str, optional
        Which they are, as ffmpeg names it: ``"5.1(side)"``. Without a layout, or with one that is
        not known, the common one of so many channels, in the order of WAVE files.

    Returns
    -------
    ndarray of float64, shape (channels,)

    Raises
    ------
    ParameterError
        If there is no common layout of so many channels.

    Examples
    --------
    >>> channel_weights(6).tolist()
    [1.0, 1.0, 1.0, 0.0, 1.41, 1.41]
    """
    names = layout_channels(layout or "")
    if len(names) != channels:
        if channels not in _OF_COUNT:
            raise ParameterError(
                f"no layout of {channels} channels is known; give weights=..., one a channel"
            )
        names = layout_channels(_OF_COUNT[channels])
    beside = {"SL", "SR"}
    if not beside & set(names):
        # Without others beside the listener, those behind stand at 110 degrees (BS.775); with
        # them they stand at 135, and count 1.
        beside = {"BL", "BR"}
    return np.array(
        [0.0 if n.startswith("LFE") else _SURROUND if n in beside else 1.0 for n in names]
    )
