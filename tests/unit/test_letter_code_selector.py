import pytest

from musify import EmptyLibraryError, NoSuitableTrackError, ParameterError
from musify.backends.letter_code_selector import CODES, LetterCodeSelector

MOODS = ("action", "happy", "sad", "calm")


@pytest.fixture
def whole(make_timeline):
    """Make a timeline of one mood with scores: ``whole("sad", action=0.3, calm=0.1)``."""

    def make(winner, **scores):
        row = [scores.get(mood, 0.0) for mood in MOODS]
        return make_timeline([0, 20], winner, moods=MOODS, scores=[row])

    return make


EVERY_CODE = [
    ("action", {"happy": 0.2, "sad": 0.2}, "AA"),
    ("happy", {"calm": 0.2, "action": 0.2}, "HH"),
    ("sad", {"calm": 0.2, "action": 0.2}, "SS"),
    ("calm", {"happy": 0.2, "sad": 0.2}, "CC"),
    ("happy", {"calm": 0.5, "action": 0.2}, "CH"),
    ("calm", {"happy": 0.5, "sad": 0.2}, "CH"),
    ("happy", {"calm": 0.2, "action": 0.5}, "AH"),
    ("action", {"happy": 0.5, "sad": 0.2}, "AH"),
    ("sad", {"calm": 0.5, "action": 0.2}, "CS"),
    ("calm", {"happy": 0.2, "sad": 0.5}, "CS"),
    ("sad", {"calm": 0.2, "action": 0.5}, "AS"),
    ("action", {"happy": 0.2, "sad": 0.5}, "AS"),
]


@pytest.mark.parametrize(("winner", "scores", "code"), EVERY_CODE)
def test_codes(whole, winner, scores, code):
    assert LetterCodeSelector().code(whole(winner, **{winner: 0.9} | scores)) == code


def test_every_code_is_reached():
    assert {code for _, _, code in EVERY_CODE} == set(CODES)


@pytest.mark.parametrize(
    ("ratio", "calm", "action", "code"),
    [
        (2, 0.5, 0.25, "HH"),  # exactly the ratio is not more
        (2, 0.5, 0.2499, "CH"),
        (2, 0.25, 0.5, "HH"),
        (2, 0.2499, 0.5, "AH"),
        (1, 0.5, 0.4999, "CH"),
        (1, 0.5, 0.5, "HH"),
        (2, 0, 0, "HH"),
        (2, 0.01, 0, "CH"),  # any score is more than twice nothing
    ],
)
def test_the_ratio(whole, ratio, calm, action, code):
    timeline = whole("happy", happy=0.9, calm=calm, action=action)
    assert LetterCodeSelector(ratio).code(timeline) == code


def test_without_any_score_the_winner_stands_alone(whole):
    assert LetterCodeSelector().code(whole("calm")) == "CC"


def test_the_longest_mood_wins_and_scores_decide_between_equals(make_timeline):
    scores = [[0.1, 0.1, 0.1, 0.7], [0.1, 0.1, 0.8, 0.1]]
    longer = make_timeline([0, 11, 20], "calm", "sad", moods=MOODS, scores=scores)
    assert LetterCodeSelector(9).code(longer) == "CC"
    equal = make_timeline([0, 10, 20], "calm", "sad", moods=MOODS, scores=scores)
    assert LetterCodeSelector(9).code(equal) == "SS"


def test_the_four_moods_are_needed(make_timeline):
    timeline = make_timeline([0, 20], "calm", moods=("calm", "sad"), scores=[[1, 0]])
    with pytest.raises(ParameterError, match=r"the timeline has none for action, happy$"):
        LetterCodeSelector().code(timeline)


def test_the_file_of_that_name_is_taken_whatever_its_case_and_ending(whole, library, make_track):
    songs = library(make_track("AAA.mp3"), make_track("more/ss.ogg", None), make_track("CC.mp3"))
    sheet = LetterCodeSelector().select(whole("sad", sad=1), songs)
    assert [cue.track.path.name for cue in sheet.cues] == ["ss.ogg"]
    assert (sheet.cues[0].start, sheet.cues[0].end) == (0, 20)
    assert sheet.decisions == ("the letter code of the whole video is SS",)


def test_a_missing_file_is_told_with_those_that_are_there(whole, library, make_track):
    songs = library(make_track("AH.mp3"), make_track("CC.mp3"), make_track("other.mp3"))
    with pytest.raises(NoSuitableTrackError, match="no song is called SS; there are: CC, AH; name"):
        LetterCodeSelector().select(whole("sad"), songs)
    with pytest.raises(NoSuitableTrackError, match=r"there are: none; name a file SS\.mp3"):
        LetterCodeSelector().select(whole("sad"), library(make_track("other.mp3")))
    with pytest.raises(EmptyLibraryError):
        LetterCodeSelector().select(whole("sad"), library())


@pytest.mark.parametrize("ratio", [0.99, 0, float("nan")])
def test_refused(ratio):
    with pytest.raises(ParameterError, match="ratio must be at least 1"):
        LetterCodeSelector(ratio)
