"""The picture of an analysis: a film strip, cuts, the moods and the plane over time.

matplotlib is imported when a picture is asked for.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from musify._axes import put_time_below
from musify._iterators import ended
from musify._mood_colour import AROUSAL_COLOUR, VALENCE_COLOUR
from musify._mood_plot import draw_curves, draw_moods
from musify._output import finished_file
from musify._plot_file import check_plot
from musify.plugins import get_backend
from musify.results import Analysis
from musify.samples import FrameSample

__all__ = ["save_plot"]

_PICTURES: Final = 12
_PICTURE_SIDE: Final = 160
_INCHES: Final = (11.0, 6.2)
_DPI: Final = 130
_INK: Final = "#222222"
_GREY: Final = "#8a8a8a"


def save_plot(analysis: Analysis, output: Path, *, overwrite: bool = False) -> Path:
    """Draw what a video feels like over time.

    Parameters
    ----------
    analysis : Analysis
        What :meth:`musify.Pipeline.analyze` found; the video is read once more for its pictures.
    output : path-like
        A ``.png``, ``.svg`` or ``.pdf``.
    overwrite : bool, default False
        Whether a file that stands there may be replaced.

    Raises
    ------
    ParameterError
        If the ending is another.
    MissingExtraError
        If matplotlib is not installed.
    OutputError
        If the file cannot be written.
    """
    output = check_plot(output)
    from matplotlib.figure import Figure  # noqa: PLC0415 - the extra "plot"

    figure = Figure(figsize=_INCHES, dpi=_DPI, layout="constrained")
    strip, moods, curves, motion = figure.subplots(
        4, 1, sharex=True, gridspec_kw={"height_ratios": [0.7, 0.6, 2.2, 0.8]}
    )
    figure.suptitle(analysis.video.path.name, x=0.01, ha="left", fontsize=12, color=_INK)
    _draw_moods(moods, analysis)
    _draw_plane(curves, analysis)
    _draw_motion(motion, analysis)
    for axes in (strip, moods, curves, motion):
        put_time_below(axes, analysis.video.duration)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=_INK, labelsize=8)
    strip.set_axis_off()
    figure.draw_without_rendering()  # only now it is known how wide the strip is
    _draw_strip(strip, analysis)
    with finished_file(output, overwrite=overwrite) as partial:
        figure.savefig(partial)
    return output


def _pictures(analysis: Analysis) -> list[FrameSample]:
    """Take a dozen pictures, one in each twelfth of the video, as far as there are any."""
    step = max(0.001, analysis.video.duration / _PICTURES)
    sampler = get_backend(
        "frame_sampler", "keyframe", seconds=step, longest_gap=step, longest_side=_PICTURE_SIDE
    )
    with ended(sampler.sample(analysis.video)) as samples:
        return list(samples)


def _draw_strip(axes: Any, analysis: Analysis) -> None:
    duration = analysis.video.duration
    samples = _pictures(analysis)
    slot = duration / _PICTURES
    shown: dict[int, NDArray[np.uint8]] = {}
    for sample in samples:
        shown.setdefault(min(_PICTURES - 1, int(sample.time / slot)), sample.image)
    paper = axes.get_window_extent()
    for place, image in shown.items():
        height, width = image.shape[:2]
        # As large as fits into the slot, in its own shape.
        scale = min(0.97 * paper.width / _PICTURES / width, paper.height / height)
        wide = scale * width / paper.width * duration
        tall = scale * height / paper.height
        left = (place + 0.5) * slot - wide / 2
        axes.imshow(
            image,
            extent=(left, left + wide, 0.5 - tall / 2, 0.5 + tall / 2),
            aspect="auto",
            interpolation="antialiased",
        )
    axes.set_xlim(0, duration)
    axes.set_ylim(0, 1)


def _draw_moods(axes: Any, analysis: Analysis) -> None:
    draw_moods(axes, analysis.timeline, 0.5, 1.0)
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(bottom=False)
    axes.set_ylabel("mood", fontsize=8, color=_INK)


def _draw_plane(axes: Any, analysis: Analysis) -> None:
    scores = analysis.scores
    for axis, colour in enumerate((VALENCE_COLOUR, AROUSAL_COLOUR)):
        axes.plot(scores.times, scores.plane[:, axis], ".", ms=3, color=colour, alpha=0.45)
    draw_curves(axes, analysis.timeline)
    axes.set_ylim(-1.05, 1.4)  # room for the names above the curves
    axes.legend(loc="upper right", fontsize=8, frameon=False, ncols=2)
    axes.set_ylabel("valence, arousal", fontsize=8, color=_INK)


def _draw_motion(axes: Any, analysis: Analysis) -> None:
    axes.set_ylabel("motion", fontsize=8, color=_INK)
    axes.set_ylim(bottom=0)
    if analysis.shots is None or not len(analysis.shots.activity):
        axes.text(0.5, 0.5, "not looked at", transform=axes.transAxes, ha="center", color=_GREY)
        return
    times, duration = analysis.shots.activity_times, analysis.shots.duration
    edges = [0.0, *((times[:-1] + times[1:]) / 2), duration]
    axes.stairs(analysis.shots.activity, edges, fill=True, color="#9aa7ad")
    axes.set_ylim(0, max(1.0, float(analysis.shots.activity.max(initial=0.0)) * 1.1))
    for cut in analysis.shots.cuts:
        axes.axvline(cut, color=_INK, lw=0.5, ymax=0.25)
