"""A score shows itself: small, well-formed, readable, and never failing."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from musify import _display
from musify.composer.score import Notes, Part
from musify.composer.tempo import TempoMap

EVIL = "<script>alert('1')</script>&\"x\""
LIMIT = 300_000


@pytest.fixture
def small_score(small_score):
    """Played by synthesizers, for which nothing is decoded."""
    tune, chords, _ = small_score.parts
    pad = replace(chords, instrument="soft-pad")
    return replace(small_score, parts=(replace(tune, instrument="soft-lead"), pad))


@pytest.fixture(autouse=True)
def _no_sound(monkeypatch):
    """Leave the player out: unit tests start no ffmpeg; tests of displays have one."""
    monkeypatch.setattr(_display, "preview_mp3", lambda soundtrack: b"ID3")


def parse(html):
    return ElementTree.fromstring(f"<div>{html.replace(' controls ', ' ')}</div>")


def test_a_piano_roll_with_a_player_and_what_wrote_it(small_score):
    html = small_score._repr_html_()
    page = parse(html)
    assert len(page.findall(".//{*}path")) == 2
    assert "data:audio/mpeg;base64," in html
    assert "free to use (CC0-1.0)" in html
    assert "A intro, D minor" in html
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "")
    # Text takes the colour of the page: readable on black too.
    texts = page.findall(".//{http://www.w3.org/2000/svg}text")
    assert {text.get("fill") for text in texts} == {"currentColor"}


def test_names_from_files_are_escaped(small_score):
    part = replace(small_score.parts[0], name=EVIL)
    section = replace(small_score.sections[0], name=EVIL)
    evil = replace(small_score, parts=(part,), sections=(section,), style=EVIL)
    html = evil._repr_html_()
    assert "<script" not in html
    parse(html)


def test_three_hours_stay_small(small_score, rng):
    count = 5000
    onset = np.sort(rng.uniform(0, 20_000, count))
    parts = tuple(
        Part(
            f"part {place}", "pad", "soft-pad",
            Notes(onset, np.full(count, 0.3), rng.integers(30, 90, count), np.full(count, 80.0)),
        )
        for place in range(30)
    )  # fmt: skip
    tempo = TempoMap([0, 20_000], [0, 10_700])
    long = replace(small_score, duration=10_800.0, tempo=tempo, parts=parts, hits=onset[:2000])
    html = long._repr_html_()
    assert len(html) + 90_000 < LIMIT, "a player takes 87 kB at most"
    assert "6 more parts" in html


def test_a_score_without_notes_shows_itself_too(small_score):
    parse(replace(small_score, parts=(), sections=(), hits=[])._repr_html_())


def test_it_is_drawn_on_given_axes_or_new_ones(small_score):
    figure = pytest.importorskip("matplotlib.figure").Figure()
    axes = figure.subplots()
    assert small_score.plot(axes) is axes
    drawn = small_score.plot()
    notes = sum(len(one.get_paths()) for one in drawn.collections)
    assert notes == sum(len(part.notes) for part in small_score.parts)
    assert drawn.get_xlim() == (0, 5.0)
    first = drawn.collections[0].get_paths()[0].vertices
    melody = small_score.parts[0].notes
    assert first[:, 0].min() == pytest.approx(melody.shift[0])
    assert first[:, 1].mean() == pytest.approx(melody.pitch[0], abs=0.2)


def test_only_the_beginning_is_played(small_score, monkeypatch):
    heard = []
    monkeypatch.setattr(_display, "preview_mp3", lambda sound: heard.append(sound) or b"ID3")
    longer = replace(small_score, duration=4000.0, tempo=TempoMap([0, 4, 9], [0, 7.0, 10.0]))
    longer._repr_html_()
    (sound,) = heard
    assert sound.duration == 8.0
    notes = sum(len(part.notes) for part in sound.source.mix.score.parts)
    assert notes == sum((part.notes.onset < 5).sum() for part in small_score.parts)


def test_what_cannot_be_played_is_said_in_the_page(small_score):
    part = replace(small_score.parts[0], instrument="kazoo")
    html = replace(small_score, parts=(part,))._repr_html_()
    assert "no preview: " in html
    assert "kazoo" in html
