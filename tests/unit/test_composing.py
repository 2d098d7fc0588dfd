"""Composing from words and timelines; one section written anew; music for gaps between songs."""

from dataclasses import replace

import numpy as np
import pytest

import musify
from musify import MoodTimeline, ParameterError, Shots, get_backend
from musify.composing import ComposingWishes, cut_strengths

SYNTHS = "soft-lead,soft-pad,sub-bass"


def rows(score, start, end):
    """What is played between two beats: a set of notes with the instruments that play them."""
    return {
        (part.instrument, part.role, *row)
        for part in score.parts
        for row in np.stack(
            [part.notes.onset, part.notes.duration, part.notes.pitch, part.notes.velocity], axis=1
        ).tolist()
        if start <= row[0] < end
    }


class TestCompose:
    def test_words_become_a_score(self):
        score = musify.compose("happy 8s, tense 7s, calm", "0:20", style="piano", seed=3)
        assert score.duration == 20.0
        assert (score.style, score.seed, score.version) == ("piano", 3, musify.__version__)
        changes = score.tempo.seconds_at([section.start for section in score.sections])
        assert {8.0, 15.0} <= {round(float(time), 3) for time in changes}

    def test_the_same_gives_the_same_and_another_seed_another(self):
        one, same, other = (musify.compose("calm 10s", seed=seed) for seed in (1, 1, 2))
        assert one == same
        assert rows(one, 0, 1e9) != rows(other, 0, 1e9)

    def test_wishes_are_granted(self):
        score = musify.compose(
            "happy 12s", style="folk", tempo=100, key="F# minor", instruments=SYNTHS, cuts=[6.0]
        )
        assert {part.instrument for part in score.parts} <= set(SYNTHS.split(","))
        assert score.sections[0].key == musify.composer.theory.keys.Key.named("F# minor")
        assert np.abs(score.tempo.bpm / 100 - 1).max() <= 0.056
        assert score.commission.timeline.cuts.tolist() == [6.0]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"style": "polka"}, "polka"),
            ({"tempo": 500}, r"tempo \(bpm\) must be in \[30, 240\], got 500"),
            ({"key": "H dur"}, "key must be a note and a mode"),
            ({"instruments": "piano,kazoo"}, "no instrument is called 'kazoo'"),
            ({"energy": 2}, r"energy must be in \[-1, 1\]"),
            ({"seed": -1}, "seed must be at least 0"),
            ({"length": 5}, "length"),
        ],
    )
    def test_what_cannot_be_granted_is_refused(self, options, message):
        with pytest.raises(ParameterError, match=message):
            musify.compose("calm 10s", **options)

    @pytest.mark.parametrize("mood", ["", " , ", "nosuchmoodever 3s", "calm=2,0 5s", 7, None])
    def test_what_is_no_mood_is_refused(self, mood):
        with pytest.raises(ParameterError):
            musify.compose(mood)

    def test_what_is_too_short_or_too_long_is_refused(self):
        with pytest.raises(ParameterError, match=r"composed from 1 s to 3 h, not for 0\.3 s"):
            musify.compose("calm 0.3s")
        with pytest.raises(ParameterError, match="not for 14400 s"):
            musify.compose("calm 4h")
        timeline = MoodTimeline([0, 9], ("calm",), [1], [[0, 0]])
        with pytest.raises(ParameterError, match="leave out length"):
            musify.compose(timeline, 9)

    def test_five_hundred_cuts_in_ten_seconds_are_no_reason_to_fail(self):
        score = musify.compose("happy 10s", cuts=np.linspace(0.01, 9.99, 500), style="electronic")
        assert score.duration == 10.0


class TestRewriting:
    @pytest.fixture
    def score(self):
        return musify.compose("happy 12s, tense 10s, calm 14s", style="cinematic", seed=5)

    @pytest.mark.parametrize("place", [1, -1])
    def test_one_section_is_another_and_the_others_are_the_same(self, score, place):
        place %= len(score.sections)
        other = score.rewritten(place, seed=99)
        section = score.sections[place]
        end = section.end if place < len(score.sections) - 1 else np.inf
        assert rows(other, section.start, end) != rows(score, section.start, end)
        assert rows(other, 0, section.start) == rows(score, 0, section.start)
        assert rows(other, end, np.inf) == rows(score, end, np.inf)
        assert other.tempo.seconds.tolist() == score.tempo.seconds.tolist()
        assert other.commission.section_seeds == ((place, 99),)

    def test_it_is_the_piece_that_is_composed_with_that_seed(self, score):
        other = score.rewritten(1, seed=99)
        again = score.rewritten(1, seed=98).rewritten(1, seed=99)
        assert rows(again, 0, np.inf) == rows(other, 0, np.inf)

    def test_what_was_changed_by_hand_elsewhere_stays(self, score):
        melody = score.parts[0]
        louder = replace(
            melody, notes=replace(melody.notes, velocity=melody.notes.velocity * 0 + 5)
        )
        edited = replace(score, parts=(louder, *score.parts[1:]))
        other = edited.rewritten(len(score.sections) - 1, seed=99)
        start = score.sections[-1].start
        assert rows(other, 0, start) == rows(edited, 0, start)

    def test_what_cannot_be_written_anew(self, score):
        with pytest.raises(ParameterError, match="section must be from 0 to"):
            score.rewritten(99, seed=1)
        with pytest.raises(ParameterError, match="does not say what it was composed for"):
            replace(score, commission=None).rewritten(0, seed=1)
        with pytest.raises(ParameterError, match="planned this piece in another way"):
            replace(score, duration=35.0).rewritten(0, seed=1)


def test_strengths_are_those_of_the_cuts_that_are_known():
    timeline = MoodTimeline([0, 9], ("calm",), [1], [[0, 0]], cuts=[2.0, 5.0])
    shots = Shots([0, 2, 4, 9], [0.9, 0.2], [], [])
    assert cut_strengths(timeline, shots).tolist() == [0.9, 0.5]
    assert cut_strengths(timeline, None).tolist() == [0.5, 0.5]


class TestSelector:
    def test_a_piece_for_the_whole_timeline(self, make_timeline):
        timeline = make_timeline([0, 8, 20], "calm", "happy", cuts=[8.0])
        sheet = get_backend("track_selector", "composer", style="piano", seed=4).select(
            timeline, None
        )
        (cue,) = sheet.cues
        assert (cue.start, cue.end, cue.track.duration) == (0.0, 20.0, 20.0)
        assert cue.track.mood.name == "happy"
        assert "free to use" in sheet.credits()
        assert sheet.decisions[0].startswith("composed in the style 'piano' from seed 4")
        assert any("1 of 1 cuts" in words for words in sheet.decisions)

    def test_wrong_wishes_are_refused_before_a_video_is_looked_at(self, tmp_path):
        broken = tmp_path / "broken.sf2"
        broken.write_bytes(b"RIFF....sfbk")
        with pytest.raises(musify.MusifyError, match=r"broken.sf2"):
            get_backend("track_selector", "composer", soundfont=broken)
        with pytest.raises(ParameterError, match="no instrument"):
            get_backend("track_selector", "composer", instruments=["kazoo"])
        with pytest.raises(ParameterError, match="bpm"):
            ComposingWishes(tempo=1)


class TestGaps:
    @pytest.fixture
    def calm(self, library, make_track):
        return library(make_track("calm.wav", "calm", duration=60.0))

    def test_a_mood_that_no_song_has_is_composed(self, make_timeline, calm):
        timeline = make_timeline([0, 20, 40, 60], "calm", "tense", "calm")
        sheet = get_backend(
            "track_selector", "nearest", fill="composer", fill_options={"style": "piano"}
        ).select(timeline, calm)
        first, middle, last = sheet.cues
        assert (first.track.score, last.track.score) == (None, None)
        assert middle.track.score.style == "piano"
        assert middle.track.duration == pytest.approx(middle.duration)
        assert (middle.start, middle.end) == (19.0, 41.0)
        assert first.end == 21.0
        assert "composed, since the nearest song, 'calm', is" in sheet.decisions[1]

    def test_by_default_a_song_plays_all_the_same(self, make_timeline, calm):
        timeline = make_timeline([0, 20, 40, 60], "calm", "tense", "calm")
        sheet = get_backend("track_selector", "nearest").select(timeline, calm)
        assert all(cue.track.score is None for cue in sheet.cues)

    def test_wrong_options_are_refused(self):
        for options, message in (
            ({"fill": "radio"}, "fill must be 'composer'"),
            ({"fill_options": {"seed": 1}}, "are for fill='composer'"),
            ({"fill": "composer", "fill_options": {"colour": 1}}, "fill_options take style"),
        ):
            with pytest.raises(ParameterError, match=message):
                get_backend("track_selector", "nearest", **options)
