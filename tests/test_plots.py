"""Plots look as their reference pictures do (``--mpl-generate-path=tests/plots/baseline``)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib.style
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.testing.compare import compare_images
from matplotlib.testing.decorators import remove_ticks_and_titles

import musify
from musify import Cue, CueSheet, GainCurve, Mood, MoodScores, MoodTimeline, Soundtrack, SourceRange
from musify._mood_colour import AROUSAL_COLOUR, VALENCE_COLOUR

# Letters are drawn by a FreeType that comes with matplotlib and differs from version to version, so
# pictures are compared without words, and words are read. What is left is the same to the bit with
# matplotlib 3.9 and 3.11; the smallest mistake below differs by more than twice the tolerance.
TOLERANCE = 0.25
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


def plucked(block: int = 4096, seconds: int = 4, loud: float = 0.8) -> Soundtrack:
    time = np.arange(seconds * 8000) / 8000
    mono = (loud * np.sin(2 * np.pi * 220 * time) * np.exp(-3 * (time % 1))).astype(np.float32)
    both = np.stack([mono, mono], axis=1)

    def source() -> Iterator[np.ndarray]:
        return (both[at : at + block] for at in range(0, len(both), block))

    return Soundtrack(8000, 2, len(both), source)


HIGH = {"timeline": 3.0, "scores": 2.2, "cues": 2.4, "soundtrack": 1.8}


def drawn(what: Any, name: str) -> Figure:
    """Draw on axes whose place does not depend on how wide letters are, and leave words out."""
    figure: Figure = pyplot.figure(figsize=(9.0, HIGH[name]))
    ax = what.plot(ax=figure.add_axes((0.1, 0.18, 0.75, 0.7)))
    for words in [*ax.texts, *filter(None, [ax.get_legend()])]:
        words.remove()
    ax.set_ylabel("")
    ax.set_title("", loc="left")
    return figure


@picture
def test_timeline() -> Any:
    return drawn(timeline(), "timeline")


@picture
def test_scores() -> Any:
    return drawn(scores(), "scores")


@picture
def test_cues() -> Any:
    return drawn(sheet(), "cues")


@picture
def test_soundtrack() -> Any:
    return drawn(plucked(), "soundtrack")


DRAWN = {"timeline": timeline, "scores": scores, "cues": sheet, "soundtrack": plucked}


def later() -> MoodTimeline:
    return replace(timeline(), edges=[0, 8.5, 20, 32])


def other_moods() -> MoodTimeline:
    return replace(timeline(), labels=("happy", "sad", "calm"))


def other_curve() -> MoodTimeline:
    return replace(timeline(), plane=timeline().plane[:, ::-1])


def surer() -> MoodTimeline:
    return replace(timeline(), confidence=[0.9, 0.7, 0.8])


def fewer_cuts() -> MoodTimeline:
    return replace(timeline(), cuts=[8.0, 20.0])


def other_rows() -> MoodScores:
    return replace(scores(), values=scores().values[:, [1, 0, 2]])


def a_frame_less() -> MoodScores:
    values = scores().values.copy()
    values[5] = 0
    return replace(scores(), values=values)


def a_cue_less() -> CueSheet:
    return replace(sheet(), cues=sheet().cues[:1])


def without_fade() -> CueSheet:
    first, second = sheet().cues
    return replace(sheet(), cues=(replace(first, fade_in=0), second))


def without_jump() -> CueSheet:
    first, second = sheet().cues
    return replace(sheet(), cues=(first, replace(second, sources=(SourceRange(0, 28.5),))))


def gain_later() -> CueSheet:
    return replace(sheet(), gain_curve=GainCurve([0, 6, 7, 9, 10, 32], [0, 0, -15, -15, 0, 0]))


def a_decibel_less() -> Soundtrack:
    return plucked(loud=0.8 * 10 ** (-1 / 20))


MISTAKES: dict[Callable[[], Any], str] = {
    later: "timeline",
    other_moods: "timeline",
    other_curve: "timeline",
    surer: "timeline",
    fewer_cuts: "timeline",
    other_rows: "scores",
    a_frame_less: "scores",
    a_cue_less: "cues",
    without_fade: "cues",
    without_jump: "cues",
    gain_later: "cues",
    a_decibel_less: "soundtrack",
}


def differs(figure: Figure, name: str, folder: Path) -> float:
    """Compare as pytest-mpl does: the root mean square of all differences, of 255."""
    remove_ticks_and_titles(figure)
    figure.savefig(folder / "drawn.png", dpi=60)
    (folder / "reference.png").write_bytes((BASELINE / f"test_{name}.png").read_bytes())
    paths = str(folder / "reference.png"), str(folder / "drawn.png")
    found = compare_images(*paths, 0, in_decorator=True)
    return 0.0 if found is None else float(found["rms"])


@pytest.mark.parametrize("wrong", MISTAKES, ids=lambda wrong: wrong.__name__)
def test_a_small_mistake_is_seen(wrong: Callable[[], Any], tmp_path: Path) -> None:
    name = MISTAKES[wrong]
    with matplotlib.style.context("default"):
        assert differs(drawn(wrong(), name), name, tmp_path) > 2 * TOLERANCE


def test_two_colours_taken_for_each_other_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("musify._mood_plot.VALENCE_COLOUR", AROUSAL_COLOUR)
    monkeypatch.setattr("musify._mood_plot.AROUSAL_COLOUR", VALENCE_COLOUR)
    with matplotlib.style.context("default"):
        assert differs(drawn(timeline(), "timeline"), "timeline", tmp_path) > 2 * TOLERANCE


def words(ax: Axes) -> dict[str, list[str]]:
    """Read what stands on axes."""
    ax.figure.draw_without_rendering()
    legend = ax.get_legend()
    return {
        "on it": [text.get_text() for text in ax.texts],
        "x": [label.get_text() for label in ax.get_xticklabels()],
        "y": [label.get_text() for label in ax.get_yticklabels()],
        "legend": [text.get_text() for text in legend.get_texts()] if legend else [],
    }


def test_the_words_of_a_timeline() -> None:
    said = words(timeline().plot())
    assert said["on it"] == ["sad\n90%", "happy\n70%", "calm\nunsure"]
    assert said["x"] == [f"0:{second:02d}" for second in range(0, 35, 5)]
    assert said["y"] == ["-1", "0", "+1", "mood"]
    assert said["legend"] == ["valence", "arousal"]


def test_the_words_of_scores() -> None:
    ax = scores().plot()
    assert words(ax)["y"] == ["happy", "sad", "calm"]
    assert ax.get_title("left") == "score of each mood, full colour = 1"


def test_the_words_of_cues() -> None:
    said = words(sheet().plot())
    assert said["on it"] == [r"<b>Slow</b> river, \$5 and \$6", "fast"]
    assert said["y"] == ["0 dB", "-15 dB", "music"]


def test_the_words_of_a_soundtrack() -> None:
    ax = plucked().plot()
    said = words(ax)
    assert said["legend"] == ["peak", "RMS"]
    assert said["x"][::2] == ["0:00", "0:01", "0:02", "0:03", "0:04"]
    assert (said["y"], ax.get_ylabel()) == (["-1", "0", "+1"], "amplitude")


def test_words_stay_in_their_boxes() -> None:
    labels = ("melancholic and long", "happy", "calm") * 12
    edges = np.cumsum([0.0, *np.tile([1.0, 4.0, 9.0], 12)])
    ax = MoodTimeline(edges, labels, np.full(36, 0.5), np.zeros((36, 2))).plot()
    ax.figure.draw_without_rendering()
    assert len(ax.texts) >= 12
    for text in ax.texts:
        box = text.get_window_extent()
        left, right = ax.transData.inverted().transform([(box.x0, 0), (box.x1, 0)])[:, 0]
        place = int(np.searchsorted(edges, text.get_position()[0])) - 1
        assert edges[place] <= left
        assert right <= edges[place + 1]


def test_a_long_film_is_drawn_in_columns() -> None:
    edges = np.linspace(0, 10_800, 401)
    film = MoodTimeline(edges, ["calm", "sad"] * 200, np.full(400, 0.5), np.zeros((400, 2)))
    ax = film.plot()
    assert len(ax.patches) < 10, "not a box for each segment"
    assert words(ax)["x"][:3] == ["0:00", "30:00", "1:00:00"]
    track = musify.Track("a.wav", 60.0, mood=Mood.named("sad"))
    cues = [Cue(i * 2.0, i * 2.0 + 2, track, (SourceRange(0, 2),)) for i in range(200)]
    many = CueSheet(cues, 400.0).plot()
    assert len(many.patches) == 0
    drawn_until = [max(path.vertices[:, 0].max() for path in rows.get_paths())
                   for rows in many.collections]  # fmt: skip
    assert drawn_until == pytest.approx([398.4, 400.0])


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
