"""Sound and demo videos in files: what is in them, and that they appear whole or not at all."""

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import musify
from musify import OutputError, ParameterError, Soundtrack
from musify.demo import make_demo_video

pytestmark = pytest.mark.media

RATE = 48_000


def chord(seconds: float = 0.5) -> Soundtrack:
    times = np.arange(round(seconds * RATE)) / RATE
    sides = [0.3 * np.sin(2 * np.pi * hertz * times) for hertz in (220, 330)]
    pcm = np.stack(sides, axis=1).astype(np.float32)
    return Soundtrack(RATE, 2, len(pcm), lambda: iter(np.array_split(pcm, 7)))


@pytest.mark.parametrize("ending", [".wav", ".aiff", ".flac"])
def test_saved_without_loss_it_is_the_same(ending, tmp_path, decode_pcm):
    sound = chord()
    assert sound.save(tmp_path / f"a{ending}") == tmp_path / f"a{ending}"
    found = decode_pcm(tmp_path / f"a{ending}")
    assert found.shape == (sound.length, 2)
    assert np.abs(found - sound.render()).max() <= 2**-23


@pytest.mark.parametrize("ending", [".m4a", ".mp3", ".ogg", ".opus"])
def test_saved_with_loss_it_sounds_the_same(ending, tmp_path, decode_pcm):
    sound = chord()
    sound.save(tmp_path / f"a{ending}")
    found = decode_pcm(tmp_path / f"a{ending}")
    assert abs(len(found) - sound.length) < 0.06 * RATE
    middle = slice(RATE // 10, RATE // 10 + RATE // 4)
    for side, hertz in enumerate((220, 330)):
        spectrum = np.abs(np.fft.rfft(found[middle, side] * np.hanning(RATE // 4)))
        assert abs(int(spectrum.argmax()) * 4 - hertz) <= 4


def test_another_ending_or_place_is_refused_and_nothing_replaced(tmp_path):
    with pytest.raises(ParameterError, match=r"ends in \.wav"):
        chord().save(tmp_path / "a.txt")
    with pytest.raises(OutputError, match="does not exist"):
        chord().save(tmp_path / "none" / "a.wav")
    (tmp_path / "a.wav").write_bytes(b"mine")
    with pytest.raises(OutputError, match="overwrite=True"):
        chord().save(tmp_path / "a.wav")
    assert (tmp_path / "a.wav").read_bytes() == b"mine"
    chord().save(tmp_path / "a.wav", overwrite=True)
    assert (tmp_path / "a.wav").stat().st_size > chord().length * 2 * 3
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_a_sound_that_fails_leaves_no_file(tmp_path):
    def source() -> Iterator[np.ndarray]:
        yield np.zeros((100, 2), np.float32)
        raise ParameterError("enough")

    with pytest.raises(ParameterError, match="enough"):
        Soundtrack(RATE, 2, 200, source).save(tmp_path / "a.wav")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seconds", [1, 2])
def test_scenes_of_a_demo_are_as_long_as_asked_for(seconds, tmp_path):
    path = make_demo_video(tmp_path / "demo.mp4", seconds=seconds)
    film = musify.probe(path)
    assert film.duration == pytest.approx(4 * seconds, abs=1e-3)
    assert (film.width, film.height, film.frame_rate, film.has_audio) == (640, 360, 25, False)
    shots = musify.find_shots(path)
    for cut in (seconds, 2 * seconds, 3 * seconds):
        assert np.abs(shots.cuts - cut).min() < 0.05


def test_a_demo_of_no_length_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="at least 1, got 0"):
        make_demo_video(tmp_path / "demo.mp4", seconds=0)
    (tmp_path / "demo.mp4").write_bytes(b"mine")
    with pytest.raises(OutputError, match="overwrite=True"):
        make_demo_video(tmp_path / "demo.mp4", seconds=1)
    assert (tmp_path / "demo.mp4").read_bytes() == b"mine"


def own_mix(video: Path) -> Iterator[object]:
    return musify.mix(
        musify.CueSheet((), musify.probe(video).duration), musify.probe(video)
    ).blocks()


def frames(name: str) -> Callable[[Path], Iterator[object]]:
    return lambda video: musify.get_backend("frame_sampler", name).sample(musify.probe(video))


def tracks(video: Path) -> Iterator[object]:
    return iter(musify.get_backend("song_library", "folder", path=video.parent / "songs"))


@pytest.mark.parametrize(
    "make",
    [own_mix, frames("keyframe"), frames("interval"), tracks],
    ids=["sound", "keyframe", "interval", "folder"],
)
@pytest.mark.parametrize("taken", [0, 1])
def test_an_iterator_that_is_closed_ends_what_feeds_it(make, taken, tiny_video, songs, outer):
    """At once; what is not taken is not made."""
    before = {child.pid for child in outer.children()}
    iterator = make(tiny_video)
    assert len([*itertools.islice(iterator, taken)]) == taken
    begun = time.monotonic()
    iterator.close()
    assert time.monotonic() - begun < 1
    assert {child.pid for child in outer.children()} <= before
    with contextlib.suppress(StopIteration):
        next(iterator)
        pytest.fail("it goes on after it was closed")
