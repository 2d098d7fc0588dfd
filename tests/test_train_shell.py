"""``musify train local`` and what it makes, on pictures made by ffmpeg.

A stand-in for the embedded network sees colour and texture: these tests are about the way from a
folder of pictures to moods, whatever looks at the pictures.
"""

import json
import zipfile
from contextlib import contextmanager

import numpy as np
import pytest
from typer.testing import CliRunner

from musify import BackendError, FrameSample, ParameterError, notices
from musify import cli as shell
from musify.vision import training
from musify.vision.model_file import MoodModel
from musify.vision.training import train_local

pytestmark = pytest.mark.media

PICTURES = 8
# Noise of a colour and strength for each mood, so that no two pictures are alike.
LOOKS = {
    "happy": ("0xE0B030", 60),
    "sad": ("0x304060", 10),
    "calm": ("0x60B0E0", 10),
    "action": ("0xC02020", 90),
}


class Glance:
    """Sees mean and spread of each colour, many times over, and a pattern that no two share."""

    feature_version = "glance-1"

    def run(self, images):
        features = np.array([self.look(image) for image in images], np.float32)
        return features[:, :60] / features[:, :60].sum(axis=1, keepdims=True), features

    @staticmethod
    def look(image):
        colour = np.concatenate([image.mean(axis=(0, 1)), image.std(axis=(0, 1))]) / 255
        places = [np.linspace(0, size - 1, 11).astype(int) for size in image.shape[:2]]
        grid = image[places[0]][:, places[1]].astype(int)
        return np.concatenate([np.tile(colour, 10), (np.diff(grid, axis=0) > 0).ravel()])


@pytest.fixture(autouse=True)
def glance(monkeypatch):
    monkeypatch.setattr(training, "embedded_network", Glance)


@pytest.fixture(scope="module")
def outer(pytestconfig):
    from pathlib import Path

    return pytestconfig.pluginmanager.get_plugin(str(Path(__file__).with_name("conftest.py")))


@pytest.fixture(scope="module")
def made(outer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("moods")
    for seed, (mood, (colour, noise)) in enumerate(LOOKS.items()):
        (folder / mood).mkdir()
        outer.ffmpeg(
            "-f", "lavfi", "-i", f"color={colour}:s=96x64:r=1:d={PICTURES}",
            # A shade and a slope of its own for each picture, then noise.
            "-vf", "format=rgb24,geq="
            + ":".join(
                f"{channel}='clip({channel}(X,Y)+40*sin({seed + place}+2.4*N)"
                f"+30*sin(X*N/40+{place}*Y/9),0,255)'"
                for place, channel in enumerate("rgb")
            )
            + f",noise=alls={noise}:all_seed={seed + 1}:allf=t",
            folder / mood / "%02d.png",
        )  # fmt: skip
    return folder


@pytest.fixture
def pictures(made, tmp_path):
    import shutil

    return shutil.copytree(made, tmp_path / "pictures")


@pytest.fixture
def app():
    return lambda *args: CliRunner().invoke(shell.make_app(), ["train", "local", *map(str, args)])


@contextmanager
def told():
    with notices.collect_notices() as found:
        yield found


def test_it_learns_and_says_how_well(app, pictures, tmp_path):
    done = app(pictures, "-o", tmp_path / "mine.musify")
    assert done.exit_code == 0, done.output
    assert "32 pictures of 4 moods" in done.stdout
    assert "right on held-out pictures" in done.stdout
    assert "--classifier trained --option mood_classifier.model=" in done.stdout
    assert MoodModel.load(tmp_path / "mine.musify").moods.names == tuple(sorted(LOOKS))


def test_json_is_one_document(app, pictures, tmp_path):
    done = app(pictures, "-o", tmp_path / "mine.musify", "--json")
    record = json.loads(done.stdout)
    assert record["accuracy"] > 0.7
    low, high = record["accuracy_interval"]
    assert low < record["accuracy"] <= high
    assert np.sum(record["confusion"]) == record["pictures"] == 32
    assert [mood["name"] for mood in record["moods"]] == sorted(LOOKS)


def test_the_confusion_matrix_is_drawn(app, pictures, tmp_path):
    done = app(pictures, "-o", tmp_path / "mine.musify", "--plot", tmp_path / "c.png")
    assert done.exit_code == 0
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")


def test_a_plot_without_matplotlib_is_refused_at_once(app, pictures, tmp_path, monkeypatch):
    monkeypatch.setattr("musify._axes.find_spec", lambda name: None)
    done = app(pictures, "-o", tmp_path / "mine.musify", "--plot", tmp_path / "c.png")
    assert done.exit_code == 4
    assert "musify-video[plot]" in done.stderr
    assert not (tmp_path / "mine.musify").exists()


def test_an_output_is_not_replaced_unasked(app, pictures, tmp_path):
    (tmp_path / "mine.musify").write_text("precious")
    done = app(pictures, "-o", tmp_path / "mine.musify")
    assert done.exit_code == 3
    assert (tmp_path / "mine.musify").read_text() == "precious"
    assert app(pictures, "-o", tmp_path / "mine.musify", "--overwrite").exit_code == 0


def test_points_of_moods(app, pictures, tmp_path):
    (pictures / "sad").rename(pictures / "Xyzzy")
    with pytest.raises(ParameterError, match=r"no mood is called 'xyzzy'(.|\n)*--point xyzzy="):
        train_local(pictures, tmp_path / "mine.musify", plane_of=None)
    done = app(
        pictures, "-o", tmp_path / "mine.musify",
        "--point", "Xyzzy=-0.4,0.5", "--point", "calm=0.1,-0.2",
    )  # fmt: skip
    assert done.exit_code == 0
    moods = MoodModel.load(tmp_path / "mine.musify").moods
    assert moods["xyzzy"].point == (-0.4, 0.5)
    assert moods["calm"].point == (0.1, -0.2)


@pytest.mark.parametrize("text", ["spooky", "spooky=1", "spooky=a,b", "=1,1", "spooky=nan,0"])
def test_a_point_must_be_a_point(app, pictures, tmp_path, text):
    done = app(pictures, "-o", tmp_path / "mine.musify", "--point", text)
    assert done.exit_code == 2
    assert "NAME=VALENCE,AROUSAL" in done.stderr


def test_a_point_of_nobody_is_refused(app, pictures, tmp_path):
    done = app(pictures, "-o", tmp_path / "mine.musify", "--point", "clam=0,0")
    assert done.exit_code == 2
    assert "'clam', but the moods are action, calm, happy, sad" in done.stderr


def test_a_mood_without_a_point_can_stand_where_its_pictures_do(pictures, tmp_path):
    (pictures / "sad").rename(pictures / "xyzzy")
    with told() as words:
        report = train_local(
            pictures,
            tmp_path / "mine.musify",
            plane_of=lambda shares: np.tile([-0.25, 0.125], (len(shares), 1)),
        )
    assert report.moods["xyzzy"].point == (-0.25, 0.125)
    assert report.moods["calm"].point == (0.45, -0.65)
    assert any("'xyzzy'" in line and "-0.25" in line for line in words)


def no_pictures(folder):
    for path in folder.rglob("*.png"):
        path.unlink()


def one_mood(folder):
    for name in ("sad", "calm", "action"):
        (folder / name).rename(folder / f".{name}")


def few_pictures(folder):
    for path in sorted((folder / "sad").iterdir())[4:]:
        path.unlink()


def unreadable(folder):
    for path in sorted((folder / "sad").iterdir())[4:]:
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))


def all_alike(folder):
    first, *others = sorted((folder / "sad").iterdir())
    for path in others:
        path.write_bytes(first.read_bytes())


def twice_but_for_case(folder):
    (folder / "SAD").mkdir()
    if len(list(folder.iterdir())) == 4:
        pytest.skip("names that differ in case only are one here")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (no_pictures, "the mood 'action' has 0 pictures; it needs at least 5"),
        (one_mood, "holds 1 sub-folders"),
        (few_pictures, "the mood 'sad' has 4 pictures; it needs at least 5"),
        (unreadable, "the mood 'sad' has 4 pictures of 8 files that can be read"),
        (all_alike, "the pictures of the mood 'sad' are all near duplicates"),
        (twice_but_for_case, "called 'sad' but for case"),
    ],
)
def test_what_cannot_be_learnt_from(app, pictures, tmp_path, spoil, words):
    spoil(pictures)
    done = app(pictures, "-o", tmp_path / "mine.musify")
    assert done.exit_code == 2
    assert words in done.stderr
    assert not (tmp_path / "mine.musify").exists()


@pytest.mark.parametrize("what", ["missing", "a file"])
def test_pictures_must_be_a_folder(app, tmp_path, what):
    place = tmp_path / "place"
    if what == "a file":
        place.touch()
    done = app(place, "-o", tmp_path / "mine.musify")
    assert done.exit_code == 2
    assert "give a folder of pictures" in done.stderr


def test_what_is_left_out_is_told(pictures, tmp_path):
    (pictures / "sad" / "broken.jpg").write_text("no picture")
    (pictures / "loose.png").write_bytes(next((pictures / "sad").glob("*.png")).read_bytes())
    copy = pictures / "calm" / "copy.png"
    copy.write_bytes((pictures / "sad" / "01.png").read_bytes())
    with told() as words:
        report = train_local(pictures, tmp_path / "mine.musify")
    assert [path.name for path, _ in report.skipped] == ["broken.jpg"]
    assert [{path.name for path in group} for group in report.duplicates] == [
        {"copy.png", "01.png"}
    ]
    assert report.distinct == report.pictures - 1 == 32
    text = "\n".join(words)
    assert "broken.jpg" in text
    assert "left out 1 pictures that lie in" in text
    assert "keep it in one folder" in text


def test_the_same_pictures_give_the_same_model(pictures, tmp_path):
    for name in ("a", "b"):
        train_local(pictures, tmp_path / f"{name}.musify")
    assert (tmp_path / "a.musify").read_bytes() == (tmp_path / "b.musify").read_bytes()


def test_the_model_does_not_name_the_users_files(pictures, tmp_path):
    train_local(pictures, tmp_path / "mine.musify")
    with zipfile.ZipFile(tmp_path / "mine.musify") as archive:
        assert str(tmp_path) not in archive.read("model.json").decode()


def test_progress_reaches_the_end(pictures, tmp_path):
    steps = []
    train_local(pictures, tmp_path / "mine.musify", on_progress=steps.append)
    last = {step.stage: step.fraction for step in steps}
    assert last == {"look": 1.0, "train": 1.0}


def test_the_backend_uses_what_was_learnt(pictures, tmp_path):
    from musify.backends.trained_classifier import TrainedClassifier
    from musify.vision.pictures import find_pictures, read_pictures

    train_local(pictures, tmp_path / "mine.musify")
    classifier = TrainedClassifier(tmp_path / "mine.musify", Glance())
    assert classifier.labels == tuple(sorted(LOOKS))
    files = find_pictures(pictures)
    scores = classifier.classify(
        FrameSample(float(i), image) for i, (_, image) in enumerate(read_pictures(files))
    )
    right = np.mean(
        [top == file.parent.name for top, file in zip(scores.top(), files, strict=True)]
    )
    assert right > 0.8
    np.testing.assert_allclose(scores.values.sum(axis=1), 1)
    # The plane is the mean of the moods' points.
    np.testing.assert_allclose(scores.plane, scores.values @ classifier.model.moods.plane)


def test_the_backend_refuses_what_does_not_fit(pictures, tmp_path):
    from musify.backends.trained_classifier import TrainedClassifier

    class Other(Glance):
        feature_version = "glance-2"

    train_local(pictures, tmp_path / "mine.musify")
    with pytest.raises(BackendError, match=r"'glance-1', and this musify has 'glance-2'"):
        TrainedClassifier(tmp_path / "mine.musify", Other())
    with pytest.raises(ParameterError, match="cannot read"):
        TrainedClassifier(tmp_path / "nothing.musify", Glance())
