import math

import numpy as np
import pytest

from musify import (
    CueSheet,
    EmptyLibraryError,
    Licence,
    Mood,
    MoodTimeline,
    NoSuitableTrackError,
    ParameterError,
    Pipeline,
    TrackSelector,
)
from musify._own_sound import HeardVideo, SoundWishes
from musify._run import Run
from musify._selecting import select_for
from musify.backends.nearest_selector import NearestSelector
from musify.notices import collect_notices
from musify.scene_changes import stretches_of_one_song
from musify.song_axes import AXES
from musify.songs import SongAnalysis
from musify.suggesting import suggest

CALM, WILD = (0.4, -0.6), (0.2, 0.8)


def heard(*sections, seconds=30.0, **facts):
    """Describe a song with sections at given points of the plane."""
    edges = np.arange(len(sections) + 1) * seconds
    times = np.arange(0.5, edges[-1], 1.0)
    plane = np.repeat(np.array(sections, float), int(seconds), axis=0)
    valence, arousal = plane.mean(axis=0)
    return SongAnalysis(
        edges[-1],
        valence,
        arousal,
        section_edges=edges,
        section_labels=tuple("ABCDEFGH"[: len(sections)]),
        curve_times=times,
        energy=np.full(len(times), 0.5),
        plane=plane,
        **facts,
    )


def titles(sheet):
    return [cue.track.title for cue in sheet.cues]


@pytest.fixture
def song(make_track):
    """Make a track at a point of the plane, or with sections."""

    def make(title, *points, **facts):
        if len(points) > 1:
            analysis = heard(*points)
            facts = {"analysis": analysis, "duration": analysis.duration} | facts
        elif points:
            facts = {"mood": Mood("any", *points[0])} | facts
        mood = facts.pop("mood", None)
        track = make_track(f"songs/{title}.mp3", None, **facts)
        return track if mood is None else _with(track, mood)

    return make


def _with(track, mood):
    from dataclasses import replace

    return replace(track, mood=mood)


CALM_60 = MoodTimeline([0, 60], ["calm"], [0.9], [CALM])


def test_reasons_are_one_for_each_axis_and_add_up(library, song):
    songs = library(
        song("near", CALM, bpm=72, licence=Licence("CC-BY-SA-4.0")),
        song("far", WILD, bpm=180, instrumental=False, duration=400.0),
    )
    for candidate in suggest(CALM_60, songs, recent=["far"], speech=[[0, 30]]):
        assert tuple(reason.axis for reason in candidate.reasons) == AXES
        assert all(reason.cost >= 0 for reason in candidate.reasons)
        assert all(reason.words for reason in candidate.reasons)
        assert candidate.distance == math.fsum(reason.cost for reason in candidate.reasons)


@pytest.mark.parametrize(
    ("axis", "better", "worse", "more"),
    [
        ("mood", {}, {"point": WILD}, {}),
        ("tempo", {"bpm": 72}, {"bpm": 110}, {}),
        ("tempo", {"bpm": 144}, {"bpm": 110}, {}),
        ("length", {"duration": 61.0}, {"duration": 6.0}, {}),
        ("length", {"duration": 120.0}, {"duration": 20.0}, {}),
        ("voice", {"instrumental": True}, {"instrumental": False}, {"speech": [[5, 25]]}),
        ("licence", {}, {"licence": Licence("CC BY-NC 4.0")}, {}),
        ("recent", {}, {}, {"recent": ["worse"]}),
    ],
)
def test_each_axis_tells_the_better_song(axis, better, worse, more, library, song):
    songs = library(
        *(
            song(title, facts.pop("point", CALM), **facts)
            for title, facts in (("worse", dict(worse)), ("better", dict(better)))
        )
    )
    first, second = suggest(CALM_60, songs, **more)
    assert (first.track.title, second.track.title) == ("better", "worse")
    assert first.reason(axis).cost < second.reason(axis).cost
    others = [name for name in AXES if name not in (axis, "chance")]
    assert all(first.reason(name).cost == second.reason(name).cost for name in others)


def test_the_tempo_follows_the_cuts(library, song):
    slow, fast = song("slow", CALM, bpm=66), song("fast", CALM, bpm=100)
    cut = MoodTimeline([0, 60], ["calm"], [0.9], [CALM], cuts=np.arange(1, 60))
    rare = MoodTimeline([0, 60], ["calm"], [0.9], [CALM], cuts=[30])
    assert suggest(cut, library(slow, fast))[0].track is fast
    assert suggest(rare, library(slow, fast))[0].track is slow


def test_speech_is_looked_for_only_where_it_matters(library, song):
    asked = []

    def find():
        asked.append(True)
        return [[0, 60]]

    both = library(song("sung", CALM, instrumental=False), song("not", CALM, instrumental=True))
    assert suggest(CALM_60, library(song("one", CALM)), speech=find)
    assert not asked
    assert suggest(CALM_60, both, speech=find)[0].track.title == "not"
    assert asked == [True]


def test_one_song_with_quiet_and_loud_sections_serves_calm_and_wild(library, song):
    timeline = MoodTimeline([0, 60, 120], ["calm", "action"], [0.9, 0.9], [CALM, WILD])
    both = song("both", CALM, WILD)
    near = song("near calm", (0.3, -0.55)), song("near wild", (0.25, 0.75))
    assert titles(NearestSelector().select(timeline, library(*near))) == ["near calm", "near wild"]
    assert titles(NearestSelector().select(timeline, library(*near, both))) == ["both"]
    reason = suggest(timeline, library(both))[0].reason("mood")
    assert reason.cost == pytest.approx(0, abs=1e-9)
    assert "over its sections" in reason.words


def test_the_users_word_moves_the_curve(library, song):
    said = song("said", WILD, WILD, mood=Mood("calm", *CALM))
    assert suggest(CALM_60, library(said))[0].reason("mood").cost == pytest.approx(0, abs=1e-9)


def test_an_analysis_alone_is_a_mood(library, make_track):
    track = make_track("a.mp3", None, analysis=SongAnalysis(30.0, *CALM))
    assert suggest(CALM_60, library(track))[0].reason("mood").cost == pytest.approx(0, abs=1e-9)


def test_a_whim_of_the_mood_is_no_reason_to_change(library, song):
    songs = library(song("calm", CALM), song("wild", WILD))
    whim = MoodTimeline([0, 30, 33, 60], ["a", "b", "a"], [0.9] * 3, [CALM, WILD, CALM])
    lasting = MoodTimeline([0, 30, 50, 80], ["a", "b", "a"], [0.9] * 3, [CALM, WILD, CALM])
    assert titles(NearestSelector().select(whim, songs)) == ["calm"]
    assert titles(NearestSelector().select(lasting, songs)) == ["calm", "wild", "calm"]


def test_neighbours_are_of_one_family(library, song):
    timeline = MoodTimeline([0, 60, 120], ["a", "b"], [0.9, 0.9], [CALM, WILD])
    songs = library(
        song("first", CALM, key="C major", bpm=70),
        song("strange", WILD, key="F# major", bpm=122),
        song("related", WILD, key="A minor", bpm=140),
    )
    assert titles(NearestSelector().select(timeline, songs)) == ["first", "related"]


def test_cues_are_counted(library, song):
    points = [CALM, WILD] * 4
    edges = np.arange(9) * 30.0
    timeline = MoodTimeline(edges, ["a", "b"] * 4, [0.9] * 8, points)
    songs = library(song("calm", CALM), song("wild", WILD), song("middle", (0.3, 0.1)))
    assert len(NearestSelector().select(timeline, songs).cues) == 8
    for most in (1, 2, 3, 5, 100):
        assert len(NearestSelector(max_cues=most).select(timeline, songs).cues) <= most


def test_parting_is_optimal():
    rng = np.random.default_rng(5)
    for _ in range(30):
        cost, weight = rng.random((5, 3)) * 2, rng.random(5) * 8
        for most in (1, 2, 5):
            plans = [
                sum(weight[i] * cost[i, one] for i, one in enumerate(plan))
                + 4.5 * np.count_nonzero(np.diff(plan))
                for plan in np.ndindex(3, 3, 3, 3, 3)
                if np.count_nonzero(np.diff(plan)) < most
            ]
            parts = stretches_of_one_song(cost, weight, most)
            found = 4.5 * (len(parts) - 1) + sum((weight[a:b] @ cost[a:b]).min() for a, b in parts)
            assert len(parts) <= most
            assert [a for a, _ in parts[1:]] == [b for _, b in parts[:-1]]
            assert found == pytest.approx(min(plans))


def test_the_seed_and_nothing_else_decides(library, song):
    songs = [song(f"song {place}", CALM) for place in range(8)]
    first = [one.track.title for one in suggest(CALM_60, library(*songs), seed=1, count=8)]
    turned = [one.track.title for one in suggest(CALM_60, library(*songs[::-1]), seed=1, count=8)]
    assert first == turned
    seeds = {suggest(CALM_60, library(*songs), seed=seed)[0].track.title for seed in range(30)}
    assert len(seeds) >= 4
    # A library that grows leaves the order of the others as it was.
    more = suggest(CALM_60, library(*songs, song("new", CALM)), seed=1, count=9)
    assert [one.track.title for one in more if one.track.title != "new"] == first


def test_a_file_that_is_given_twice_counts_once(library, song):
    track = song("twice", CALM)
    assert len(suggest(CALM_60, library(track, track))) == 1
    assert titles(NearestSelector(song="twice").select(CALM_60, library(track, track))) == ["twice"]


@pytest.mark.parametrize(
    "licence",
    [
        Licence("CC-BY-ND-4.0"),
        Licence("CC BY-NC-ND 3.0"),
        Licence("Attribution-NoDerivatives"),
        Licence("Attribution No Derivatives"),
        Licence("see there", "https://creativecommons.org/licenses/by-nd/4.0/"),
    ],
)
def test_no_derivatives_are_made_of_what_forbids_them(licence, library, song):
    bound, free = song("bound", CALM, licence=licence), song("free", WILD)
    with collect_notices() as notices:
        found = suggest(CALM_60, library(bound, free))
    assert [one.track.title for one in found] == ["free"]
    assert "1 of 2 songs are left out, since their licence forbids derivatives" in notices[0]
    for options in ({}, {"song": "bound"}):
        with pytest.raises(NoSuitableTrackError, match="may not be changed"):
            NearestSelector(**options).select(CALM_60, library(bound))


@pytest.mark.parametrize("name", ["MIT", "CC0-1.0", "CC-BY-4.0", "all mine, and no end", "Sand"])
def test_other_licences_are_free(name, library, song):
    with collect_notices() as notices:
        NearestSelector().select(CALM_60, library(song("a", CALM, licence=Licence(name))))
    assert notices == []


def test_a_licence_that_asks_for_something_is_told(library, song):
    track = song("a", CALM, licence=Licence("CC-BY-NC-SA-4.0"))
    with collect_notices() as notices:
        NearestSelector().select(CALM_60, library(track))
    assert notices == [
        "'a' is under CC-BY-NC-SA-4.0, which asks for no commercial use (NC) and sharing alike (SA)"
    ]


@pytest.mark.parametrize("name", ["Slow River", "slow river.mp3", "songs/slow river.mp3", "RIVER"])
def test_a_song_is_pinned(name, library, song):
    songs = library(song("slow river", WILD), song("calm sea", CALM))
    assert titles(NearestSelector(song=name).select(CALM_60, songs)) == ["slow river"]


def test_a_pinned_song_needs_no_mood(library, song):
    songs = library(song("unknown"), song("calm", CALM))
    assert titles(NearestSelector(song="unknown").select(CALM_60, songs)) == ["unknown"]


def test_a_name_of_no_song_or_of_several(library, song):
    songs = library(song("slow river", CALM), song("slow sea", CALM))
    with pytest.raises(ParameterError, match=r"'slow' names 2 songs: 'songs/slow river\.mp3', "):
        suggest(CALM_60, songs, song="slow")
    with pytest.raises(ParameterError, match=r"no song is called 'slow rivr'; near are 'slow riv"):
        suggest(CALM_60, songs, song="slow rivr")
    with pytest.raises(ParameterError, match="no song is called 'xyzzy'; there are"):
        suggest(CALM_60, songs, song="xyzzy")


def test_genres_and_what_to_avoid(library, song):
    songs = library(
        song("a", CALM, genre="Ambient"),
        song("b", CALM, genre="jazz", artist="Zed"),
        song("c", CALM),
    )
    assert [one.track.title for one in suggest(CALM_60, songs, genre="ambient")] == ["a"]
    left = suggest(CALM_60, songs, avoid=("zed", "songs/c"))
    assert [one.track.title for one in left] == ["a"]
    with pytest.raises(NoSuitableTrackError, match="'polka'; there are Ambient, jazz"):
        suggest(CALM_60, songs, genre="polka")
    with pytest.raises(NoSuitableTrackError, match="nothing is left of 3 songs when 'songs'"):
        suggest(CALM_60, songs, avoid="songs")
    with collect_notices() as notices:
        suggest(CALM_60, songs, avoid="polka")
    assert notices == ["no song is called 'polka', so that nothing is avoided by it"]


def test_where_nothing_fits_a_quiet_song_plays_or_none(library, song):
    wild = MoodTimeline([0, 60], ["x"], [0.9], [(-0.7, 0.8)])
    glad, quiet = song("glad", (0.4, 0.6)), song("quiet", (0.0, -0.5))
    with collect_notices() as notices:
        sheet = NearestSelector().select(wild, library(glad, quiet))
    assert titles(sheet) == ["quiet"]
    assert "a quiet one that says little plays: 'quiet'" in notices[0]
    assert "a quiet choice since nothing fits" in sheet.decisions[0]
    with collect_notices() as notices:
        assert titles(NearestSelector().select(wild, library(glad))) == ["glad"]
    assert "none is quiet and neutral, so that the nearest plays, and may mislead" in notices[0]
    with pytest.raises(NoSuitableTrackError, match=r"no song is within 0\.5 of the mood"):
        NearestSelector(max_distance=0.5).select(wild, library(glad, quiet))
    with pytest.raises(NoSuitableTrackError, match=r"no song is within 0\.5 of the mood"):
        suggest(wild, library(glad, quiet), max_distance=0.5)


def test_few_cues_within_a_distance(library, song):
    timeline = MoodTimeline([0, 60, 120], ["a", "b"], [0.9, 0.9], [CALM, WILD])
    songs = library(song("calm", CALM), song("wild", WILD))
    both = NearestSelector(max_distance=0.2)
    assert titles(both.select(timeline, songs)) == ["calm", "wild"]
    with pytest.raises(NoSuitableTrackError, match="allow more cues or a greater distance"):
        NearestSelector(max_distance=0.2, max_cues=1).select(timeline, songs)


def test_libraries_with_nothing_to_choose(library, song):
    with pytest.raises(NoSuitableTrackError, match="no song has a mood"):
        suggest(CALM_60, library(song("unknown")))
    with pytest.raises(EmptyLibraryError, match=r"no song of 1 s or more among 1 files"):
        suggest(CALM_60, library(song("short", CALM, duration=0.5)))


@pytest.mark.parametrize(
    "options",
    [{"max_cues": 0}, {"genre": ""}, {"song": [" "]}, {"avoid": [3]}, {"recent": [""]}],
)
def test_refused(options):
    with pytest.raises(ParameterError, match="must"):
        NearestSelector(**options)


def test_bad_speech_and_counts(library, song):
    songs = library(song("a", CALM))
    with pytest.raises(ParameterError, match="speech"):
        suggest(CALM_60, songs, speech=[1, 2, 3])
    with pytest.raises(ParameterError, match="intervals of speech must end after they start"):
        suggest(CALM_60, songs, speech=[[3, 2]])
    with pytest.raises(ParameterError, match="count must be at least 1"):
        suggest(CALM_60, songs, count=0)


class Old(TrackSelector):
    """A selector that knows nothing of speech."""

    def select(self, timeline, library):
        return CueSheet((), timeline.duration)


def test_selectors_that_take_no_speech_are_given_none(make_video, library):
    video = make_video(60.0, audio=True)
    heard = HeardVideo(video, SoundWishes())
    assert select_for(Run(None), Old(), CALM_60, library(), heard, None).duration == 60
    with pytest.raises(ParameterError, match="names no candidates; use 'nearest'"):
        Pipeline(track_selector=Old(), library=library()).suggest("film.mp4")
