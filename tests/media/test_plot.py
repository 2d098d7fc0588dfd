from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from musify import MissingExtraError, OutputError, ParameterError, Pipeline
from musify._plot import save_plot

pytestmark = pytest.mark.media


@pytest.fixture(scope="module")
def found(tiny_video, media_dir):
    return Pipeline(mood_classifier="palette", library=media_dir).analyze(tiny_video)


def test_a_plot_shows_the_pictures_of_the_film(found, tmp_path: Path):
    file = save_plot(found, tmp_path / "plot.png")
    pixels = matplotlib.image.imread(file)[..., :3]
    height, width = pixels.shape[:2]
    assert width > 1000
    strip = pixels[: height // 5]
    # A test pattern has all colours; the rest of the plot has few.
    assert len(np.unique((strip * 8).astype(int).reshape(-1, 3), axis=0)) > 100
    assert pixels[: height // 20, width // 2 :].min() == 1.0  # nothing runs into the title


@pytest.mark.parametrize("ending", ["svg", "pdf"])
def test_a_plot_can_be_printed(ending, found, tmp_path: Path):
    assert save_plot(found, tmp_path / f"plot.{ending}").stat().st_size > 5000


def test_a_film_that_was_not_watched_for_motion(tiny_video, media_dir, tmp_path: Path):
    still = Pipeline(mood_classifier="palette", library=media_dir, dynamics=None)
    assert save_plot(still.analyze(tiny_video), tmp_path / "plot.png").exists()


def test_what_is_refused(found, tmp_path: Path, monkeypatch):
    with pytest.raises(ParameterError, match=r"ends in \.png, \.svg, \.pdf, got '.*plot\.txt'"):
        save_plot(found, tmp_path / "plot.txt")
    (tmp_path / "plot.png").touch()
    with pytest.raises(OutputError, match="overwrite=True"):
        save_plot(found, tmp_path / "plot.png")
    monkeypatch.setattr("musify._axes.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"musify-video\[plot\]"):
        save_plot(found, tmp_path / "other.png")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["plot.png"]
