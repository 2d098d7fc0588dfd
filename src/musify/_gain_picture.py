"""How a gain curve shows itself: as SVG in a notebook, and drawn by matplotlib."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from musify._axes import axes_or_new, put_time_below
from musify._clock import clock

if TYPE_CHECKING:
    from musify.gain_curve import GainCurve

__all__ = ["draw_gain", "gain_html"]

_WIDTH: Final = 760
_HEIGHT: Final = 130
_LEFT: Final = 56
_TOP: Final = 10
_BOTTOM: Final = 104
_COLOUR: Final = "#0284c7"
_FONT: Final = 'font-family="system-ui, sans-serif" font-size="12" fill="currentColor"'
# A page shall stay under 200 kB.
_MOST_POINTS: Final = 3000
# Points that draw half a wave of a cosine smoothly.
_WAVE: Final = 9


def _line(curve: "GainCurve") -> tuple[list[float], list[float]]:
    """Points of straight lines that look like the curve, which goes on before and after."""
    if not len(curve):
        return [0.0, 1.0], [0.0, 0.0]
    times = [0.0]
    for start, end in zip(curve.times[:-1], curve.times[1:], strict=True):
        times.extend(np.linspace(start, end, _WAVE).tolist())
    times.append(float(curve.times[-1]) + 1.0)
    shown = np.unique(times)
    shown = shown[:: -(-len(shown) // _MOST_POINTS)]
    return shown.tolist(), curve.at(shown).tolist()


def gain_html(curve: "GainCurve") -> str:
    """Draw a curve as SVG, without any dependency."""
    times, gains = _line(curve)
    low = min(-6.0, *gains)
    high = max(0.0, *gains)
    right, wide = _WIDTH - 12, _WIDTH - 12 - _LEFT

    def x(time: float) -> float:
        return _LEFT + wide * time / times[-1]

    def y(gain: float) -> float:
        return _TOP + (_BOTTOM - _TOP) * (high - gain) / (high - low)

    points = " ".join(f"{x(t):.1f},{y(g):.1f}" for t, g in zip(times, gains, strict=True))
    zero = (
        f'<line x1="{_LEFT}" x2="{right}" y1="{y(0):.1f}" y2="{y(0):.1f}" stroke="#888" '
        'stroke-opacity="0.5" stroke-dasharray="3 3"/>'
    )
    parts = [
        zero,
        f'<polyline points="{points}" fill="none" stroke="{_COLOUR}" stroke-width="2"/>',
    ]
    parts += [
        f'<text x="{_LEFT - 6}" y="{y(gain) + 4:.1f}" {_FONT} text-anchor="end">'
        f"{gain:.0f} dB</text>"
        for gain in sorted({low, 0.0, high})
    ]
    parts += [
        f'<text x="{x(time):.1f}" y="{_BOTTOM + 20}" {_FONT} text-anchor="{anchor}">'
        f"{clock(time)}</text>"
        for time, anchor in ((0.0, "start"), (times[-1], "end"))
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'style="width:100%;max-width:{_WIDTH}px" role="img" aria-label="gain over time">'
        + "".join(parts)
        + "</svg>"
    )


def draw_gain(curve: "GainCurve", ax: Any = None) -> Any:
    """Draw a curve on axes of matplotlib, new ones if none are given."""
    ax = axes_or_new(ax, (9.0, 2.4))
    times, gains = _line(curve)
    ax.plot(times, gains, color=_COLOUR)
    put_time_below(ax, times[-1])
    ax.set_ylabel("gain (dB)")
    ax.grid(alpha=0.3)
    return ax
