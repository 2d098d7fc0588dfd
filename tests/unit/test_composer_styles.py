"""Styles: their files, what is refused, and which one is chosen."""

import dataclasses
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from musify.composer.instruments.catalogue import INSTRUMENTS, find_instrument
from musify.composer.parts.catalogue import PATTERNS
from musify.composer.style.choose import choose_style, style_distance
from musify.composer.style.ensemble import checked_instruments, seated
from musify.composer.style.load import load_style, style_names
from musify.composer.style.style import QUADRANTS, Chair, Style
from musify.errors import ParameterError
from musify.timeline import MoodTimeline

MOODS = {"happy": (0.7, 0.6), "tense": (-0.6, 0.7), "sad": (-0.7, -0.5), "calm": (0.5, -0.6)}
ASKED_FOR = {
    "acoustic", "cinematic", "electronic", "lo-fi", "ambient", "piano", "folk", "orchestral"
}  # fmt: skip


def one_mood(valence, arousal, seconds=30.0):
    return MoodTimeline([0, seconds], ("mood",), [1.0], [[valence, arousal]])


def bundled(name):
    file = files("musify.composer.style") / "data" / f"{name}.toml"
    return file.read_text(encoding="utf-8")


@pytest.fixture
def changed(tmp_path):
    """Write a bundled style anew with something in it replaced, and return its path."""

    def change(old, new, name="folk"):
        text = bundled(name)
        assert old in text
        path = tmp_path / "mine.toml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return change


def test_there_are_the_styles_that_were_asked_for():
    assert set(style_names()) >= ASKED_FOR


@pytest.mark.parametrize("name", style_names())
def test_every_style_covers_the_plane(name):
    style = load_style(name)
    assert style.name == name
    for quadrant in QUADRANTS:
        templates = style.templates[quadrant]
        assert 2 <= len(templates) <= 4
        assert style.progressions[quadrant]
        ensembles = {tuple((c.instrument, c.pattern) for c in t.chairs) for t in templates}
        assert len(ensembles) == len(templates)
        for template in templates:
            low = min(chair.enters for chair in template.chairs if chair.role == "melody")
            assert low == 0, "a melody plays always"
            for chair in template.chairs:
                family = find_instrument(chair.instrument).family
                assert family in PATTERNS[chair.pattern].families


def test_a_file_of_ones_own_is_read(changed):
    style = load_style(changed('name = "folk"', 'name = "polka"'))
    assert style.name == "polka"
    assert load_style(str(changed('name = "folk"', 'name = "polka"'))).name == "polka"


def test_a_part_is_named_after_its_instrument():
    chairs = load_style("folk").templates["happy"][0].chairs
    assert [chair.part for chair in chairs][:3] == ["melody", "steel-guitar", "bass"]
    assert chairs[1].role == "harmony"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("swing = 0.15", "swing = 0.15\nshuffle = 1", "shuffle is not a known key"),
        ("swing = 0.15", "", "swing is missing"),
        ("swing = 0.15", "swing = 1.5", "swing must be from 0 to 1, got 1.5"),
        ("swing = 0.15", 'swing = "much"', "swing must be a number, got 'much'"),
        ("swing = 0.15", "swing = ", "is not TOML"),
        ("tempi = [64, 148]", "tempi = [148, 64]", "tempi must be the lowest tempo, then"),
        ("tempi = [64, 148]", "tempi = [64]", "tempi must be two numbers"),
        ("metres = [3, 4]", "metres = []", "metres must be a list of at least one"),
        ('colour = "triads"', 'colour = "red"', "colour must be 'triads' or 'sevenths'"),
        ('space = "room"', 'space = "cave"', "space must be 'room' or 'chamber'"),
        ('instrument = "violin"', 'instrument = "viola"', r"0\].instrument must be 'piano'"),
        ('pattern = "strum"', 'pattern = "strom"', r"chairs\[1\].pattern must be 'tune'"),
        ('pattern = "strum"', 'pattern = "stride"', "'stride' is played by keys, and steel-guitar"),
        ("pan = -0.35", "pan = -3.5", r"chairs\[1\].pan must be from -1 to 1"),
        ("pan = -0.35", "pam = -0.35", r"chairs\[1\].pam is not a known key; there are instrum"),
        ('groove = "folk"', 'groove = "tango"', "options.groove must be 'rock' or 'pop'"),
        ('groove = "folk"', 'grove = "folk"', "options.grove is not a known key; there are groove"),
        ('part = "bass", ', 'part = "low", ', "must have one whose part is 'bass'"),
        ('name = "market day"', 'name = "barn dance"', "two templates are called 'barn dance'"),
        ('"I IV I V"', '"I IV H V"', "a chord must be a roman numeral"),
        ('"I IV I V"', '" "', "chords must be text"),
        ("[[templates.sad]]", "[[templates.glad]]", "templates.glad is not a known key"),
        ("weight = 3", "weight = 0", "weight must be from 0.01 to 100"),
    ],
)  # fmt: skip
def test_a_faulty_file_is_refused_and_the_place_named(changed, old, new, message):
    path = changed(old, new)
    with pytest.raises(ParameterError, match=message) as caught:
        load_style(path)
    assert str(path) in str(caught.value)


def test_two_chairs_cannot_have_one_part(changed):
    path = changed('instrument = "accordion", pattern', 'instrument = "steel-guitar", pattern')
    with pytest.raises(ParameterError, match="two chairs have the part 'steel-guitar'"):
        load_style(path)


def test_a_style_that_is_missing_is_told(tmp_path):
    with pytest.raises(ParameterError, match="no style is called 'polka'; there are acoustic"):
        load_style("polka")
    with pytest.raises(ParameterError, match=r"nowhere\.toml cannot be read"):
        load_style(tmp_path / "nowhere.toml")


def test_the_chosen_style_is_near_and_not_always_the_same():
    chosen = {
        mood: Counter(choose_style(one_mood(*point), seed=seed).name for seed in range(60))
        for mood, point in MOODS.items()
    }
    for mood, styles in chosen.items():
        assert len(styles) >= 3, mood
        assert max(styles.values()) < 48, mood
        far = {name: style_distance(load_style(name), one_mood(*MOODS[mood])) for name in styles}
        everywhere = [style_distance(load_style(n), one_mood(*MOODS[mood])) for n in style_names()]
        assert max(far.values()) < min(everywhere) + 0.7
    assert chosen["tense"].most_common(1)[0][0] == "cinematic"
    assert chosen["happy"].keys() != chosen["sad"].keys()


def test_energy_moves_the_choice():
    lazy = Counter(choose_style(one_mood(0.4, 0), seed=s, energy=-0.8).name for s in range(40))
    busy = Counter(choose_style(one_mood(0.4, 0), seed=s, energy=0.8).name for s in range(40))
    assert lazy["ambient"] > 0 == busy["ambient"]
    assert busy["electronic"] > 0 == lazy["electronic"]


def test_the_choice_may_be_among_ones_own(changed):
    mine = load_style(changed('name = "folk"', 'name = "polka"'))
    assert choose_style(one_mood(0, 0), seed=1, styles=(mine,)) is mine
    with pytest.raises(ParameterError, match="no style to choose from"):
        choose_style(one_mood(0, 0), seed=1, styles=())


@pytest.mark.parametrize(
    ("names", "melody", "bass"),
    [
        (("piano",), "piano", "piano"),
        (("cello", "flute"), "flute", "cello"),
        (("flute",), "flute", None),
        (("acoustic-bass", "vibraphone", "brush-kit"), "vibraphone", "acoustic-bass"),
        (("violin", "strings", "harp", "timpani"), "violin", "harp"),
    ],
)
def test_ones_own_instruments_take_the_chairs(names, melody, bass):
    for style in map(load_style, style_names()):
        for quadrant in QUADRANTS:
            for template in style.templates[quadrant]:
                chairs = seated(template, checked_instruments(names))
                assert {chair.instrument for chair in chairs} == set(names)
                parts = {chair.part: chair for chair in chairs}
                assert len(parts) == len(chairs)
                assert "melody" in parts
                assert ("bass" in parts) == (bass is not None)
    chairs = seated(load_style("ambient").templates["sad"][0], checked_instruments(names))
    parts = {chair.part: chair.instrument for chair in chairs}
    assert parts["melody"] == melody
    assert parts.get("bass") == bass


def test_instruments_are_checked():
    assert checked_instruments(()) == ()
    with pytest.raises(ParameterError, match="no instrument is called 'kazoo'"):
        checked_instruments(("piano", "kazoo"))
    with pytest.raises(ParameterError, match="must have one that plays a melody, got brush-kit"):
        checked_instruments(("brush-kit",))


def test_every_instrument_is_used_by_some_style():
    used = {
        chair.instrument
        for style in map(load_style, style_names())
        for quadrant in QUADRANTS
        for template in style.templates[quadrant]
        for chair in template.chairs
    }
    assert used == set(INSTRUMENTS)


def test_every_pattern_is_used_by_some_style():
    used = {
        chair.pattern
        for style in map(load_style, style_names())
        for quadrant in QUADRANTS
        for template in style.templates[quadrant]
        for chair in template.chairs
    }
    assert used == set(PATTERNS)


def test_the_reference_names_every_key_and_pattern():
    page = (Path(__file__).parents[2] / "docs/reference/composer-styles.md").read_text(
        encoding="utf-8"
    )
    fields = [field.name for kind in (Style, Chair) for field in dataclasses.fields(kind)]
    missing = [name for name in [*fields, *PATTERNS, *style_names()] if f"`{name}`" not in page]
    assert missing == []
    options = {option for pattern in PATTERNS.values() for option in pattern.options}
    assert [option for option in options if f"`{option}`" not in page] == []
