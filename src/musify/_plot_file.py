"""Where a plot may be written: what every plot checks before the work begins."""

from pathlib import Path
from typing import Final

from musify._axes import needs_matplotlib
from musify._ffmpeg import StrPath
from musify.errors import ParameterError

__all__ = ["check_plot"]

_ENDINGS: Final = (".png", ".svg", ".pdf")


def check_plot(path: StrPath) -> Path:
    """Refuse early what cannot be drawn.

    Raises
    ------
    ParameterError
        If the ending is none of .png, .svg and .pdf.
    MissingExtraError
        If matplotlib is not installed.
    """
    path = Path(path)
    if path.suffix.lower() not in _ENDINGS:
        raise ParameterError(f"a plot ends in {', '.join(_ENDINGS)}, got {str(path)!r}")
    needs_matplotlib()
    return path
