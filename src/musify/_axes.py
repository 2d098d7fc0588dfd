"""Axes of matplotlib to draw on: what every plot has in common.

matplotlib is an extra. It is imported here and in the modules that draw, when a plot is asked for.
"""

import sys
from importlib.util import find_spec
from typing import Any

import numpy as np

from musify._clock import clock
from musify._svg import time_step
from musify.errors import MissingExtraError

__all__ = ["axes_or_new", "literal", "needs_matplotlib", "put_time_below"]


def needs_matplotlib() -> None:
    """Refuse to draw where matplotlib is not installed.

    Raises
    ------
    MissingExtraError
        Says how to install it.
    """
    if find_spec("matplotlib") is None:
        raise MissingExtraError(
            "drawing needs the module 'matplotlib', which is not installed;\n"
            "install it with: pip install 'musify-video[plot]'"
        )


def axes_or_new(ax: Any, size: tuple[float, float]) -> Any:
    """Return the axes that were given, or those of a new figure of so many inches.

    In a notebook, and where pyplot is at work already, the figure is one of pyplot's, so that the
    end of a cell and ``plt.show()`` show it. Else pyplot is left alone: it would choose a window
    system for the whole program, and keep every figure.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    needs_matplotlib()
    if ax is not None:
        return ax
    if _is_in_notebook() or "matplotlib.pyplot" in sys.modules:
        from matplotlib import pyplot  # noqa: PLC0415 - an extra, slow to import

        figure: Any = pyplot.figure(figsize=size, layout="constrained")
    else:
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra, slow to import

        figure = Figure(figsize=size, layout="constrained")
    return figure.subplots()


def _is_in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    return shell is not None and getattr(shell.get_ipython(), "kernel", None) is not None


def put_time_below(ax: Any, duration: float) -> None:
    """Let the horizontal axis run from 0 to a duration, and write times as people do."""
    from matplotlib.ticker import Locator  # noqa: PLC0415 - an extra, slow to import

    class FullTimes(Locator):
        """Whole seconds, minutes or hours, also when somebody looks closer."""

        def __call__(self) -> Any:
            assert self.axis is not None
            return self.tick_values(*self.axis.get_view_interval())

        def tick_values(self, vmin: float, vmax: float) -> Any:
            step = time_step(max(abs(vmax - vmin), 1e-3))
            return np.arange(np.ceil(min(vmin, vmax) / step), max(vmin, vmax) / step + 1e-9) * step

    ax.set_xlim(0, duration)
    ax.xaxis.set_major_locator(FullTimes())
    ax.xaxis.set_major_formatter(lambda seconds, _: clock(max(0.0, seconds)).removesuffix(".0"))


def literal(words: str, most: int) -> str:
    """Words as they are, of long ones the beginning; what begins with a dollar is no formula."""
    shown = words if len(words) <= most else words[: max(0, most - 1)] + "…"
    return shown.replace("$", r"\$")
