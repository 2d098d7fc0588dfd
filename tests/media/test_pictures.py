"""Reading picture files: every kind, broken ones, and which way is up."""

import struct
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from musify import MoodClassifier, MoodScores, ParameterError
from musify._shell_moods import read_moods
from musify.vision import pictures as module
from musify.vision.example_pictures import mood_from_pictures
from musify.vision.pictures import find_pictures, read_pictures

pytestmark = pytest.mark.media

EXIF_ORIENTATION = 274


@pytest.fixture
def photo(rng):
    """A smooth picture of 640x360 that no turn or mirror leaves as it is."""
    coarse = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8))
    return coarse.resize((640, 360), Image.Resampling.BICUBIC)


@pytest.fixture
def unread():
    """Gather what cannot be read: ``read_pictures(..., on_unread=unread)``."""

    class Unread(dict):
        def __call__(self, path, why):
            self[path.name] = why

    return Unread()


def differ(image, wanted):
    small = np.asarray(wanted.convert("RGB").resize(image.shape[1::-1], Image.Resampling.BOX))
    return np.abs(small.astype(float) - image).mean()


KINDS = {
    "jpg": {"quality": 95},
    "png": {},
    "webp": {"quality": 95},
    "gif": {},
    "bmp": {},
    "tiff": {},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read(photo, tmp_path, kind):
    photo.save(tmp_path / f"a.{kind}", **KINDS[kind])
    ((path, image),) = read_pictures([tmp_path / f"a.{kind}"])
    assert path == tmp_path / f"a.{kind}"
    assert (image.shape, image.dtype) == ((180, 320, 3), np.uint8)
    assert not image.flags.writeable
    with Image.open(path) as saved:
        assert differ(image, saved) < 3


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "LA", "RGBA"])
def test_every_mode_is_read(photo, tmp_path, mode):
    file = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    photo.convert(mode).save(file)
    ((_, image),) = read_pictures([file])
    assert differ(image, photo.convert(mode)) < 7


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "tiff"])
def test_pictures_stand_upright(photo, tmp_path, kind, orientation):
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    file = tmp_path / f"a.{kind}"
    photo.save(file, exif=exif, **KINDS[kind])
    ((_, image),) = read_pictures([file])
    with Image.open(file) as saved:
        wanted = ImageOps.exif_transpose(saved)
        assert image.shape[:2] == ((180, 320) if orientation < 5 else (320, 180))
        assert differ(image, wanted) < 3


def test_damaged_exif_is_no_reason_not_to_look(photo, tmp_path):
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = 6
    photo.save(tmp_path / "a.jpg", exif=exif)
    data = bytearray((tmp_path / "a.jpg").read_bytes())
    start = data.index(b"Exif\0\0") + 6
    data[start + 4 : start + 8] = struct.pack("<I", 0xFFFFFFFF)
    (tmp_path / "a.jpg").write_bytes(data)
    ((_, image),) = read_pictures([tmp_path / "a.jpg"])
    assert image.shape == (180, 320, 3)


def test_what_is_transparent_is_white(photo, tmp_path):
    red = Image.new("RGBA", (20, 10), (255, 0, 0, 0))
    red.paste((0, 0, 255, 128), (10, 0, 20, 10))
    red.save(tmp_path / "a.png")
    ((_, image),) = read_pictures([tmp_path / "a.png"])
    assert image[5, 4].tolist() == [255, 255, 255]
    assert np.abs(image[5, 15].astype(int) - [127, 127, 255]).max() <= 1


def test_only_the_first_picture_of_a_moving_one_counts(photo, tmp_path):
    other = Image.new("RGB", photo.size, "red")
    for kind in ("gif", "webp"):
        photo.save(tmp_path / f"a.{kind}", save_all=True, append_images=[other] * 3)
    read = list(read_pictures(find_pictures(tmp_path)))
    assert len(read) == 2
    for path, image in read:
        with Image.open(path) as saved:
            assert differ(image, saved) < 3


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((1, 1), (1, 1, 3)),
        ((3000, 1), (1, 320, 3)),
        ((2, 1000), (320, 1, 3)),
        ((100, 50), (50, 100, 3)),  # never up
        ((641, 480), (240, 320, 3)),
    ],
)
def test_any_size_will_do(tmp_path, size, shape):
    Image.new("RGB", size, (10, 200, 30)).save(tmp_path / "a.png")
    ((_, image),) = read_pictures([tmp_path / "a.png"])
    assert image.shape == shape
    assert np.abs(image.astype(int) - [10, 200, 30]).max() <= 2


def test_the_longest_side_can_be_chosen(photo, tmp_path):
    photo.save(tmp_path / "a.jpg")
    ((_, image),) = read_pictures([tmp_path / "a.jpg"], longest_side=64)
    assert image.shape == (36, 64, 3)
    with pytest.raises(ParameterError, match="longest_side"):
        next(read_pictures([tmp_path / "a.jpg"], longest_side=0))


def numbered(tmp_path, count):
    """Pictures of one grey each, which says its number."""
    for number in range(count):
        colour = (number * 5, number * 5, number * 5)
        kind = ("jpg", "png", "bmp")[number % 3]
        Image.new("RGB", (30 + number, 40), colour).save(tmp_path / f"{number:02d}.{kind}")
    return find_pictures(tmp_path)


BROKEN = {
    "empty.jpg": lambda whole: b"",
    "text.png": lambda whole: b"I am no picture",
    "cut.jpg": lambda whole: whole[: len(whole) // 2],
    "head.jpg": lambda whole: whole[:3] + bytes(500),
    "list.jpg": lambda whole: b"#EXTM3U\n#EXTINF:1,\n00.jpg\n",
    "concat.jpg": lambda whole: b"ffconcat version 1.0\nfile 00.jpg\n",
    "png.png": lambda whole: b"\x89PNG\r\n\x1a\n" + bytes(100),
    "gif.gif": lambda whole: b"GIF89a",
    "webp.webp": lambda whole: b"RIFF\x10\0\0\0WEBPVP8 " + bytes(20),
    "tiff.tiff": lambda whole: b"II*\0" + bytes(50),
    "bmp.bmp": lambda whole: b"BM" + bytes(60),
}


def test_broken_pictures_are_told_and_shift_nothing(photo, tmp_path, unread):
    numbered(tmp_path, 40)
    photo.save(tmp_path / "whole.jpeg")
    whole = (tmp_path / "whole.jpeg").read_bytes()
    (tmp_path / "whole.jpeg").unlink()
    for place, (name, spoil) in enumerate(BROKEN.items()):
        (tmp_path / f"{place * 4:02d}-{name}").write_bytes(spoil(whole))
    read = list(read_pictures(find_pictures(tmp_path), on_unread=unread))
    assert [path.stem for path, _ in read] == [f"{number:02d}" for number in range(40)]
    for path, image in read:
        number = int(path.stem)
        assert image.shape == (40, 30 + number, 3)
        assert abs(image.mean() - number * 5) < 2
    assert sorted(name.partition("-")[2] for name in unread) == sorted(BROKEN)
    assert all(unread.values())


def test_only_broken_pictures(tmp_path, unread):
    for number in range(5):
        (tmp_path / f"{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert list(read_pictures(find_pictures(tmp_path), on_unread=unread)) == []
    assert len(unread) == 5


def test_a_missing_picture_is_told(tmp_path, unread):
    assert list(read_pictures([tmp_path / "no.jpg"], on_unread=unread)) == []
    assert unread == {"no.jpg": "No such file or directory"}


def test_a_broken_picture_is_notified(tmp_path, caplog):
    (tmp_path / "a.png").write_bytes(b"text")
    assert list(read_pictures([tmp_path / "a.png"])) == []
    assert "left out the picture" in caplog.text
    assert "it holds no picture of a known kind" in caplog.text


def test_a_picture_that_claims_to_be_enormous_is_left_out(tmp_path, unread):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.bmp")
    data = bytearray((tmp_path / "a.bmp").read_bytes())
    data[18:26] = struct.pack("<ii", 60_000, 60_000)
    (tmp_path / "a.bmp").write_bytes(data)
    assert list(read_pictures([tmp_path / "a.bmp"], on_unread=unread)) == []
    assert unread


@pytest.mark.parametrize(
    "name", ["-v.jpg", "a:b.jpg", "100%d.jpg", "[a]*?.jpg", "a 'b' \"c\".jpg", "ü\n.jpg"]
)
def test_names_that_speak_like_ffmpeg(photo, tmp_path, name, monkeypatch):
    try:
        photo.save(tmp_path / name)
    except OSError:
        pytest.skip("not a name here")
    monkeypatch.chdir(tmp_path)
    assert len(list(read_pictures([Path(name)]))) == 1


def test_reading_is_lazy_and_ends_when_it_is_dropped(photo, tmp_path, monkeypatch):
    photo.save(tmp_path / "a.jpg")
    calls = []
    real = module._read_batch
    monkeypatch.setattr(
        module, "_read_batch", lambda *args: calls.append(len(args[0])) or real(*args)
    )
    pictures = read_pictures([tmp_path / "a.jpg"] * 400)
    next(pictures)
    pictures.close()  # the fixture no_child_left looks for what still runs
    assert sum(calls) <= 4 * 16


def test_a_hundred_pictures_take_a_few_processes(photo, tmp_path, monkeypatch):
    photo.save(tmp_path / "a.jpg")
    started = []
    real = module._ffmpeg.FFmpegProcess

    def counted(*args, **options):
        started.append(args)
        return real(*args, **options)

    monkeypatch.setattr(module._ffmpeg, "FFmpegProcess", counted)
    begun = time.monotonic()
    assert sum(1 for _ in read_pictures([tmp_path / "a.jpg"] * 100)) == 100
    assert len(started) == 7
    assert time.monotonic() - begun < 20  # a second on a free machine


def test_find_pictures(tmp_path):
    for name in ("b.JPG", "a.png", "x/c.webp", "x/y/d.tif", ".hidden.jpg", ".git/e.jpg", "f.txt",
                 "__MACOSX/g.jpg"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    names = [path.relative_to(tmp_path).as_posix() for path in find_pictures(tmp_path)]
    assert names == ["a.png", "b.JPG", "x/c.webp", "x/y/d.tif"]
    with pytest.raises(ParameterError, match="is a file"):
        find_pictures(tmp_path / "a.png")
    with pytest.raises(ParameterError, match="does not exist"):
        find_pictures(tmp_path / "nothing")


class TestMoodFromPictures:
    class Bright(MoodClassifier):
        """Valence by brightness; arousal always 0.5."""

        labels = ("calm",)

        def classify(self, samples):
            rows = [(s.time, s.image.mean() / 127.5 - 1) for s in samples]
            plane = [(valence, 0.5) for _, valence in rows]
            return MoodScores([t for t, _ in rows], self.labels, [[1.0]] * len(rows), plane)

    def test_it_stands_at_the_mean(self, tmp_path):
        for name, grey in (("a.png", 0), ("b/c.png", 255), ("d.png", 51)):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            Image.new("RGB", (20, 20), (grey,) * 3).save(tmp_path / name)
        mood = mood_from_pictures("Odd", tmp_path, self.Bright())
        assert mood.name == "odd"
        assert mood.point == pytest.approx(((-1 + 1 - 0.6) / 3, 0.5), abs=0.02)

    def test_a_classifier_may_be_named(self, tmp_path):
        Image.new("RGB", (20, 20), "white").save(tmp_path / "a.png")
        assert mood_from_pictures("white", tmp_path, "palette").valence > 0

    def test_no_picture_is_an_error(self, tmp_path):
        (tmp_path / "a.png").write_bytes(b"text")
        with pytest.raises(ParameterError, match=r"no picture that can be read \(of 1 files\)"):
            mood_from_pictures("none", tmp_path, self.Bright())


def test_a_mood_at_the_shell_may_be_a_folder_of_pictures(pictures):
    (cosy,) = read_moods([f"cosy={pictures / 'cosy'}"])
    assert cosy == mood_from_pictures("cosy", pictures / "cosy")
