"""Music drawn by matplotlib: the cues of a sheet, and the waveform of a soundtrack."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from musify._axes import axes_or_new, put_time_below
from musify._display import AROUSAL_COLOUR, mood_colour
from musify._iterators import ended

if TYPE_CHECKING:
    from musify.cue import Cue
    from musify.cues import CueSheet
    from musify.soundtrack import Soundtrack

__all__ = ["draw_cues", "draw_soundtrack"]

_DARK: Final = "#111111"
_PLAIN: Final = "#bbbbbb"
_LEAST_NAMED: Final = 0.02
_LETTERS: Final = 110
_COLUMNS: Final = 900
_LEAST_DB: Final = 12.0
_POINTS: Final = 2000


def draw_cues(sheet: "CueSheet", ax: Any = None) -> Any:
    """Draw cues in two rows in turn, with their fades, and gain over time below them."""
    ax = axes_or_new(ax, (9.0, 2.4))
    for place, cue in enumerate(sheet.cues):
        _draw_cue(ax, cue, 0.45 if place % 2 else 1.0, sheet.duration)
    ticks, names = [], []
    if sheet.gain_curve is not None:
        times = np.linspace(0, sheet.duration, _POINTS)
        gains = sheet.gain_curve.at(times)
        span = max(_LEAST_DB, -float(gains.min()), float(gains.max()))
        # From the quietest gain below to 0 dB at the top of the band.
        ax.plot(times, -0.1 + 0.45 * gains / span, color=AROUSAL_COLOUR, lw=1.5)
        ticks = [-0.1, -0.55]
        names = ["0 dB", f"{-span:.0f} dB"]
    ax.set_yticks([*ticks, 0.7], [*names, "music"])
    ax.set_ylim(-0.65 if ticks else 0.4 if len(sheet.cues) > 1 else 0.95, 1.5)
    put_time_below(ax, sheet.duration)
    ax.tick_params(left=False)
    ax.spines[["top", "right", "left"]].set_visible(False)
    return ax


def _draw_cue(ax: Any, cue: "Cue", bottom: float, whole: float) -> None:
    high = 0.45
    colour = mood_colour(*cue.track.mood.point) if cue.track.mood else _PLAIN
    ax.fill(
        [cue.start, cue.start + cue.fade_in, cue.end - cue.fade_out, cue.end],
        [bottom, bottom + high, bottom + high, bottom],
        facecolor=colour,
        edgecolor=_DARK,
        lw=0.6,
    )
    ax.vlines(list(cue.joints), bottom, bottom + high, colors=_DARK, linestyles=":", lw=1)
    share = (cue.duration - (cue.fade_in + cue.fade_out) / 2) / whole
    if share > _LEAST_NAMED:
        title = cue.track.title
        most = max(1, int(share * _LETTERS))
        words = title if len(title) <= most else title[: most - 1] + "…"
        ax.text(
            (cue.start + cue.end) / 2,
            bottom + high / 2,
            words.replace("$", r"\$"),
            ha="center",
            va="center",
            fontsize=8,
            color=_DARK,
            clip_on=True,
        )


def draw_soundtrack(soundtrack: "Soundtrack", ax: Any = None) -> Any:
    """Draw a waveform: peaks pale, the root mean square strong. All of it is rendered."""
    ax = axes_or_new(ax, (9.0, 1.8))
    low, high, power = _envelope(soundtrack)
    edges = np.linspace(0, soundtrack.duration, len(low) + 1)
    ax.stairs(high, edges, baseline=low, fill=True, color=AROUSAL_COLOUR, alpha=0.4, label="peak")
    ax.stairs(power, edges, baseline=-power, fill=True, color=AROUSAL_COLOUR, label="RMS")
    ax.set_ylim(-1, 1)
    ax.set_yticks([-1, 0, 1])
    put_time_below(ax, max(soundtrack.duration, 1e-3))
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8, frameon=False)
    return ax


def _envelope(
    soundtrack: "Soundtrack",
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest value and root mean square of each column, over all channels."""
    columns = max(1, min(_COLUMNS, soundtrack.length))
    low, high, power = np.zeros(columns), np.zeros(columns), np.zeros(columns)
    starts = np.arange(columns + 1) * soundtrack.length // columns
    at = 0
    with ended(soundtrack.blocks()) as blocks:
        for block in blocks:
            if not len(block):
                continue
            first = int(np.searchsorted(starts, at, side="right")) - 1
            last = int(np.searchsorted(starts, at + len(block), side="left"))
            within = np.maximum(starts[first:last] - at, 0)
            low[first:last] = np.minimum(
                low[first:last], np.minimum.reduceat(block.min(axis=1), within)
            )
            high[first:last] = np.maximum(
                high[first:last], np.maximum.reduceat(block.max(axis=1), within)
            )
            squares = np.square(block, dtype=np.float64).mean(axis=1)
            power[first:last] += np.add.reduceat(squares, within)
            at += len(block)
    return low, high, np.sqrt(power / np.maximum(np.diff(starts), 1))
