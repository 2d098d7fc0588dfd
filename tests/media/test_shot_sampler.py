"""The sampler of shots, with cuts that are known."""

from importlib.util import find_spec

import numpy as np
import pytest

import musify
from musify import Shots
from musify.backends.shot_sampler import ShotSampler
from musify.notices import collect_notices
from musify.testing import media

pytestmark = pytest.mark.media
DECODERS = (
    "ffmpeg",
    pytest.param(
        "pyav", marks=pytest.mark.skipif(find_spec("av") is None, reason="PyAV is an extra")
    ),
)
EDGES = (0, 2, 2.04, 5, 12)  # of tiny_video, 25 frames a second; the second shot is one frame


def given(edges=EDGES):
    return lambda video: Shots(edges, np.ones(len(edges) - 2), [], [])


def sampled(video, **options):
    options = {"find_shots": given(), **options}
    return list(ShotSampler(**options).sample(musify.probe(video)))


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize(
    ("options", "times"),
    [
        ({}, [1, 2, 3.52, 8.52]),
        ({"frames": 2}, [0.52, 1.52, 2, 2.8, 4.28, 6.76, 10.24]),
        ({"frames": 3}, [0.32, 1, 1.68, 2, 2.52, 3.52, 4.52, 6.16, 8.52, 10.84]),
        ({"longest_gap": 3.5}, [1, 2, 3.52, 6.76, 10.24]),
        ({"find_shots": given((0, 12))}, [3, 9]),
        ({"find_shots": given((0, 12)), "longest_gap": 12}, [6]),
    ],
)
def test_the_middles_of_equal_parts(options, times, decoder, tiny_video):
    samples = sampled(tiny_video, decoder=decoder, **options)
    # The frame on the screen then began up to a frame before.
    assert [sample.time for sample in samples] == pytest.approx(times, abs=0.0401)
    assert all(round(sample.time * 25) == pytest.approx(sample.time * 25) for sample in samples)


@pytest.mark.parametrize("decoder", DECODERS)
def test_pictures_are_those_of_their_times(decoder, tiny_video):
    video = musify.probe(tiny_video)
    every = musify.get_backend("frame_sampler", "interval", seconds=0.04)
    pictures = {round(sample.time * 25): sample.image for sample in every.sample(video)}
    for sample in sampled(tiny_video, decoder=decoder, frames=3):
        expected = pictures[round(sample.time * 25)]
        assert np.abs(sample.image.astype(int) - expected).mean() < 1.5


def test_no_frame_is_of_the_shot_before(tiny_video):
    """No frame begins in this shot at all."""
    assert [s.time for s in sampled(tiny_video, find_shots=given((0, 2.005, 2.03, 12)))] == (
        pytest.approx([1.0, 7.0], abs=0.0401)
    )


def test_many_shots_in_one_go(tiny_video):
    edges = np.arange(0, 12.01, 0.12)
    samples = sampled(tiny_video, find_shots=given(edges))
    assert [round(s.time * 25) for s in samples] == list(range(1, 300, 3))


def test_a_whole_file_brings_no_notice(tiny_video):
    with collect_notices() as notices:
        sampled(tiny_video, frames=2)
    assert notices == []


@pytest.mark.parametrize(
    "options",
    [
        {"frames": 0},
        {"frames": 4},
        {"frames": 1.5},
        {"longest_gap": 0},
        {"longest_side": 0},
        {"mode": "slow"},
        {"decoder": "opencv"},
    ],
)
def test_senseless_options(options):
    with pytest.raises(musify.ParameterError, match=next(iter(options))):
        ShotSampler(**options)


def test_it_says_what_it_is():
    assert repr(ShotSampler(2, mode="exact")) == (
        "ShotSampler(frames=2, longest_gap=10.0, longest_side=320, mode='exact', decoder='ffmpeg')"
    )


def test_pyav_that_is_missing(monkeypatch):
    monkeypatch.setattr("musify.vision.exact.find_spec", lambda name: None)
    with pytest.raises(musify.MissingExtraError, match=r"pip install 'musify-video\[fast\]'"):
        ShotSampler(decoder="pyav")


def test_damage_near_a_frame_is_no_failure(tmp_path):
    """Of the few packets that are decoded for it, most may be damaged."""
    film = media.tiny_video(tmp_path / "film.mp4", seconds=6.0)
    content = bytearray(film.read_bytes())
    middle, length = len(content) // 2, len(content) // 6
    content[middle : middle + length] = bytes(length)
    film.write_bytes(content)
    with collect_notices() as notices:
        times = [sample.time for sample in sampled(film, find_shots=given((0, 6)))]
    assert times == [3.0]
    assert ["damaged" in notice for notice in notices] == [True]
