"""How a score shows itself: as a piano roll in a notebook, and drawn by matplotlib."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from musify._axes import axes_or_new, put_time_below
from musify._clock import clock
from musify._display import player_html
from musify._markup import escape
from musify._preview import PREVIEW_SECONDS
from musify._svg import time_step
from musify.composer.instruments.catalogue import INSTRUMENTS
from musify.composer.theory.keys import NOTE_NAMES

if TYPE_CHECKING:
    from musify.composer.score import Part, Score

__all__ = ["draw_score", "score_html"]

# Told apart by people who see few colours too (Okabe and Ito 2008), and on white and on black.
_COLOURS: Final = {
    "melody": "#d55e00",
    "counter": "#cc79a7",
    "harmony": "#009e73",
    "pad": "#56b4e9",
    "arpeggio": "#0072b2",
    "ostinato": "#b58900",
    "bass": "#7b61c9",
    "drums": "#808080",
    "effects": "#a0522d",
}
_WIDTH: Final = 760
_LEFT: Final = 40
_WIDE: Final = _WIDTH - _LEFT - 8
_TOP: Final = 26
_FONT: Final = 'font-family="system-ui, sans-serif" font-size="11" fill="currentColor"'
# A page shall stay under 300 kB; a note takes some 20 letters.
_MOST_BOXES: Final = 6000
_MOST_PARTS: Final = 24
_LEAST_WIDE: Final = 0.6


class _Roll(NamedTuple):
    """Where everything stands: seconds, and rows of which drums have the lowest."""

    parts: "list[tuple[Part, NDArray[np.float64]]]"
    lowest: int
    highest: int
    drums: int


def _rolled(score: "Score") -> _Roll:
    """Lay the notes out; for each a row of start, end, place and velocity."""
    pitches = [
        part.notes.pitch for part in score.parts if not _is_kit(part) and len(part.notes)
    ] or [np.array([60.0])]
    lowest, highest = (int(edge) for edge in (min(map(np.min, pitches)), max(map(np.max, pitches))))
    kit = sorted({int(p) for part in score.parts if _is_kit(part) for p in part.notes.pitch})
    parts = []
    for part in score.parts:
        notes = part.notes
        start = score.tempo.seconds_at(notes.onset) + notes.shift
        end = score.tempo.seconds_at(notes.onset + notes.duration) + notes.shift
        place = notes.pitch
        if _is_kit(part):
            place = np.array([lowest - 2 - kit[::-1].index(int(p)) for p in notes.pitch])
        rows = np.stack([start.clip(0), end.clip(0, score.duration), place, notes.velocity], axis=1)
        parts.append((part, rows.astype(np.float64)))
    return _Roll(parts, lowest, highest, len(kit))


def _is_kit(part: "Part") -> bool:
    return part.instrument in INSTRUMENTS and INSTRUMENTS[part.instrument].is_kit


def _sections(score: "Score") -> list[tuple[float, float, str]]:
    times = [
        score.tempo.seconds_at([section.start, section.end]).tolist() for section in score.sections
    ]
    return [
        (start, end, f"{section.name} {section.role}, {section.key.name}")
        for (start, end), section in zip(times, score.sections, strict=True)
    ]


def score_html(score: "Score") -> str:
    """Show a score: a piano roll, a player for its beginning, and what wrote it."""
    roll = _rolled(score)
    rows = roll.highest - roll.lowest + 3 + roll.drums
    high = max(2.5, min(6.0, 240 / rows))
    bottom = _TOP + rows * high
    scale = _WIDE / score.duration

    def y(place: float) -> float:
        return _TOP + (roll.highest - place) * high

    parts = _section_marks(score, scale, bottom)
    for pitch in range(roll.lowest, roll.highest + 1):
        if pitch % 12 == 0:
            name = f"{NOTE_NAMES[0]}{pitch // 12 - 1}"
            parts.append(
                f'<line x1="{_LEFT}" x2="{_LEFT + _WIDE}" y1="{y(pitch) + high:.1f}" '
                f'y2="{y(pitch) + high:.1f}" stroke="#888" stroke-opacity="0.25"/>'
                f'<text x="{_LEFT - 5}" y="{y(pitch) + high:.1f}" {_FONT} text-anchor="end" '
                f'opacity="0.7">{name}</text>'
            )
    left = _MOST_BOXES
    for part, notes in roll.parts[:_MOST_PARTS]:
        path, used = _boxes(notes, scale, high, y, left)
        left -= used
        tip = escape(f"{part.name}: {part.instrument} ({part.role})")
        colour = _COLOURS[part.role]
        parts.append(
            f'<path d="{path}" fill="{colour}" fill-opacity="0.85"><title>{tip}</title></path>'
        )
    step = time_step(score.duration)
    for second in np.arange(0, score.duration + 1e-9, step).tolist():
        x = _LEFT + second * scale
        anchor = "end" if x > _LEFT + _WIDE - 20 else "middle"
        label = clock(second).removesuffix(".0")
        parts.append(
            f'<text x="{x:.1f}" y="{bottom + 14:.1f}" {_FONT} text-anchor="{anchor}" '
            f'opacity="0.7">{label}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {bottom + 20:.0f}" '
        f'style="width:100%;max-width:{_WIDTH}px" role="img" aria-label="piano roll">'
        + "".join(parts)
        + "</svg>"
        + _legend(score)
        + player_html(lambda: _beginning(score).soundtrack())
        + f"<div><small>{escape(score.credit)}</small></div>"
    )


def _beginning(score: "Score") -> "Score":
    """Cut a score off: nobody waits for hours of music to hear how it begins."""
    end = min(score.duration, PREVIEW_SECONDS)
    parts = []
    for part in score.parts:
        notes = part.notes
        heard = score.tempo.seconds_at(notes.onset) < end
        columns = (notes.onset, notes.duration, notes.pitch, notes.velocity, notes.shift)
        parts.append(replace(part, notes=type(notes)(*(column[heard] for column in columns))))
    return replace(score, duration=end, parts=tuple(parts))


def _section_marks(score: "Score", scale: float, bottom: float) -> list[str]:
    parts = []
    for start, end, words in _sections(score)[: _MOST_BOXES // 100]:
        x, wide = _LEFT + start * scale, (end - start) * scale
        shown = words if 6 * len(words) < wide else words.split()[0] if wide > 12 else ""
        parts.append(
            f'<g><title>{escape(words)}</title><line x1="{x:.1f}" x2="{x:.1f}" y1="6" '
            f'y2="{bottom:.1f}" stroke="#888" stroke-opacity="0.6"/><text x="{x + 3:.1f}" y="16" '
            f"{_FONT}>{escape(shown)}</text></g>"
        )
    for hit in score.tempo.seconds_at(score.hits)[:300]:
        x = _LEFT + float(hit) * scale
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom:.1f}" stroke="#888" '
            'stroke-opacity="0.5" stroke-dasharray="2 3"/>'
        )
    return parts


def _boxes(
    notes: NDArray[np.float64], scale: float, high: float, y: Any, most: int
) -> tuple[str, int]:
    """Draw notes as one path; those that would lie on each other in the picture are one box."""
    boxes: list[list[float]] = []
    # To half a pixel: of a long piece most notes are alike in the picture.
    alike = np.unique(np.stack([notes[:, 2], *np.round(notes[:, :2].T * scale * 2) / 2]), axis=1)
    for place in np.unique(alike[0]):
        for start, end in alike[1:, alike[0] == place].T.tolist():
            end = max(end, start + _LEAST_WIDE)
            if boxes and boxes[-1][2] == place and start <= boxes[-1][1]:
                boxes[-1][1] = max(boxes[-1][1], end)
            else:
                boxes.append(
                    [start + (0.3 if boxes and start - boxes[-1][1] < 0.3 else 0), end, place]
                )
    if len(boxes) > most:  # what is left out is spread over the piece
        boxes = [boxes[int(place)] for place in np.linspace(0, len(boxes) - 1, max(0, most))]
    tall = f"v{high * 0.85:.1f}"
    return "".join(
        f"M{_LEFT + start:.1f} {y(place):.1f}h{end - start:.1f}{tall}h{start - end:.1f}z"
        for start, end, place in boxes
    ), len(boxes)


def _legend(score: "Score") -> str:
    shown = score.parts[:_MOST_PARTS]
    names = "".join(
        '<span style="white-space:nowrap;margin-right:1em">'
        f'<span style="color:{_COLOURS[part.role]}">■</span> '
        f"{escape(part.name)} ({escape(part.instrument)})</span> "
        for part in shown
    )
    more = len(score.parts) - len(shown)
    return f'<div style="font-size:small">{names}{f"… {more} more parts" if more else ""}</div>'


def draw_score(score: "Score", ax: Any = None) -> Any:
    """Draw a score on axes of matplotlib, new ones if none are given."""
    ax = axes_or_new(ax, (11.0, 5.0))
    from matplotlib.collections import PolyCollection  # noqa: PLC0415 - an extra, slow to import
    from matplotlib.colors import to_rgba  # noqa: PLC0415

    roll = _rolled(score)
    bottom = roll.lowest - 2.5 - roll.drums
    roles: dict[str, str] = {}
    for part, notes in roll.parts:
        if not len(notes):
            continue
        start, end, place, velocity = notes.T
        corners = np.stack(
            [
                np.stack([start, end, end, start], axis=1),
                np.stack([place - 0.4, place - 0.4, place + 0.4, place + 0.4], axis=1),
            ],
            axis=2,
        )
        colours = np.tile(to_rgba(_COLOURS[part.role]), (len(notes), 1))
        colours[:, 3] = 0.35 + 0.65 * velocity / 127  # what is played softly is pale
        ax.add_collection(PolyCollection(list(corners), facecolors=colours, linewidths=0))
        roles[part.role] = _COLOURS[part.role]
    for start, end, words in _sections(score):
        ax.axvline(start, color="#555555", lw=0.8)
        is_wide = (end - start) / score.duration > 0.013 * len(words)
        ax.text(
            start, roll.highest + 2.0, " " + (words if is_wide else words.split()[0]), fontsize=8,
            va="bottom", clip_on=True,
        )  # fmt: skip
    for hit in score.tempo.seconds_at(score.hits):
        ax.axvline(float(hit), color="#555555", lw=0.6, ls=":")
    octaves = [pitch for pitch in range(roll.lowest, roll.highest + 1) if pitch % 12 == 0]
    ticks = [*octaves, *([(bottom + roll.lowest - 1.5) / 2] if roll.drums else [])]
    ax.set_yticks(
        ticks, [*(f"C{p // 12 - 1}" for p in octaves), *(["drums"] if roll.drums else [])]
    )
    for pitch in octaves:
        ax.axhline(pitch - 0.5, color="#999999", lw=0.4, alpha=0.5, zorder=0)
    put_time_below(ax, score.duration)
    ax.set_ylim(bottom, roll.highest + 6)
    ax.set_title(score.title, loc="left", fontsize=10)
    handles = [ax.plot([], [], color=colour, lw=5, label=role)[0] for role, colour in roles.items()]
    ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.08), fontsize=8,
              frameon=False, ncols=9)  # fmt: skip
    return ax
