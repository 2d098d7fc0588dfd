"""Measures what the classifier ``palette`` takes for ordinary brightness and saturation.

Reads the colour pictures that scikit-image and scikit-learn ship; install both, and pillow, first.
Prints the mean and the standard deviation over pictures of their mean brightness and saturation.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

FOLDERS = (("skimage", "data"), ("sklearn", "datasets/images"))
ENDINGS = (".png", ".jpg", ".jpeg")
LONGEST_SIDE = 320


def measure(file: Path) -> tuple[float, float] | None:
    """Return brightness and saturation (HSV, means over pixels, 0 to 1) of a colour picture."""
    with Image.open(file) as picture:
        if picture.mode != "RGB":
            return None
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        pixels = np.asarray(picture, dtype=np.float64) / 255
    brightest, darkest = pixels.max(axis=2), pixels.min(axis=2)
    saturation = 1 - darkest / np.where(brightest > 0, brightest, 1)
    return float(brightest.mean()), float(np.where(brightest > 0, saturation, 0).mean())


def main() -> None:
    """Measure every picture and print the summary."""
    rows = []
    for package, folder in FOLDERS:
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise SystemExit(f"{package} is not installed")
        for file in sorted((Path(spec.origin).parent / folder).iterdir()):
            measured = measure(file) if file.suffix in ENDINGS else None
            if measured:
                rows.append(measured)
                print(f"{file.name:24} {measured[0]:.3f} {measured[1]:.3f}")
    mean, spread = np.mean(rows, axis=0), np.std(rows, axis=0)
    print(f"{len(rows)} pictures: brightness {mean[0]:.2f} +- {spread[0]:.2f}, ", end="")
    print(f"saturation {mean[1]:.2f} +- {spread[1]:.2f}")


if __name__ == "__main__":
    main()
