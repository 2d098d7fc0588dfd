"""Plots look as their reference pictures do (``--mpl-generate-path=tests/plots/baseline``)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.image
import matplotlib.style
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.testing.compare import compare_images

import musify
from musify import Cue, CueSheet, GainCurve, Mood, MoodScores, MoodTimeline, Soundtrack, SourceRange

# Versions 3.9 and 3.11 of matplotlib differ by up to 12, another plot by 45 and more.
TOLERANCE = 14
BASELINE = Path(__file__).parent / "plots" / "baseline"
picture = pytest.mark.mpl_image_compare(
    baseline_dir="plots/baseline",
    style="default",
    tolerance=TOLERANCE,
    remove_text=True,
    savefig_kwargs={"dpi": 60, "metadata": {"Software": None}},
)
MOODS = ("sad", "happy", "calm")


@pytest.fixture(autouse=True)
def no_figure_left() -> Iterator[None]:
    yield
    pyplot.close("all")


def timeline() -> MoodTimeline:
    plane = [[-0.6, -0.4], [0.8, 0.5], [0.4, -0.7]]
    return MoodTimeline([0, 8, 20, 32], MOODS, [0.9, 0.7, 0.3], plane, [8.0, 13.5, 20.0], MOODS,
                        np.eye(3))  # fmt: skip


def scores() -> MoodScores:
    times = np.arange(16.0) * 2
    values = np.stack([np.clip(1 - abs(times - peak) / 10, 0, 1) for peak in (4, 14, 26)], axis=1)
    return MoodScores(times, MOODS, values)


def sheet(title: str = "<b>Slow</b> river, $5 and $6") -> CueSheet:
    slow = musify.Track("slow.wav", 60.0, title=title, mood=Mood.named("sad"))
    fast = musify.Track("fast.wav", 60.0, mood=Mood.named("happy"))
    jumps = (SourceRange(0, 9), SourceRange(20, 40))
    cues = (
        Cue(0, 17, slow, (SourceRange(0, 17),), fade_in=1, fade_out=2),
        Cue(15, 32, fast, jumps, fade_in=2, fade_out=3, crossfade=0.5),
    )
    return CueSheet(cues, 32.0, gain_curve=GainCurve([0, 5, 6, 9, 10, 32], [0, 0, -15, -15, 0, 0]))


def plucked(block: int = 4096, seconds: int = 4) -> Soundtrack:
    time = np.arange(seconds * 8000) / 8000
    mono = (0.8 * np.sin(2 * np.pi * 220 * time) * np.exp(-3 * (time % 1))).astype(np.float32)
    both = np.stack([mono, mono], axis=1)

    def source() -> Iterator[np.ndarray]:
        return (both[at : at + block] for at in range(0, len(both), block))

    return Soundtrack(8000, 2, len(both), source)


def fixed_axes(high: float) -> Axes:
    """Axes whose place does not depend on how wide this matplotlib sets letters."""
    ax: Axes = pyplot.figure(figsize=(9.0, high)).add_axes((0.1, 0.18, 0.75, 0.7))
    return ax


@picture
def test_timeline() -> Any:
    return timeline().plot(ax=fixed_axes(3)).figure


@picture
def test_scores() -> Any:
    return scores().plot(ax=fixed_axes(2.2)).figure


@picture
def test_cues() -> Any:
    return sheet().plot(ax=fixed_axes(2.4)).figure


@picture
def test_soundtrack() -> Any:
    return plucked().plot(ax=fixed_axes(1.8)).figure


DRAWN = {"timeline": timeline, "scores": scores, "cues": sheet, "soundtrack": plucked}


@pytest.mark.parametrize("name", DRAWN)
def test_a_wrong_plot_is_told_from_its_reference(name: str, tmp_path: Path) -> None:
    other = {"timeline": "cues", "scores": "soundtrack", "cues": "timeline", "soundtrack": "scores"}
    expected = matplotlib.image.imread(BASELINE / f"test_{name}.png")
    high, wide = expected.shape[:2]
    with matplotlib.style.context("default"):
        figure = pyplot.figure(figsize=(wide / 60, high / 60), layout="constrained")
        DRAWN[other[name]]().plot(ax=figure.subplots())
        figure.savefig(tmp_path / "wrong.png", dpi=60)
    wrong = matplotlib.image.imread(tmp_path / "wrong.png")
    assert wrong.shape[:2] == (high, wide)
    reference = tmp_path / "reference.png"
    reference.write_bytes((BASELINE / f"test_{name}.png").read_bytes())
    assert compare_images(str(reference), str(tmp_path / "wrong.png"), TOLERANCE) is not None


@pytest.mark.parametrize("name", DRAWN)
def test_axes_that_are_given_are_drawn_on(name: str) -> None:
    _, ax = pyplot.subplots()
    assert DRAWN[name]().plot(ax=ax) is ax
    assert len(pyplot.get_fignums()) == 1


@pytest.mark.parametrize("name", DRAWN)
def test_without_matplotlib_it_is_said_how_to_get_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("musify._axes.find_spec", lambda module: None)
    with pytest.raises(musify.MissingExtraError, match=r"musify-video\[plot\]"):
        DRAWN[name]().plot()


def test_without_pyplot_none_is_loaded() -> None:
    import subprocess
    import sys

    code = (
        "import sys, musify; timeline = musify.MoodTimeline([0, 1], ['calm'], [1], [[0, 0]]); "
        "timeline.plot(); assert 'matplotlib.pyplot' not in sys.modules"
    )
    source = str(Path(musify.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {source!r}); {code}"],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_waveform_does_not_depend_on_its_blocks() -> None:
    from musify._sound_plot import _envelope

    whole = [curve.copy() for curve in _envelope(plucked(block=32_000))]
    for block in (97, 999):
        for one, other in zip(whole, _envelope(plucked(block=block)), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-9)
    low, high, power = whole
    assert high.max() == pytest.approx(0.8, abs=0.03)
    assert low.min() == pytest.approx(-0.8, abs=0.03)
    assert (power <= high + 1e-9).all()


def test_nothing_to_draw() -> None:
    empty = MoodScores([], MOODS, np.empty((0, 3)))
    assert isinstance(empty.plot(), Axes)
    assert isinstance(Soundtrack(8000, 1, 0, lambda: iter(())).plot(), Axes)
    assert isinstance(CueSheet((), 5.0).plot(), Axes)
