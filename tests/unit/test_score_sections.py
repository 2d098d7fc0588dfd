"""Sections of composed music in seconds, in tables and in pictures."""

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from musify import Cue, CueSheet, SourceRange, Track, compose
from musify._score_sections import played_sections, sections_of
from musify._shell_records import cue_table
from musify._timeline_picture import cues_svg

SCORE = compose("happy 20s, tense 12s", seed=3)


def sheet_of(track, *, start=4.0, source=0.0):
    duration = SCORE.duration - source
    cue = Cue(start, start + duration, track, (SourceRange(source, SCORE.duration),))
    return CueSheet((cue,), start + duration)


def test_sections_follow_each_other_with_the_moods_they_were_written_for():
    sections = played_sections(SCORE)
    assert sections[0].start == 0
    for one, following in pairwise(sections):
        assert one.end == following.start
        assert one.mood == ("happy" if one.end <= 20.001 else "tense")
    assert 2 <= SCORE.duration - sections[-1].end <= 5.5
    assert {one.mood for one in sections} == {"happy", "tense"}


def test_a_cue_has_them_in_its_own_time():
    track = Track.of_score(SCORE)
    ((place, sections),) = sections_of(sheet_of(track))
    assert place == 0
    assert sections[0].start == 4.0
    assert sections[-1].end == pytest.approx(4 + played_sections(SCORE)[-1].end)
    assert list(sections_of(sheet_of(track, source=2.0))) == []
    short = Cue(4.0, 14.0, track, (SourceRange(0.0, SCORE.duration),))
    ((_, cut),) = sections_of(CueSheet((short,), 20.0))
    assert cut[-1].end == 14.0
    assert [one.name for one in cut] == [one.name for one in sections[: len(cut)]]
    assert list(sections_of(sheet_of(Track("song.wav", SCORE.duration)))) == []


def test_without_its_commission_moods_are_not_known():
    score = replace(SCORE, commission=None)
    assert {one.mood for one in played_sections(score)} == {""}


def test_the_table_names_each_section(capsys):
    sheet = sheet_of(Track.of_score(SCORE))
    cue_table(sheet)
    said = capsys.readouterr().out
    ((_, sections),) = sections_of(sheet)
    for one in sections:
        assert re.search(rf"{re.escape(one.name)}, {re.escape(one.key)} +{one.mood}$", said, re.M)
    assert said.rstrip().endswith("the last chord rings")


def test_the_picture_has_a_box_for_each_section():
    track = Track.of_score(SCORE)
    plain = ElementTree.fromstring(cues_svg(sheet_of(Track("song.wav", SCORE.duration))))
    shown = ElementTree.fromstring(cues_svg(sheet_of(track)))
    rects = [len(one.findall(".//{*}rect")) for one in (plain, shown)]
    assert rects[1] - rects[0] == len(SCORE.sections)
    colours = {one.get("fill") for one in shown.findall(".//{*}rect")}
    assert len(colours) == 3, "two moods and the piece as a whole"


def test_the_plot_has_a_box_for_each_section():
    pytest.importorskip("matplotlib")
    ((_, sections),) = sections_of(sheet_of(Track.of_score(SCORE)))
    ax = sheet_of(Track.of_score(SCORE)).plot()
    title, *named = [words.get_text() for words in ax.texts]
    assert title == Track.of_score(SCORE).title
    assert set(named) <= {one.name for one in sections}
    assert sections[-2].name in named
    colours = {tuple(boxes.get_facecolor()[0]) for boxes in ax.collections if boxes.get_paths()}
    spans = [boxes.get_paths()[0].get_extents() for boxes in ax.collections if boxes.get_paths()]
    assert [(span.x0, span.x1) for span in spans] == [
        pytest.approx((one.start, one.end)) for one in sections
    ]
    assert len(colours) == 2, "two moods"
    plain = sheet_of(Track("song.wav", SCORE.duration)).plot()
    assert not [boxes for boxes in plain.collections if boxes.get_paths()]
