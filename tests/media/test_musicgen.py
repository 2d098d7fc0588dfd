"""Music from a tiny model of the MusicGen kind; it needs the extra ``neural``."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import musify
from musify.backends.musicgen_selector import MusicgenSelector
from musify.errors import BackendError, ParameterError
from musify.neural.musicgen_model import MusicgenModel, Windows
from musify.neural.prompts import Prompt
from stand_ins.tiny_musicgen import RATE, save_tiny_musicgen

pytestmark = [
    pytest.mark.media,
    pytest.mark.filterwarnings(
        "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
    ),
]

PROMPTS = [Prompt(0.0, "calm slow piano music"), Prompt(2.0, "tense fast music")]


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_musicgen(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def model(model_folder: Path) -> MusicgenModel:
    return MusicgenModel(model_folder, is_local=True)


def test_the_length_is_exact(model):
    pcm = model.generate(PROMPTS, 3.3, seed=1, windows=Windows(2.0, 0.5))
    assert pcm.shape == (int(np.ceil(3.3 * RATE)), 1)
    assert pcm.dtype == np.float32
    assert np.isfinite(pcm).all()


def test_a_seed_gives_the_same_music(model):
    def made(seed: int) -> np.ndarray:
        return model.generate(PROMPTS, 2.5, seed=seed, windows=Windows(2.0, 0.5))

    first = made(3)
    assert (first == made(3)).all()
    assert (first != made(4)).any()


def test_windows_go_on_from_each_other(model):
    seen = []
    pcm = model.generate(PROMPTS, 5.0, seed=1, windows=Windows(2.0, 0.5), on_seconds=seen.append)
    assert len(seen) >= 3
    assert seen == sorted(seen)
    assert seen[-1] == 5.0
    whole = model.generate(PROMPTS, 2.0, seed=1, windows=Windows(2.0, 0.5))
    kept = int(1.2 * RATE)
    assert (pcm[:kept] == whole[:kept]).all()


def test_what_progress_raises_stops_it(model):
    def stop(_: float) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        model.generate(PROMPTS, 5.0, seed=1, windows=Windows(2.0, 0.5), on_seconds=stop)


def test_the_licence_is_that_of_the_card(model, tmp_path):
    assert model.licence() == "cc-by-nc-4.0"
    assert MusicgenModel(save_tiny_musicgen(tmp_path, licence=None)).licence() is None


def test_a_video_gets_it_to_its_length(
    model_folder, silent_video, tmp_path, decode_pcm, monkeypatch
):
    monkeypatch.setenv("MUSIFY_DATA_DIR", str(tmp_path / "data"))
    selector = MusicgenSelector(
        model_folder, most_seconds=4, window=3, overlap=1, style="piano", is_local=True
    )
    pipeline = musify.Pipeline(track_selector=selector, mood_classifier="palette")
    result = pipeline.run(silent_video, tmp_path / "out.mp4")
    assert len(decode_pcm(result.output)) == 8 * 48_000
    assert any("cc-by-nc-4.0" in words for words in result.warnings)
    assert "cc-by-nc-4.0" in result.cues.credits()
    (made,) = (tmp_path / "data" / "generated").iterdir()
    state = made.stat()
    assert pipeline.plan(silent_video).cues[0].track.path == made
    assert made.stat().st_mtime_ns == state.st_mtime_ns


def test_something_else_is_no_model(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(BackendError, match=r"cannot be had|MusicGen kind"):
        MusicgenModel(tmp_path, is_local=True)
    with pytest.raises(BackendError, match="cannot be had"):
        MusicgenModel("nobody/nothing", is_local=True)


@pytest.mark.parametrize("wrong", [{"window": 0.5}, {"overlap": 30}, {"guidance": 0}, {"seed": -1}])
def test_wrong_numbers(wrong):
    with pytest.raises(ParameterError):
        MusicgenSelector("anywhere", **wrong)
