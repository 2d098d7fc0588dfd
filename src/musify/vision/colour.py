"""How bright and how saturated a picture is, and how that feels."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["colour_point"]

# Mean and standard deviation of the mean brightness and saturation of a picture, rounded, over the
# 14 colour pictures that scikit-image 0.26 and scikit-learn 1.7 ship (0.47 +- 0.18, 0.40 +- 0.26;
# tools/measure_palette.py). The published weights are for standardised variables.
_BRIGHTNESS: Final = (0.47, 0.18)
_SATURATION: Final = (0.40, 0.26)
# Valdez & Mehrabian 1994: pleasure = .69 B + .22 S, arousal = -.31 B + .60 S.
_WEIGHTS: Final = np.array([[0.69, 0.22], [-0.31, 0.60]])
# Two standard deviations reach the edge of the plane.
_SPREAD: Final = 0.5


def colour_point(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Place a picture in the plane by its brightness and saturation.

    Parameters
    ----------
    image : ndarray of uint8, shape (H, W, 3)
        RGB.

    Returns
    -------
    ndarray of shape (2,)
        Valence, 0.69 B + 0.22 S, and arousal, -0.31 B + 0.60 S, of standardised brightness B and
        saturation S [1]_, halved and held in [-1, 1].

    References
    ----------
    .. [1] P. Valdez and A. Mehrabian, "Effects of color on emotions", Journal of Experimental
       Psychology: General 123(4), 394-409, 1994.
    """
    red, green, blue = image[..., 0], image[..., 1], image[..., 2]
    brightest = np.maximum(np.maximum(red, green), blue)
    darkest = np.minimum(np.minimum(red, green), blue)
    # Saturation of black is 0, as in the HSV model.
    saturation = 1 - darkest / np.maximum(brightest, 1).astype(np.float32)
    saturation[brightest == 0] = 0
    brightness = brightest.mean(dtype=np.float64) / 255
    standard = [
        (brightness - _BRIGHTNESS[0]) / _BRIGHTNESS[1],
        (saturation.mean(dtype=np.float64) - _SATURATION[0]) / _SATURATION[1],
    ]
    point: NDArray[np.float64] = np.clip(_SPREAD * (_WEIGHTS @ standard), -1, 1)
    return point
