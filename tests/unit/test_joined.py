"""Source ranges as one stream: speed, gain and crossfades."""

import numpy as np
import pytest

from musify import Cue, CueSheet, ParameterError, SourceRange, Track
from musify.audio import spool
from musify.audio.joined import joined

RATE = 8000


@pytest.fixture
def song(monkeypatch):
    """Play what is set instead of a file."""

    def play(pcm):
        monkeypatch.setattr(
            spool, "decode_range", lambda path, start, end, rate: iter([pcm[start:end]])
        )

    return play


def played(*sources, **options):
    total = sum(source.played for source in sources)
    overlaps = sum(source.crossfade or 0 for source in sources[1:])
    cue = Cue(0, total - overlaps - 0.001, Track("a.wav", 60.0), sources, **options)
    return np.concatenate(list(joined(cue, RATE)))


def test_a_range_without_anything_is_the_song(song, rng):
    pcm = rng.uniform(-1, 1, (60 * RATE, 2)).astype(np.float32)
    song(pcm)
    assert np.array_equal(played(SourceRange(1, 3)), pcm[RATE : 3 * RATE])


def test_ranges_that_touch_are_the_song(song, rng):
    pcm = rng.uniform(-1, 1, (60 * RATE, 2)).astype(np.float32)
    song(pcm)
    parts = played(SourceRange(1, 3), SourceRange(3, 4, crossfade=0.0))
    assert np.array_equal(parts, pcm[RATE : 4 * RATE])


@pytest.mark.parametrize("same", [True, False])
def test_a_crossfade_keeps_the_power(song, rng, same):
    pcm = rng.uniform(-0.5, 0.5, (60 * RATE, 2)).astype(np.float32)
    if same:
        pcm[20 * RATE : 30 * RATE] = pcm[10 * RATE : 20 * RATE]
    song(pcm)
    out = played(SourceRange(10, 14), SourceRange(23, 29, crossfade=1.0))
    power = np.square(out).mean(axis=1).reshape(-1, RATE // 2).mean(axis=1)
    assert power == pytest.approx(np.full(len(power), power.mean()), rel=0.06)
    if same:  # what is the same on both sides passes as it is
        assert np.abs(out - pcm[10 * RATE : 10 * RATE + len(out)]).max() < 1e-5


def test_a_gain_fades_away(song):
    song(np.full((60 * RATE, 2), 0.1, np.float32))
    out = played(SourceRange(0, 4, gain_db=6.0, gain_seconds=2.0))
    assert out[0, 0] == pytest.approx(0.1 * 10 ** (6 / 20), rel=1e-3)
    assert out[RATE, 0] == pytest.approx(0.1 * 10 ** (3 / 20), rel=1e-3)
    assert np.allclose(out[2 * RATE :], 0.1)


def test_a_faster_range_is_shorter(song, rng):
    song(rng.uniform(-1, 1, (60 * RATE, 2)).astype(np.float32))
    assert len(played(SourceRange(2, 6, speed=1.008))) == round(4 * RATE / 1.008)


def test_what_a_range_says_is_written_and_read():
    sources = (
        SourceRange(0.0, 12.0),
        SourceRange(
            2.0, 12.0, speed=1.005, crossfade=0.5, gain_db=-1.5, gain_seconds=3.0, joint_cost=0.31
        ),
    )
    sheet = CueSheet([Cue(0, 20, Track("a.wav", 30.0), sources)], 20.0)
    assert CueSheet.from_json(sheet.to_json()).cues[0].sources == sources


@pytest.mark.parametrize(
    "wrong",
    [
        {"speed": 0.4},
        {"speed": float("nan")},
        {"crossfade": -1.0},
        {"gain_db": 41.0},
        {"gain_seconds": -0.1},
        {"joint_cost": float("inf")},
    ],
)
def test_a_range_refuses(wrong):
    with pytest.raises(ParameterError):
        SourceRange(0.0, 1.0, **wrong)
