"""Pieces of pictures in notebooks: as wide as the page, in its colours, with text escaped."""

from collections.abc import Sequence
from typing import Final

from musify._clock import clock
from musify._markup import escape

__all__ = [
    "LEFT",
    "PLOT",
    "box",
    "fitting",
    "plane_scale",
    "short_html",
    "svg_image",
    "svg_text",
    "time_axis",
    "time_step",
]

_WIDTH: Final = 760
LEFT: Final = 88
PLOT: Final = _WIDTH - LEFT - 12
_FONT: Final = 'font-family="system-ui, sans-serif" font-size="12" fill="currentColor"'
_MOST_LETTERS: Final = 120
# An average letter of that font, in units of the picture.
_CHARACTER: Final = 7.2
_SCALE: Final = 'text-anchor="end" opacity="0.7"'


def svg_text(x: float, y: float, words: str, extra: str = "") -> str:
    """Write words into a picture, escaped, in the colour of the page."""
    return f'<text x="{x:.1f}" y="{y:.1f}" {_FONT} {extra}>{escape(words)}</text>'


def short_html(words: str) -> str:
    """Escape words, of long ones the beginning."""
    return escape(words if len(words) <= _MOST_LETTERS else words[: _MOST_LETTERS - 1] + "…")


def fitting(words: str, width: float) -> str:
    """Shorten words to what has room, or leave them out."""
    most = int((width - 8) / _CHARACTER)
    if len(words) <= most:
        return words
    return words[: most - 1] + "…" if most >= 4 else ""


def box(x: float, y: float, width: float, height: float, colour: str, words: str, tip: str) -> str:
    """Draw a box with words in it, as far as there is room, and more words to be pointed at."""
    return (
        f'<g><title>{short_html(tip)}</title><rect x="{x:.1f}" y="{y}" '
        f'width="{max(width, 0.5):.1f}" height="{height}" rx="3" fill="{colour}" stroke="#000" '
        'stroke-opacity="0.2"/>'
        + svg_text(x + 4, y + height / 2 + 4, fitting(words, width), 'style="fill:#111"')
        + "</g>"
    )


def svg_image(height: float, parts: Sequence[str], label: str) -> str:
    """Put a picture together that is as wide as the page, and 760 units across."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" '
        f'style="width:100%;max-width:{_WIDTH}px" role="img" aria-label="{escape(label)}">'
        + "".join(parts)
        + "</svg>"
    )


def time_step(duration: float) -> float:
    """Seconds from one mark to the next on an axis of times: at most nine fit in.

    Examples
    --------
    >>> time_step(32), time_step(5400)
    (5.0, 600.0)
    """
    steps = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0]
    steps += [60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0]
    step = next((step for step in steps if duration / step <= 9), steps[-1])
    while duration / step > 9:
        step *= 2
    return step


def time_axis(duration: float, y: float) -> list[str]:
    """Draw an axis of times at a height."""
    step = time_step(duration)
    line = f'<line x1="{LEFT}" x2="{LEFT + PLOT}" y1="{y}" y2="{y}" stroke="#888"'
    parts = [f'{line} stroke-opacity="0.5"/>']
    for count in range(int(duration / step + 1e-9) + 1):
        x = LEFT + PLOT * count * step / duration
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y}" y2="{y + 4}" stroke="#888"/>')
        label = clock(count * step).removesuffix(".0")
        anchor = "end" if x > LEFT + PLOT - 20 else "middle"
        parts.append(svg_text(x, y + 16, label, f'text-anchor="{anchor}" opacity="0.7"'))
    return parts


def plane_scale(middle: float, half: float) -> list[str]:
    """Draw what values of valence and arousal are read from: +1, 0 and -1, and a line at 0."""
    marks = [
        svg_text(LEFT - 5, middle - half * value + 4, f"{value:+d}" if value else "0", _SCALE)
        for value in (1, 0, -1)
    ]
    line = f'<line x1="{LEFT}" x2="{LEFT + PLOT}" y1="{middle}" y2="{middle}" stroke="#888"'
    return [f'{line} stroke-opacity="0.4" stroke-dasharray="3 3"/>', *marks]
