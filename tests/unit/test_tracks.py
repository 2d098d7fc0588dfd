from pathlib import Path

import pytest

from musify import Licence, ParameterError, Track


def test_a_track_is_called_like_its_file_unless_it_has_a_title():
    assert Track("songs/Night Walk.mp3", 3).title == "Night Walk"
    assert Track("songs/a.mp3", 3, title="B").title == "B"
    assert Track("songs/a.mp3", 3).path == Path("songs/a.mp3")


@pytest.mark.parametrize(
    ("facts", "credit"),
    [
        ({}, "“walk”"),
        ({"artist": "Ann"}, "“walk” by Ann"),
        ({"artist": "Ann", "licence": Licence("MIT")}, "“walk” by Ann (MIT)"),
        ({"licence": Licence("CC-BY-4.0", attribution="Walk, by Ann")}, "Walk, by Ann"),
    ],
)
def test_credit(facts, credit):
    assert Track("walk.mp3", 3, **facts).credit == credit


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"duration": 0}, "duration of a track must be above 0 s"),
        ({"duration": float("nan")}, "duration of a track"),
        ({"duration": float("inf")}, "duration of a track"),
        ({"bpm": 0}, r"bpm must be in \[1, 1000\], got 0"),
        ({"bpm": float("inf")}, r"bpm must be in \[1, 1000\]"),
        ({"loudness_lufs": float("-inf")}, "loudness_lufs must be finite"),
        ({"beats": [1, 1]}, "beats must ascend"),
        ({"beats": [[1]]}, "beats must have shape"),
    ],
)
def test_refused(wrong, message):
    with pytest.raises(ParameterError, match=message):
        Track(**{"path": "a.mp3", "duration": 3} | wrong)


@pytest.mark.parametrize("name", ["", " ", None])
def test_a_licence_needs_a_name(name):
    with pytest.raises(ParameterError, match="a licence needs a name"):
        Licence(name)
