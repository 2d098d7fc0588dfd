"""Music drawn by matplotlib: the cues of a sheet, and the waveform of a soundtrack."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from musify._axes import axes_or_new, literal, put_time_below
from musify._iterators import ended
from musify._mood_colour import AROUSAL_COLOUR, label_colour, mood_colour
from musify._overview import Stretch, overview
from musify._score_sections import sections_of

if TYPE_CHECKING:
    from musify._score_sections import PlayedSection
    from musify.cue import Cue
    from musify.cues import CueSheet
    from musify.soundtrack import Soundtrack

__all__ = ["draw_cues", "draw_soundtrack"]

_DARK: Final = "#111111"
_PLAIN: Final = "#bbbbbb"
_LEAST_NAMED: Final = 0.05
_LETTERS: Final = 110
_COLUMNS: Final = 900
_LEAST_DB: Final = 12.0
_POINTS: Final = 2000
# Cues that are drawn one by one, and columns when there are more.
_MOST_CUES: Final = 150
_WIDE: Final = 500
_HIGH: Final = 0.45
# How high the sections of a composed piece are, below its title.
_SECTION: Final = 0.18
_SECTION_LETTERS: Final = 130


def draw_cues(sheet: "CueSheet", ax: Any = None) -> Any:
    """Draw cues in two rows in turn, with their fades, and gain over time below them."""
    ax = axes_or_new(ax, (9.0, 2.4))
    if len(sheet.cues) > _MOST_CUES:
        _draw_columns(ax, sheet)
    else:
        composed = dict(sections_of(sheet))
        for place, cue in enumerate(sheet.cues):
            bottom = 0.45 if place % 2 else 1.0
            sections = composed.get(place, [])
            _draw_cue(ax, cue, bottom, sheet.duration, _SECTION if sections else 0.0)
            for section in sections:
                _draw_section(ax, section, bottom, sheet.duration)
    if not sheet.cues:
        ax.text(0.5, 0.5, "no cues", transform=ax.transAxes, ha="center", va="center")
    ticks, names = [], []
    if sheet.gain_curve is not None:
        times = np.linspace(0, sheet.duration, _POINTS)
        gains = sheet.gain_curve.at(times)
        span = max(_LEAST_DB, -float(gains.min()), float(gains.max()))
        # From the quietest gain below to 0 dB at the top of the band.
        ax.plot(times, -0.1 + 0.45 * gains / span, color=AROUSAL_COLOUR, lw=1.5)
        ticks = [-0.1, -0.55]
        names = ["0 dB", f"{-span:.0f} dB"]
    two_rows = len(sheet.cues) > 1
    ax.set_yticks([*ticks, 0.95 if two_rows else 1.0 + _HIGH / 2], [*names, "music"])
    ax.set_ylim(-0.65 if ticks else 0.4 if two_rows else 0.95, 1.5)
    put_time_below(ax, sheet.duration)
    ax.tick_params(left=False)
    ax.spines[["top", "right", "left"]].set_visible(False)
    return ax


def _colour(cue: "Cue") -> str:
    return mood_colour(*cue.track.mood.point) if cue.track.mood else _PLAIN


def _draw_columns(ax: Any, sheet: "CueSheet") -> None:
    """Draw two rows of what plays in each column of time: more could not be told apart."""
    for row in (0, 1):
        stretches = [
            Stretch(cue.start, cue.end, _colour(cue), (0.0, 0.0)) for cue in sheet.cues[row::2]
        ]
        columns = overview(stretches, sheet.duration, _WIDE)
        ax.broken_barh(
            [(one.start, one.end - one.start) for one in columns],
            (0.45 if row else 1.0, _HIGH),
            facecolors=[one.label for one in columns],
        )


def _draw_cue(ax: Any, cue: "Cue", bottom: float, whole: float, taken: float) -> None:
    """Draw one cue; its title stands above as much of its height as is taken."""
    ax.fill(
        [cue.start, cue.start + cue.fade_in, cue.end - cue.fade_out, cue.end],
        [bottom, bottom + _HIGH, bottom + _HIGH, bottom],
        # What is composed as a whole has the mean of its sections' moods, which says little.
        facecolor=_PLAIN if taken else _colour(cue),
        edgecolor=_DARK,
        lw=0.6,
    )
    ax.vlines(list(cue.joints), bottom, bottom + _HIGH / 3, colors=_DARK, lw=1)
    share = (cue.duration - (cue.fade_in + cue.fade_out) / 2) / whole
    if share > _LEAST_NAMED:
        most = max(1, int(share * _LETTERS) - 1)
        ax.text(
            (cue.start + cue.end) / 2,
            bottom + (_HIGH + taken) / 2,
            literal(cue.track.title, most),
            ha="center",
            va="center",
            fontsize=8,
            color=_DARK,
            clip_on=True,
        )


def _draw_section(ax: Any, section: "PlayedSection", bottom: float, whole: float) -> None:
    """Draw a section of a composed piece in the colour of its mood."""
    length = section.end - section.start
    ax.broken_barh(
        [(section.start, length)],
        (bottom, _SECTION),
        facecolors=[label_colour(section.mood, *section.point)],
        edgecolor=_DARK,
        lw=0.4,
    )
    letters = int(length / whole * _SECTION_LETTERS) - 1
    if letters >= len(section.name):
        ax.text(
            (section.start + section.end) / 2,
            bottom + _SECTION / 2,
            section.name,
            ha="center",
            va="center",
            fontsize=6.5,
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
    ax.set_yticks([-1, 0, 1], ["-1", "0", "+1"])
    ax.set_ylabel("amplitude", fontsize=8)
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
