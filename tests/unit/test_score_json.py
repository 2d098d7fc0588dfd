"""Scores as JSON: read back equal to the last bit, and refused with the place of the fault."""

import json
import re
from dataclasses import fields

import numpy as np
import pytest

from musify import OutputError, ParameterError
from musify.composer.commission import Commission
from musify.composer.form.section import Section
from musify.composer.score import Notes, Part, Score

BREAKS = [
    (lambda d: d.update(colour="red"), "score: colour is not a known key"),
    (lambda d: d.pop("tempo"), "score: tempo is missing"),
    (lambda d: d.update(version=99), "score: version must be 1, got 99"),
    (lambda d: d.update(format="song"), "score: format must be 'musify-score'"),
    (lambda d: d.update(duration=-1), "score: duration must be from"),
    (lambda d: d.update(tempo=[[0, 1], [4, 1]]), "score: tempo: seconds of a tempo map"),
    (lambda d: d.update(tempo=[[0, 1], [4]]), r"score: tempo\[1\] must be a row"),
    (lambda d: d["parts"][0]["notes"][1].pop(), r"score: parts\[0\].notes\[1\] must be a row"),
    (
        lambda d: d["parts"][0]["notes"][1].__setitem__(2, "C4"),
        r"score: parts\[0\].notes\[1\]\[2\] must be a number, got 'C4'",
    ),
    (
        lambda d: d["parts"][0]["notes"][1].__setitem__(2, True),
        r"score: parts\[0\].notes\[1\]\[2\] must be a number",
    ),
    (
        lambda d: d["parts"][0]["notes"][1].__setitem__(2, 60.5),
        r"score: parts\[0\].notes: pitches must be whole",
    ),
    (
        lambda d: d["parts"][0].update(instrument="kazoo"),
        r"score: parts\[0\].instrument: no instrument is called 'kazoo'",
    ),
    (lambda d: d["parts"][0].update(role="solo"), r"score: parts\[0\].role must be"),
    (lambda d: d["parts"][0].update(pan=3), r"score: parts\[0\]: pan of a part"),
    (lambda d: d["parts"][1].update(name="tune"), "score: parts of a score need names"),
    (lambda d: d["sections"][0].update(key="H dur"), r"score: sections\[0\].key: key must be"),
    (lambda d: d["sections"][0].update(valence=2), r"score: sections\[0\].valence must be"),
    (lambda d: d["sections"][1].update(bars=[]), r"score: sections\[1\]: a section needs"),
    (lambda d: d["chords"][0].__setitem__(2, "Xm"), r"score: chords\[0\]\[2\] must be the name"),
    (lambda d: d["chords"][0].pop(), r"score: chords\[0\] must be a row"),
    (lambda d: d["commission"].update(bpm=1000), r"score: commission.bpm must be from 30 to 240"),
    (lambda d: d["commission"].update(section_seeds=[[1]]), r"section_seeds\[0\] must be a row"),
    (lambda d: d["commission"].update(plane=[[3, 0]]), r"score: commission: plane"),
]


def test_a_score_is_read_back_equal_in_every_value(small_score):
    again = Score.from_dict(json.loads(json.dumps(small_score.to_dict())))
    assert again == small_score
    assert hash(again) == hash(small_score)
    np.testing.assert_array_equal(again.parts[0].notes.onset, small_score.parts[0].notes.onset)
    np.testing.assert_array_equal(again.parts[0].notes.shift, small_score.parts[0].notes.shift)
    np.testing.assert_array_equal(again.tempo.seconds, small_score.tempo.seconds)
    assert again.sections == small_score.sections
    assert again.commission.section_seeds == ((1, 2**62),)


def test_a_score_differs_from_one_with_another_note(small_score):
    document = small_score.to_dict()
    document["parts"][0]["notes"][0][2] += 1
    assert Score.from_dict(document) != small_score
    assert small_score != "a score"


def test_a_note_is_a_line_that_people_can_read(small_score, tmp_path):
    path = small_score.save(tmp_path / "score.json")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert "        [0, 1, 60, 90, 0.0125]," in lines
    assert "        [2, 2, 67, 80]," in lines
    assert '    [0, 4, "Dm", "i", false],' in lines
    assert Score.load(path) == small_score


def test_the_file_is_not_replaced_unasked(small_score, tmp_path):
    path = small_score.save(tmp_path / "score.json")
    with pytest.raises(OutputError, match="exists"):
        small_score.save(path)
    with pytest.raises(ParameterError, match=r"written as .json, got .*score.soundtrack\(\)"):
        small_score.save(tmp_path / "score.wav")
    assert small_score.save(path, overwrite=True) == path
    assert [file.name for file in tmp_path.iterdir()] == ["score.json"]


@pytest.mark.parametrize(("spoil", "message"), BREAKS, ids=[message for _, message in BREAKS])
def test_what_is_wrong_is_told_with_its_place(small_score, spoil, message):
    document = small_score.to_dict()
    spoil(document)
    with pytest.raises(ParameterError, match=message):
        Score.from_dict(document)


def test_what_is_no_score_is_refused(tmp_path):
    nothing = tmp_path / "nothing.json"
    with pytest.raises(ParameterError, match="cannot read the score"):
        Score.load(nothing)
    nothing.write_bytes(b"\xff\x00\xff")
    with pytest.raises(ParameterError, match="is no score"):
        Score.load(nothing)
    nothing.write_text("[1, 2")
    with pytest.raises(ParameterError, match="score is not JSON"):
        Score.load(nothing)


def test_the_credit_names_seed_style_and_version(small_score):
    assert small_score.credit == (
        "“Lo-fi in D minor”, composed by musify 0.1 (style lo-fi, seed 7); free to use (CC0-1.0)"
    )
    assert re.search(
        r"Score\(lo-fi, 5 s, 2 sections, 3 parts, 7 notes, seed 7\)", repr(small_score)
    )


@pytest.mark.parametrize("kind", [Score, Part, Notes, Section, Commission])
def test_nothing_that_a_score_holds_is_forgotten(kind):
    """A field that is added must be written too."""
    written = {
        Score: "duration tempo sections chords parts style seed version hits space commission",
        Part: "name role instrument notes gain_db pan reverb pedal expression",
        Notes: "onset duration pitch velocity shift",
        Section: "name role start bars valence arousal key seed",
        Commission: "timeline style bpm key instruments energy seed strengths section_seeds",
    }
    assert {field.name for field in fields(kind)} == set(written[kind].split())
