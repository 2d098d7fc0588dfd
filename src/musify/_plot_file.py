"""Where a plot may be written: what every plot checks before the work begins."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from musify._ffmpeg import StrPath
from musify.errors import MissingExtraError, ParameterError

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
    if find_spec("matplotlib") is None:
        raise MissingExtraError(
            "drawing needs the module 'matplotlib', which is not installed;\n"
            "install it with: pip install 'musify-video[plot]'"
        )
    return path
