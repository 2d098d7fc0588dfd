"""Songs from Openverse and Jamendo, as they answer over the wire."""

import logging
import shutil
from dataclasses import replace

import numpy as np
import pytest

from musify import Mood, MoodSpace, MoodTimeline, get_backend
from musify.errors import (
    AuthenticationError,
    EmptyLibraryError,
    ParameterError,
    ServiceError,
)
from musify.libraries import open_library
from musify.notices import collect_notices
from musify.online.mood_words import mood_table
from stand_ins.music_services import Jamendo, Openverse, Song
from stand_ins.web_service import QuickClock, json_reply, reply


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MUSIFY_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("JAMENDO_CLIENT_ID", raising=False)
    monkeypatch.setattr("musify.online.client.Clock", QuickClock)  # nothing is worth waiting for


SONGS = [
    Song("aa-1", "Calm Lake", artist="Ada"),
    Song("aa-2", "Calm Sea", artist="Ada"),
    Song("bb-3", "Calm Hills", artist="Bob", licence="by-sa"),
    Song("cc-4", "Calm Nights", artist="Cyd", licence="by-nc"),
    Song("dd-5", "Calm Stones", artist="Dan", licence="by-nd"),
    Song("ee-6", "Calm Moment", artist="Eve", seconds=20.0),
    Song("ff-7", "Calm Voice", artist="Fay", tags=("calm", "vocal")),
    Song("gg-8", "Calm Storm", artist="Gus", tags=("calm", "instrumental", "speed_veryhigh")),
    Song("hh-9", "Calm Free", artist="Hal", licence="cc0"),
]


@pytest.fixture(params=["openverse", "jamendo"])
def service(request):
    with {"openverse": Openverse, "jamendo": Jamendo}[request.param](*SONGS) as server:
        server.name = request.param
        server.path = {"openverse": "/v1/audio/", "jamendo": "/v3.0/tracks/"}[request.param]
        yield server


@pytest.fixture
def make(service):
    def library(**options):
        options = {"moods": ["calm"], "listen": False, "base_url": service.base_url} | options
        if service.name == "jamendo":
            options = {"key": Jamendo.KEY} | options
        return get_backend("song_library", service.name, **options)

    return library


def titles(library):
    return [track.title for track in library]


def test_songs_that_suit_are_found_and_fetched(make, tmp_path):
    tracks = list(make(songs=4))
    # In the order of the service, but several artists first.
    assert [track.title for track in tracks] == [
        "Calm Lake", "Calm Hills", "Calm Free", "Calm Sea"
    ]  # fmt: skip
    first = tracks[0]
    assert first.path.read_bytes() == SONGS[0].content
    assert first.path.suffix == ".mp3"
    assert first.path.is_relative_to(tmp_path / "cache" / "songs")
    assert first.mood == next(iter(MoodSpace(["calm"])))
    assert (first.artist, first.genre, first.duration) == ("Ada", "ambient", 200.0)
    assert first.instrumental is True


def test_the_credit_names_title_author_source_and_licence(make):
    tracks = {track.title: track for track in make(songs=10)}
    licence = tracks["Calm Lake"].licence
    assert licence.name == "CC-BY-4.0"
    assert licence.url == "https://creativecommons.org/licenses/by/4.0/"
    assert tracks["Calm Lake"].credit == (
        "“Calm Lake” by Ada (https://www.jamendo.com/track/aa-1), CC BY 4.0 "
        "(https://creativecommons.org/licenses/by/4.0/)"
    )
    assert tracks["Calm Hills"].licence.name == "CC-BY-SA-4.0"
    assert tracks["Calm Free"].licence.name == "CC0-1.0"
    assert "CC0 1.0" in tracks["Calm Free"].credit


def test_nc_only_where_it_is_allowed_and_nd_never(make):
    assert "Calm Nights" in titles(make(songs=10, non_commercial=True))
    assert "Calm Stones" not in titles(make(songs=10, non_commercial=True))


def test_what_a_service_lets_through_is_filtered_again(service, make):
    # As if it did not know the filters.
    for number, song in enumerate(SONGS):
        service.songs[number] = replace(song)
    if service.name == "openverse":
        service.on(service.path, json_reply({
            "page_count": 1, "results": [service._record(song) for song in SONGS]}))  # fmt: skip
    else:
        service.on(service.path, json_reply({
            "headers": {"status": "succeed", "code": 0},
            "results": [service._record(song, "low") for song in SONGS]}))  # fmt: skip
    found = titles(make(songs=10))
    assert not {"Calm Nights", "Calm Stones", "Calm Moment", "Calm Voice"} & set(found)
    assert "Calm Lake" in found


def test_length_and_tempo_and_voice_can_be_wished_for(make):
    assert titles(make(songs=9, length=(10, 30))) == ["Calm Moment"]
    assert "Calm Storm" in titles(make(songs=9, tempo="veryhigh"))
    assert "Calm Voice" in titles(make(songs=9, instrumental=False, tempo="low"))


def test_nothing_is_asked_for_twice(service, make):
    first = titles(make(songs=2))
    count = len(service.requests)
    assert titles(make(songs=2)) == first
    assert len(service.requests) == count


def test_no_more_than_20_a_page_and_only_as_many_pages_as_needed():
    songs = [Song(f"s{n}", f"Song {n}", artist=f"A{n}") for n in range(45)]
    with Openverse(*songs) as service:
        library = get_backend("song_library", "openverse", moods=["calm"], songs=6, listen=False,
                              base_url=service.base_url)  # fmt: skip
        assert len(list(library)) == 6
        pages = [request.query["page"] for request in service.asked("/v1/audio/")]
        assert pages == ["1", "2"]  # four for each that is wanted: 24


def test_a_search_that_finds_too_little_is_widened():
    songs = [Song("a1", "Calm Known"), Song("a2", "Calm Unknown", artist="B", tags=("calm",))]
    with Openverse(*songs) as service:
        library = get_backend("song_library", "openverse", moods=["calm"], listen=False,
                              base_url=service.base_url)  # fmt: skip
        tracks = list(library)
    assert [(track.title, track.instrumental) for track in tracks] == [
        ("Calm Known", True), ("Calm Unknown", None)
    ]  # fmt: skip


def test_a_song_that_is_gone_is_left_out_and_told(service, make):
    gone = reply("gone", 404, "text/plain")
    service.on("/files/aa-1", gone)
    with collect_notices() as notices:
        found = titles(make(songs=2))
    assert found == ["Calm Hills", "Calm Free"]
    assert any("'Calm Lake'" in notice and "404" in notice for notice in notices)


@pytest.mark.parametrize(
    "answer",
    [
        reply("<html>not found</html>", kind="text/html"),
        reply("<html>not found</html>", kind="audio/mpeg"),
        reply(b"", kind="audio/mpeg"),
        reply("", 302, Location="https://elsewhere.example/"),
    ],
)
def test_what_is_no_sound_is_not_kept(service, make, tmp_path, answer):
    for song in SONGS:
        service.on(f"/files/{song.id}", answer)
    with pytest.raises(ServiceError):
        list(make(songs=1, patience=1))
    left = [file.name for file in (tmp_path / "cache" / "songs" / service.name).iterdir()]
    assert not [name for name in left if not name.startswith(".")]


def test_a_song_that_changed_on_disk_is_fetched_again(service, make):
    (track,) = list(make(songs=1))
    track.path.write_bytes(b"ID3 damaged")
    (again,) = list(make(songs=1))
    assert again.path == track.path
    assert again.path.read_bytes() == SONGS[0].content


def test_notes_beside_a_song_may_be_damaged(make):
    (track,) = list(make(songs=1))
    notes = track.path.with_suffix(".json")
    for text in ("{", '{"file": {"name": "../x", "size": 1, "sha256": "y"}}'):
        notes.write_text(text)
        (again,) = list(make(songs=1))
        assert again.path == track.path


def test_the_cache_keeps_its_limit(make, service, tmp_path):
    service.songs = [replace(song, content=b"ID3" + bytes(400_000)) for song in SONGS]
    folder = tmp_path / "songs"
    options = {"folder": folder, "most_megabytes": 1, "songs": 2}
    first = [track.path for track in make(**options)]
    assert len(first) == 2
    service.songs = [
        replace(song, id=f"x{song.id}", title=f"New {song.title}") for song in service.songs
    ]
    shutil.rmtree(tmp_path / "cache")  # the answers
    second = [track.path for track in make(**options)]
    assert all(path.exists() for path in second)
    assert sum(file.stat().st_size for file in folder.iterdir()) < 1_000_000
    with pytest.raises(ParameterError, match="raise most_megabytes"):
        list(make(**options | {"songs": 4}))


def test_no_song_suits(make, service):
    service.songs = []
    with pytest.raises(EmptyLibraryError, match=r"no song for calm .* widen"):
        list(make())


def test_it_learns_from_the_film_what_to_search_for(make):
    space = MoodSpace(["calm", "happy", Mood("spooky", -0.7, 0.6)])
    timeline = MoodTimeline(
        [0, 5, 20, 22], ("spooky", "happy", "calm"), np.ones(3), space.plane[[2, 1, 0]]
    )
    library = make(moods=None)
    suited = library.suited_to(timeline)
    assert [mood.name for mood in suited.moods] == ["happy", "eerie", "calm"]
    assert library.moods is None
    chosen = make(moods=["sad"])
    assert chosen.suited_to(timeline) is chosen


def test_ids_that_would_leave_the_folder_are_passed_over(make, service, tmp_path):
    for bad in ("../../evil", "/etc/passwd", "a/b", "..", "", "a" * 70, "c:\\x", "a\0b"):
        service.songs = [replace(SONGS[0], id=bad), *SONGS[2:3]]
        answer = {
            "page_count": 1,
            "headers": {"status": "success"},
            "results": [
                service._record(song, *(["low"] if service.name == "jamendo" else []))
                for song in service.songs
            ],
        }
        service.on(service.path, json_reply(answer))
        found = titles(make(songs=1, folder=tmp_path / "songs", length=(60, 600 + len(bad))))
        assert found == ["Calm Hills"]
    assert {file.parent.name for file in tmp_path.rglob("*bb-3*")} == {"songs"}


@pytest.mark.parametrize(
    "junk",
    [
        {"results": None},
        {"results": [None, 1, "x", []]},
        {"results": [{}]},
        {"results": [{"id": "a", "duration": "NaN", "title": [], "name": {}, "tags": 3}]},
        {"results": {"id": 1}},
        {},
    ],
)
def test_records_without_sense_are_passed_over(make, service, junk):
    service.on(service.path, json_reply({"headers": {"status": "success"}} | junk))
    with pytest.raises(EmptyLibraryError):
        list(make())


@pytest.mark.parametrize(
    ("code", "kind", "retryable"),
    [
        (1, ServiceError, True),
        (2, ServiceError, False),
        (3, ServiceError, False),
        (4, ServiceError, False),
        (5, AuthenticationError, False),
        (6, ServiceError, True),
        (7, ServiceError, False),
        (8, ServiceError, False),
        (9, ServiceError, False),
        (10, ServiceError, False),
        (11, AuthenticationError, False),
        (12, AuthenticationError, False),
        (13, AuthenticationError, False),
    ],
)
def test_errors_of_jamendo_come_with_status_200(code, kind, retryable):
    with Jamendo() as service:
        service.on("/v3.0/tracks/", service.failed(code, f"no: {Jamendo.KEY}"))
        library = get_backend("song_library", "jamendo", key=Jamendo.KEY, listen=False,
                              base_url=service.base_url, patience=1)  # fmt: skip
        with pytest.raises(kind, match=f"code {code}") as caught:
            list(library)
    assert type(caught.value) is kind
    assert caught.value.retryable is retryable
    assert Jamendo.KEY not in str(caught.value)


def test_a_wrong_key_of_jamendo_is_told_and_not_shown(caplog):
    caplog.set_level(logging.DEBUG)
    with Jamendo(*SONGS) as service:
        library = get_backend("song_library", "jamendo", key="00badbad", listen=False,
                              base_url=service.base_url)  # fmt: skip
        with pytest.raises(AuthenticationError, match="devportal") as caught:
            list(library)
    assert "00badbad" not in str(caught.value) + repr(library) + caplog.text


def test_a_key_must_be_given(monkeypatch):
    with pytest.raises(AuthenticationError, match="JAMENDO_CLIENT_ID"):
        get_backend("song_library", "jamendo")
    monkeypatch.setenv("JAMENDO_CLIENT_ID", Jamendo.KEY)
    assert Jamendo.KEY not in repr(open_library("jamendo"))
    with pytest.raises(ParameterError, match="no key") as caught:
        get_backend("song_library", "jamendo", key="short")
    assert "short" not in str(caught.value).replace("at least", "")
    with pytest.raises(ParameterError, match="needs no key"):
        get_backend("song_library", "openverse", key="whatever")


@pytest.mark.parametrize(
    "options",
    [
        {"moods": []},
        {"moods": ["no such mood at all"]},
        {"songs": 0},
        {"tempo": "fast"},
        {"length": (60,)},
        {"length": (600, 60)},
        {"bpm": (90, 100)},  # without listening
        {"most_megabytes": 0},
        {"base_url": "ftp://a.org"},
        {"patience": 0},
    ],
)
def test_options_that_cannot_be_used_are_refused(make, options):
    with pytest.raises(ParameterError):
        list(make(**options))


def test_an_unknown_option_is_named(make):
    with pytest.raises(ParameterError, match="did you mean 'non_commercial'"):
        make(noncommercial=True)


def test_the_table_of_words_is_whole():
    for name, row in mood_table().items():
        assert len(row.pictures) >= 5, name
        assert 1 <= len(row.songs) <= 5, name
        assert all(len(query) <= 100 for query in row.pictures), name
        assert set(row.tempo) <= {"verylow", "low", "medium", "high", "veryhigh"}, name
        assert MoodSpace([name]).names == (name,)
