import itertools
import math

import pytest

from musify import ParameterError, SourceRange
from musify.audio import arrange
from musify.audio.arrange import loop_ranges, make_cues
from musify.audio.fit import Fit


@pytest.mark.parametrize(
    ("song", "length", "crossfade", "times", "used"),
    [
        (30, 70, 1, 3, 1),
        (30, 30, 1, 1, 0),  # it fits without a loop
        (30, 10, 1, 1, 0),
        (30, 59, 1, 2, 1),  # two playings last exactly as long
        (30, 59.001, 1, 3, 1),
        (2, 10, 1, 7, 0.5),  # no more than a quarter of the song
        (30, 70, 0, 3, 0),
    ],
)
def test_a_song_is_looped_until_it_is_long_enough(song, length, crossfade, times, used):
    ranges, overlap = loop_ranges(song, length, crossfade)
    whole = min(song, length)
    assert ranges == (SourceRange(0.0, ranges[0].end),) * times
    # Up to a packet of AAC is left out, if it is played often.
    assert whole - (1024 / 48_000 if times > 2 else 0) <= ranges[0].end <= whole
    assert overlap == used
    assert sum(part.duration for part in ranges) - (times - 1) * overlap >= length


def test_a_sound_effect_is_no_song():
    with pytest.raises(ParameterError, match=r"a song of 0\.99 s is too short to loop"):
        loop_ranges(0.99, 10, 1)
    loop_ranges(1.0, 10, 1)


@pytest.fixture
def plays(make_timeline, make_track):
    """Pair the segments of a timeline with tracks: ``plays([0, 10, 20], "a.wav", "b.wav")``."""

    def pair(edges, *paths, **facts):
        timeline = make_timeline(edges, *["calm"] * len(paths))
        tracks = (make_track(path, **facts) for path in paths)
        return list(zip(timeline, tracks, strict=True))

    return pair


def test_neighbours_overlap_around_their_edge(plays):
    first, second = make_cues(plays([0, 20, 50], "a.wav", "b.wav"), 50.0)
    assert (first.start, first.end) == (0, 21)
    assert (second.start, second.end) == (19, 50)
    assert (first.fade_in, first.fade_out) == (0, 2)  # its own beginning is heard
    assert (second.fade_in, second.fade_out) == (2, 0)  # and its own ending


def test_short_segments_overlap_by_a_third_and_never_three_at_once(plays):
    cues = make_cues(plays([0, 3, 6, 9], "a.wav", "b.wav", "c.wav"), 9.0)
    assert [(cue.start, cue.end) for cue in cues] == [(0, 3.5), (2.5, 6.5), (5.5, 9)]
    assert cues[0].end <= cues[2].start


def test_a_track_that_follows_itself_plays_on(plays):
    (cue,) = make_cues(plays([0, 20, 30], "a.wav", "a.wav"), 30.0)
    assert (cue.start, cue.end) == (0, 30)


def test_a_song_that_is_cut_short_fades(plays, monkeypatch):
    cut = Fit((SourceRange(20.0, 21.0),), 1.0, fade_in=0.25, fade_out=0.1, how="ending")
    monkeypatch.setattr(arrange, "fit_song", lambda *args, **wishes: cut)
    (cue,) = make_cues(plays([0, 1], "a.wav"), 1.0)
    assert (cue.fade_in, cue.fade_out) == (0.25, 0.1)


def test_silence_after_the_ending_is_no_part_of_the_cue(plays, monkeypatch):
    short = Fit((SourceRange(0.0, 9.5),), 10.0)
    monkeypatch.setattr(arrange, "fit_song", lambda *args, **wishes: short)
    (cue,) = make_cues(plays([0, 10], "a.wav"), 10.0)
    assert (cue.start, cue.end) == (0, 9.5)


def test_the_fit_is_told_what_happens(plays, monkeypatch):
    asked = {}

    def fit(track, length, **wishes):
        asked.update(wishes, length=length)
        return Fit((SourceRange(0.0, length),), length)

    monkeypatch.setattr(arrange, "fit_song", fit)
    make_cues(plays([0, 10, 16, 30], "a.wav", "b.wav", "b.wav"), 30.0, hits=(5.0, 12.0))
    assert (asked["length"], asked["ending"]) == (21, True)
    assert asked["changes"] == [7]
    assert asked["hits"] == [3]
    assert asked["plane"].shape == (2, 2)


def test_a_song_that_need_not_end_is_not_listened_to(plays, monkeypatch):
    asked = []

    def fit(track, length, **wishes):
        asked.append(track.path.name)
        return Fit((SourceRange(0.0, 30.0),), length)

    monkeypatch.setattr(arrange, "fit_song", fit)
    first, _ = make_cues(plays([0, 20, 50], "a.wav", "b.wav"), 50.0)
    assert asked == ["b.wav"]
    assert first.sources == (SourceRange(0.0, 21.0),)


@pytest.mark.parametrize(("loudness", "gain"), [(-16, 0), (-10, -6), (-30.456, 14.46), (-60, 20)])
def test_songs_are_brought_to_one_loudness(plays, loudness, gain):
    (cue,) = make_cues(plays([0, 10], "a.wav", loudness_lufs=loudness), 10.0)
    assert cue.gain_db == gain


@pytest.mark.parametrize(("measured", "gain"), [(-20.0, 4.0), (None, 0.0)])
def test_a_song_of_unknown_loudness_is_measured_once(plays, monkeypatch, measured, gain):
    asked = []
    monkeypatch.setattr(
        arrange, "measure_loudness", lambda path: asked.append(path.name) or measured
    )
    segments = plays([0, 10, 20, 30], "a.wav", "b.wav", "a.wav", loudness_lufs=None)
    cues = make_cues(segments, 30.0)
    assert [cue.gain_db for cue in cues] == [gain] * 3
    assert [cue.track.loudness_lufs for cue in cues] == [measured] * 3
    assert asked == ["a.wav", "b.wav"]


def test_cues_cover_the_video_without_holes(plays):
    edges = [0, 0.2, 5, 5.1, 17, 40]
    cues = make_cues(plays(edges, *"abcde"), 40.0)
    assert cues[0].start == 0
    assert cues[-1].end == 40
    for early, late in itertools.pairwise(cues):
        assert late.start < early.end
        assert math.isclose(early.fade_out, early.end - late.start)
        assert math.isclose(late.fade_in, early.end - late.start)
