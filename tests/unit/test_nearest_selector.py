import pytest

from musify import EmptyLibraryError, NoSuitableTrackError, ParameterError
from musify.backends.nearest_selector import NearestSelector
from musify.notices import collect_notices


@pytest.fixture
def songs(library, make_track):
    """Make a library of songs named after their moods: ``songs("calm", "calm", "sad")``."""

    def make(*moods):
        return library(
            *(make_track(f"{mood}{place}.wav", mood) for place, mood in enumerate(moods))
        )

    return make


def names(sheet):
    return [cue.track.path.stem for cue in sheet.cues]


def test_each_scene_gets_the_song_of_its_mood(songs, make_timeline):
    timeline = make_timeline([0, 20, 40, 60], "sad", "calm", "action")
    sheet = NearestSelector().select(timeline, songs("action", "calm", "happy", "sad"))
    assert names(sheet) == ["sad3", "calm1", "action0"]
    assert sheet.duration == 60
    assert len(sheet.decisions) == 3
    assert sheet.decisions[0].startswith("0.0-20.0 s is sad (valence -0.70, arousal -0.40): 'sad3'")


def test_the_same_arguments_give_the_same_sheet(songs, make_timeline):
    timeline = make_timeline([0, 20, 40, 60], "calm", "sad", "calm")
    library = songs("calm", "calm", "calm", "sad", "sad")
    first, second = (NearestSelector(7).select(timeline, library) for _ in range(2))
    assert first.to_json() == second.to_json()
    assert first.seed == 7


def test_the_seed_draws_among_equally_near_songs(songs, make_timeline):
    timeline = make_timeline([0, 20], "calm")
    drawn = {
        names(NearestSelector(seed).select(timeline, songs("calm", "calm")))[0]
        for seed in range(20)
    }
    assert drawn == {"calm0", "calm1"}


def test_no_song_is_repeated_while_another_is_as_near(songs, make_timeline):
    timeline = make_timeline([0, 20, 40, 60, 80, 100], "calm", "sad", "calm", "sad", "calm")
    sheet = NearestSelector().select(timeline, songs("calm", "calm", "calm", "sad", "sad"))
    assert len(set(names(sheet))) == 5


def test_a_song_is_rather_repeated_than_one_of_another_mood_taken(songs, make_timeline):
    timeline = make_timeline([0, 20, 40, 60], "calm", "sad", "calm")
    sheet = NearestSelector().select(timeline, songs("calm", "sad", "action", "happy"))
    assert names(sheet) == ["calm0", "sad1", "calm0"]


def test_neighbours_with_the_same_song_share_one_cue(songs, make_timeline):
    timeline = make_timeline([0, 20, 40, 60], "calm", "sad", "action")
    sheet = NearestSelector().select(timeline, songs("happy"))
    assert names(sheet) == ["happy0"]
    assert (sheet.cues[0].start, sheet.cues[0].end) == (0, 60)
    assert len(sheet.decisions) == 3


def test_a_song_may_be_too_far(songs, make_timeline):
    timeline = make_timeline([0, 20], "sad")
    NearestSelector(max_distance=0).select(timeline, songs("sad"))
    with pytest.raises(NoSuitableTrackError, match=r"no song is within 0\.5 of the mood at 0\.0 s"):
        NearestSelector(max_distance=0.5).select(timeline, songs("happy"))


def test_songs_without_a_mood_are_told_and_not_chosen(library, make_track, make_timeline):
    songs = library(make_track("a.wav", None), make_track("b.wav", "happy"))
    with collect_notices() as notices:
        sheet = NearestSelector().select(make_timeline([0, 20], "happy"), songs)
    assert names(sheet) == ["b"]
    assert [notice.split(";")[0] for notice in notices] == [
        "1 of 2 songs have no mood and cannot be chosen"
    ]
    with pytest.raises(NoSuitableTrackError, match="no song has a mood; put songs into folders"):
        NearestSelector().select(make_timeline([0, 20], "sad"), library(make_track("a.wav", None)))


def test_sound_effects_are_no_songs(library, make_track, make_timeline):
    timeline = make_timeline([0, 20], "calm")
    short = make_track("bang.wav", duration=0.5)
    assert names(NearestSelector().select(timeline, library(short, make_track("a.wav")))) == ["a"]
    with pytest.raises(EmptyLibraryError, match=r"holds no song of 1 s or more among 1 files"):
        NearestSelector().select(timeline, library(short))


def test_an_empty_library(library, make_timeline):
    with pytest.raises(EmptyLibraryError, match=r"holds no song of 1 s or more; give a folder"):
        NearestSelector().select(make_timeline([0, 20], "calm"), library())
    with pytest.raises(EmptyLibraryError, match="there is no song library; give library="):
        NearestSelector().select(make_timeline([0, 20], "calm"), None)


@pytest.mark.parametrize(
    "options", [{"seed": -1}, {"max_distance": -0.1}, {"max_distance": float("nan")}]
)
def test_refused(options):
    with pytest.raises(ParameterError, match="must be at least 0"):
        NearestSelector(**options)
