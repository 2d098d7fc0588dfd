import pytest

from musify import ParameterError
from musify.composer.form.brief import read_seconds, timeline_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20s", 20), ("20 s", 20), ("20", 20), (20, 20), (2.5, 2.5), ("1.5 min", 90), ("2m", 120),
        ("0:45", 45), ("1:02:03.5", 3723.5), (" 90 Seconds ", 90), ("1 h", 3600), ("12:00", 720),
    ],
)  # fmt: skip
def test_lengths_are_written_as_people_do(text, seconds):
    assert read_seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "0", "0:00", "-3s", -3, 0, float("inf"), "1:75", "1:75:00", "5 pounds", "1:2:3:4"],
)
def test_what_is_no_length_is_refused(text):
    with pytest.raises(ParameterError, match="length"):
        read_seconds(text)


def test_the_last_mood_takes_the_rest():
    timeline = timeline_of("happy 20s, tense 15s, calm", length=45.0)
    assert timeline.labels == ("happy", "tense", "calm")
    assert timeline.edges.tolist() == [0, 20, 35, 45]
    assert timeline.plane.tolist() == [[0.75, 0.4], [-0.6, 0.6], [0.45, -0.65]]
    assert len(timeline.cuts) == 0
    assert timeline.confidence.tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("text", "length", "labels", "edges"),
    [
        ("happy", "0:45", ("happy",), [0, 45]),
        ("happy 0:20,calm 1:05", None, ("happy", "calm"), [0, 20, 85]),
        ("happy, calm 10s, sad", 40, ("happy", "calm", "sad"), [0, 15, 25, 40]),
        ("horror 5s; Joyful 5 s;", None, ("scary", "joyful"), [0, 5, 10]),
        ("a spooky night 0:10\ncalm 5", None, ("a spooky night", "calm"), [0, 10, 15]),
        ("odd=-0.4,0.5 10s, even = .2, -.3 20", None, ("odd", "even"), [0, 10, 30]),
        ("odd=-0.4,0.5,calm", 10, ("odd", "calm"), [0, 5, 10]),
        ("woods=a spooky night 3s", None, ("woods",), [0, 3]),
    ],
)
def test_moods_and_lengths_are_read(text, length, labels, edges):
    timeline = timeline_of(text, length)
    assert timeline.labels == labels
    assert timeline.edges.tolist() == edges


@pytest.mark.parametrize(
    ("text", "length", "words"),
    [
        ("", 10, "name at least one mood"),
        (" , ;", 10, "name at least one mood"),
        (None, 10, "name at least one mood"),
        ("happy,, calm", 10, "each piece needs a mood"),
        ("20s, calm", 30, "each piece needs a mood"),
        ("happy 20x, calm", 30, "each piece needs a mood"),
        ("happy -5s, calm", 30, "each piece needs a mood"),
        ("hapy 3s", None, "did you mean 'happy'"),
        ("zzz qqq", 3, "no mood is called 'zzz qqq'"),
        ("odd=1.4,0.2 3s", None, r"valence of 'odd' must be in \[-1, 1\]"),
        ("odd=1.4.1,0.2 3s", None, "a point is two numbers"),
        ("happy", None, "how long is 'happy'"),
        ("happy 20s, calm", "0:20", "nothing is left for 'calm'"),
        ("happy 20s, calm 5s", 45, "the moods last 25 s together, the whole 45 s"),
        ("happy 20s, calm 5s", "soon", "length"),
        ("calm 0s, happy", 3, "length"),
    ],
)
def test_what_cannot_be_read_is_told(text, length, words):
    with pytest.raises(ParameterError, match=words):
        timeline_of(text, length)
