import logging

import pytest

from musify import KNOWN_MOODS, Mood, MoodScores, MoodSpace, ParameterError
from musify._mood_words import synonyms, words
from musify.moods import find_mood


def test_every_word_stands_once_in_order_and_in_the_plane():
    assert 250 <= len(words()) <= 600
    names = list(words())
    kinds = [word.kind for word in words().values()]
    assert list(zip(kinds, names, strict=True)) == sorted(zip(kinds, names, strict=True))
    assert set(kinds) == {"mood", "scene"}
    for name, word in words().items():
        assert name == name.lower().strip()
        assert -1 <= word.valence <= 1
        assert -1 <= word.arousal <= 1


def test_known_moods_keep_their_own_points():
    assert not set(words()) & set(KNOWN_MOODS.names)


def test_words_fill_all_four_quadrants():
    corners = [
        (word.valence > 0, word.arousal > 0) for word in words().values() if word.kind == "mood"
    ]
    for corner in ((True, True), (True, False), (False, True), (False, False)):
        assert corners.count(corner) >= 20


def test_every_synonym_leads_to_a_known_mood_and_hides_none():
    assert set(synonyms().values()) == set(KNOWN_MOODS.names)
    assert not set(synonyms()) & set(KNOWN_MOODS.names)


def test_a_synonym_has_about_the_point_that_the_list_gives_the_word():
    for name, mood in synonyms().items():
        if name in words():
            word = words()[name]
            apart = Mood(name, word.valence, word.arousal)
            assert abs(apart.valence - KNOWN_MOODS[mood].valence) <= 0.6, name
            assert abs(apart.arousal - KNOWN_MOODS[mood].arousal) <= 0.7, name


@pytest.mark.parametrize(
    ("word", "mood"),
    [
        ("calm", "calm"),
        (" Calm ", "calm"),
        ("horror", "scary"),
        ("horrifying", "scary"),
        ("frightening", "scary"),
        ("creepy", "eerie"),
        ("heroic", "epic"),
        ("victorious", "triumphant"),
        ("laid-back", "relaxed"),
        ("Laid Back", "relaxed"),
        ("laid_back", "relaxed"),
    ],
)
def test_a_mood_is_found_by_other_words_and_says_which_it_is(word, mood):
    assert Mood.named(word) == find_mood(word) == KNOWN_MOODS[mood]
    assert MoodSpace([word]).names == (mood,)


@pytest.mark.parametrize(
    ("word", "near"),
    [("hapy", "'happy'"), ("horifying", "'horrifying'"), ("clam", "did you mean 'calm'")],
)
def test_an_unknown_name_is_met_with_names_like_it(word, near):
    with pytest.raises(ParameterError, match=f"no mood is called '{word}'.*{near}"):
        Mood.named(word)


@pytest.mark.parametrize("word", ["xyzzy", "", None, 3])
def test_nothing_like_it(word):
    assert not isinstance(word, str) or find_mood(word) is None
    with pytest.raises(ParameterError, match="no mood is called") as raised:
        Mood.named(word)
    assert "did you mean" not in str(raised.value)


def test_two_words_for_one_mood_are_one_mood():
    with pytest.raises(ParameterError, match="'scary' is named twice, by its name or other words"):
        MoodSpace(["scary", "horror"])


def test_a_synonym_gives_scores_a_point():
    assert MoodScores([0], ("horror",), [[1.0]]).plane.tolist() == [[-0.8, 0.7]]


def test_a_mood_by_one_word_has_its_point():
    word = words()["spooky"]
    assert Mood.from_words("Spooky!") == Mood("spooky!", word.valence, word.arousal)
    assert Mood.from_words("tense", name="waiting").point == KNOWN_MOODS["tense"].point


def test_words_are_averaged_and_what_is_seen_counts_a_quarter():
    spooky, night = words()["spooky"], words()["night"]
    mood = Mood.from_words("a spooky night")
    assert mood.name == "a spooky night"
    assert mood.valence == pytest.approx((spooky.valence + night.valence / 4) / 1.25)
    assert mood.arousal == pytest.approx((spooky.arousal + night.arousal / 4) / 1.25)
    assert Mood.from_words("night").point == (night.valence, night.arousal)


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("nights", "night"),
        ("parties", "party"),
        ("spookiest", "spooky"),
        ("sadly", "sad"),
        ("sadness", "sadness"),
        ("chasing", "chase"),
        ("rainy", "rain"),
    ],
)
def test_forms_of_a_word_are_known(text, like):
    assert Mood.from_words(text, "a").point == Mood.from_words(like, "a").point


def test_not_turns_and_halves_very_strengthens_slightly_weakens():
    valence, arousal = Mood.from_words("tense").point
    for text, factor in (
        ("not tense", -0.5),
        ("not at all tense", -0.5),
        ("isn\u2019t tense", -0.5),
        ("very tense", 1.3),
        ("slightly tense", 0.6),
        ("not very tense", -0.65),
        ("not a word of the long text tense", 1),  # too far away
    ):
        assert Mood.from_words(text).point == pytest.approx((valence * factor, arousal * factor))
    # A word that is turned does not turn the next.
    calm, sad = Mood.from_words("calm"), Mood.from_words("sad")
    assert Mood.from_words("not sad but calm").valence == pytest.approx(
        (calm.valence - sad.valence / 2) / 2
    )


def test_nothing_leaves_the_plane():
    assert Mood.from_words("very very very ecstatic").point == (1, 1)


def test_words_that_are_not_known_are_told(caplog):
    with caplog.at_level(logging.WARNING, "musify"):
        mood = Mood.from_words("a calm frobnicator")
    assert mood.point == KNOWN_MOODS["calm"].point
    assert "left out of the mood 'a calm frobnicator': frobnicator" in caplog.text
    caplog.clear()
    Mood.from_words("it is a calm scene")
    assert not caplog.text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("xyzzy the plugh", "none of these words was understood: 'xyzzy', 'plugh'"),
        ("the", "none of these words was understood: 'the'"),
        ("", "none of these words was understood: ''"),
        (7, "a mood is described in words, got 7"),
    ],
)
def test_a_text_without_a_known_word_is_refused(text, message):
    with pytest.raises(ParameterError, match=message):
        Mood.from_words(text)
