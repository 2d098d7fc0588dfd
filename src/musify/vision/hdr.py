"""High dynamic range brought down to what an ordinary screen shows.

Film in HDR holds light, not levels of a screen: looked at as if it were ordinary video it is grey
and dull. Frames are converted after they were scaled down, in numpy, so that every build of ffmpeg
gives the same picture.

Sources: ITU-R BT.2100-2 (transfer functions of PQ and HLG), BT.2408-7 (203 cd/m² as the white of
graphics and paper), BT.2390-11 section 5.4.1 (the curve that bends highlights down), BT.2087-0
(colours of BT.2020 in BT.709), BT.1886 (the screen: a power of 2.4).
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._media_info import StreamInfo

__all__ = ["WHITE", "is_hdr", "to_sdr"]

WHITE: Final = 203.0
"""cd/m² of what an ordinary screen shows as white (BT.2408)."""

_PQ: Final = "smpte2084"
_HLG: Final = "arib-std-b67"
_PQ_PEAK: Final = 10_000.0
# HLG is relative; its screen is taken to reach this, with the gamma that goes with it (BT.2100).
_HLG_PEAK: Final = 1000.0
_HLG_GAMMA: Final = 1.2
_SCREEN_GAMMA: Final = 2.4
# How much light of each primary of BT.2020 makes up luminance.
_LUMINANCE: Final = np.array([0.2627, 0.6780, 0.0593], np.float32)
_TO_BT709: Final = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)
_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32


def is_hdr(stream: StreamInfo) -> bool:
    """Whether a stream is in PQ or HLG."""
    return stream.colour_transfer in (_PQ, _HLG)


def to_sdr(codes: NDArray[np.uint16], stream: StreamInfo) -> NDArray[np.uint8]:
    """Convert a picture in PQ or HLG to ordinary RGB.

    What is no brighter than white stays as it is while nothing in the picture is; else highlights
    are bent down by the curve of BT.2390 so that the brightest point just fits. The curve acts on
    the largest of the three colours and scales all of them alike, which keeps hues.

    Parameters
    ----------
    codes : ndarray of uint16, shape (H, W, 3)
        R'G'B' at full range.
    stream : StreamInfo
        Where it comes from; its transfer function must be PQ or HLG.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        R'G'B' of BT.709 for a screen of BT.1886. Read-only.
    """
    light = _light(stream.colour_transfer == _PQ)[codes]
    if stream.colour_transfer == _HLG:
        # The system as a whole has a gamma: it acts on luminance (BT.2100, table 5).
        luminance = light @ _LUMINANCE
        light *= _HLG_PEAK * np.maximum(luminance, 1e-6)[..., None] ** (_HLG_GAMMA - 1)
    brightest = light.max(axis=2)
    light *= (_bend(brightest) / np.maximum(brightest, 1e-6) / WHITE)[..., None]
    if stream.colour_primaries in (None, "bt2020"):
        light = light @ _TO_BT709.T
    shown = np.clip(light, 0, 1) ** (1 / _SCREEN_GAMMA)
    image = (shown * 255 + 0.5).astype(np.uint8)
    image.setflags(write=False)
    return image


@cache
def _light(is_pq: bool) -> NDArray[np.float32]:
    """Give the light of each code: cd/m² of PQ, the scene's light in [0, 1] of HLG."""
    signal = np.arange(65536) / 65535
    if is_pq:
        light = _pq_to_light(signal)
    else:
        a = 0.17883277
        b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
        light = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    table = light.astype(np.float32)
    table.setflags(write=False)
    return table


def _pq_to_light(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    power = signal ** (1 / _M2)
    light: NDArray[np.float64] = np.maximum(power - _C1, 0) / (_C2 - _C3 * power)
    return _PQ_PEAK * light ** (1 / _M1)


def _light_to_pq(light: NDArray[np.floating]) -> NDArray[np.float64]:
    power = (np.asarray(light, np.float64) / _PQ_PEAK) ** _M1
    signal: NDArray[np.float64] = ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2
    return signal


def _bend(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bend light of up to any brightness so that it ends at ``WHITE`` (EETF of BT.2390)."""
    peak = float(light.max())
    if peak <= WHITE:
        return light
    scale = _light_to_pq(np.array([peak]))[0]
    signal = _light_to_pq(light) / scale
    highest = _light_to_pq(np.array([WHITE]))[0] / scale
    knee = max(0.0, 1.5 * highest - 0.5)
    t = np.clip((signal - knee) / (1 - knee), 0, 1)
    curve = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (-2 * t**3 + 3 * t**2) * highest
    )
    bent = np.where(signal < knee, signal, curve) * scale
    return _pq_to_light(bent).astype(np.float32)
