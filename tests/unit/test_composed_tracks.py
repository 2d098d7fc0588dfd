"""Tracks that are written: through cue sheets and plans into the mix."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musify import Cue, CueSheet, GainCurve, ParameterError, SourceRange, Track, mix
from musify.audio.score_sound import sounds_kept
from musify.composer.render import rendering
from musify.composer.score import Score


@pytest.fixture
def score(small_score: Score) -> Score:
    """Two synthesizers, so that nothing is decoded."""
    tune, chords, _ = small_score.parts
    parts = (replace(tune, instrument="soft-lead"), replace(chords, instrument="soft-pad"))
    return replace(small_score, parts=parts)


@pytest.fixture
def sheet(score: Score) -> CueSheet:
    track = Track.of_score(score)
    return CueSheet([Cue(0.0, 5.0, track, [SourceRange(0.0, 5.0)])], 5.0, sample_rate=8000)


def test_a_score_sounds_in_the_mix_as_by_itself(sheet, score):
    heard, alone = mix(sheet).render(), score.soundtrack(8000).render()
    assert np.abs(alone).max() > 0.1
    # Only the ceiling of the mix lies between them, and nothing here is above it.
    np.testing.assert_allclose(heard, alone, atol=1e-6)


def test_stretches_of_a_score_are_joined_as_those_of_a_song(sheet, score):
    cue = replace(sheet.cues[0], end=4.0, sources=(SourceRange(3.0, 5.0), SourceRange(0.0, 2.0)))
    heard = mix(replace(sheet, cues=(cue,))).render()
    alone = score.soundtrack(8000).render()
    np.testing.assert_allclose(heard[:16_000], alone[24_000:], atol=1e-6)
    np.testing.assert_allclose(heard[16_000:32_000], alone[:16_000], atol=1e-6)
    assert not heard[32_000:].any()


def test_a_plan_holds_the_score_and_sounds_the_same(sheet, tmp_path):
    path = sheet.save(tmp_path / "plan.json")
    again = CueSheet.load(path)
    assert again.cues == sheet.cues
    assert mix(again).sha256() == mix(sheet).sha256()


def test_a_file_in_the_place_of_a_score_is_not_passed_over(sheet, tmp_path):
    plan = sheet.save(tmp_path / "plan.json")
    mine = plan.read_text().replace(sheet.tracks[0].path.name, "songs/mine.ogg")
    plan.write_text(mine)
    with pytest.raises(
        ParameterError, match=r"cues\[0\].track.path is 'songs/mine.ogg', but score"
    ):
        CueSheet.load(plan)
    plan.write_text(mine.replace("songs/mine.ogg", "mine.ogg"))
    assert CueSheet.load(plan).tracks[0].path == Path("mine.ogg")  # another name for the same
    (tmp_path / "mine.ogg").write_bytes(b"a song")
    with pytest.raises(ParameterError, match="take score out of"):
        CueSheet.load(plan)


def test_a_score_stands_in_a_plan_once(sheet):
    cue = sheet.cues[0]
    halves = (
        replace(cue, end=2.0, sources=(SourceRange(0.0, 2.0),)),
        replace(cue, start=2.0, sources=(SourceRange(2.0, 5.0),)),
    )
    text = replace(sheet, cues=halves).to_json()
    assert text.count('"musify-score"') == 1
    assert text.count('"score": "score 1"') == 2
    assert CueSheet.from_json(text).cues == halves


def test_nothing_on_the_disk_belongs_to_a_score(sheet, score, tmp_path):
    assert sheet.files == ()
    font = replace(sheet.cues[0].track, soundfont="mine.sf2")
    assert font.files == (Path("mine.sf2"),)
    other = replace(sheet, cues=(replace(sheet.cues[0], track=font),))
    loaded = CueSheet.from_json(other.to_json(), folder=tmp_path)
    assert loaded.files == (tmp_path / "mine.sf2",)
    assert loaded.cues[0].track.path == sheet.cues[0].track.path
    with pytest.raises(ParameterError, match="a soundfont plays a score"):
        Track("song.wav", 3.0, soundfont="mine.sf2")


def test_it_is_credited(sheet):
    assert sheet.credits() == (
        "“Lo-fi in D minor”, composed by musify 0.1 (style lo-fi, seed 7); free to use (CC0-1.0)"
    )
    track = Track.of_score(sheet.cues[0].track.score, soundfont="fonts/mine.sf2")
    assert track.credit.endswith("; played with mine.sf2, whose own terms apply")


def test_a_score_that_a_plan_names_must_stand_in_it(sheet):
    text = sheet.to_json()
    with pytest.raises(ParameterError, match=r"cues\[0\].track.score must be 'score 1', got 'x'"):
        CueSheet.from_json(text.replace('"score": "score 1"', '"score": "x"'))
    with pytest.raises(ParameterError, match=r"scores.score 1.parts\[0\].instrument: no instrum"):
        CueSheet.from_json(text.replace('"soft-lead"', '"kazoo"'))


@pytest.fixture
def renderings(monkeypatch):
    """Count how often a score is rendered from its beginning."""
    counted = []
    master = rendering._Mastered.__call__

    def counting(self):
        counted.append(self)
        return master(self)

    monkeypatch.setattr(rendering._Mastered, "__call__", counting)
    return counted


def test_a_score_is_rendered_once_while_somebody_works_with_it(sheet, renderings):
    loud = replace(sheet, loudness_lufs=-14.0)
    with sounds_kept():
        first = mix(loud).render()
        second = mix(loud).render()
    np.testing.assert_array_equal(first, second)
    assert len(renderings) == 1
    with sounds_kept():
        mix(sheet).render()
    assert len(renderings) == 2, "what was kept is forgotten afterwards"


def test_one_mix_to_a_loudness_renders_a_score_once(sheet, renderings):
    mix(replace(sheet, loudness_lufs=-14.0)).render()
    assert len(renderings) == 1


def test_two_scores_that_are_alike_are_not_mixed_up(sheet, score):
    other = replace(score, parts=score.parts[:1])
    cues = (
        replace(sheet.cues[0], end=2.0, sources=(SourceRange(0.0, 2.0),)),
        Cue(2.0, 5.0, Track.of_score(other), [SourceRange(2.0, 5.0)]),
    )
    with sounds_kept():
        heard = mix(replace(sheet, cues=cues)).render()
    np.testing.assert_allclose(heard[16_000:], other.soundtrack(8000).render()[16_000:], atol=1e-6)


def test_melodies_step_back_and_the_rest_plays_on(sheet, score):
    curve = GainCurve([2.0, 2.5], [0.0, -80.0])
    heard = mix(replace(sheet, lead_curve=curve)).render()
    alone, lead = (sound.render() for sound in (score.soundtrack(8000), score.lead(8000)))
    assert np.abs(lead[20_000:]).max() > 0.01
    np.testing.assert_allclose(heard[:16_000], alone[:16_000], atol=1e-6)
    np.testing.assert_allclose(heard[20_000:], (alone - lead)[20_000:], atol=1e-4)


def test_a_curve_for_melodies_is_in_the_plan(sheet):
    ducked = replace(sheet, lead_curve=GainCurve([2.0, 2.5], [0.0, -12.0]))
    assert CueSheet.from_json(ducked.to_json()) == ducked
    with pytest.raises(ParameterError, match="lead_curve must be a GainCurve"):
        replace(sheet, lead_curve=-12.0)


def test_a_recorded_song_has_no_melody_apart(sheet, monkeypatch, rng):
    pcm = rng.uniform(-0.1, 0.1, (40_000, 2)).astype(np.float32)
    monkeypatch.setattr(
        "musify.audio.spool.decode_range", lambda path, start, end, rate: iter([pcm[start:end]])
    )
    song = replace(sheet, cues=(replace(sheet.cues[0], track=Track("song.wav", 5.0)),))
    ducked = replace(song, lead_curve=GainCurve([0.0], [-80.0]))
    np.testing.assert_array_equal(mix(song).render(), mix(ducked).render())
