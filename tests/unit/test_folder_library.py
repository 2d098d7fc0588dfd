from pathlib import Path

import numpy as np
import pytest

from musify import AudioDecodeError, ParameterError, StreamInfo
from musify._media_info import MediaInfo
from musify._packets import Packets
from musify.backends.folder_library import FolderLibrary
from musify.index import song_files, song_folder
from musify.notices import collect_notices
from musify.songs import SongAnalysis

pytestmark = pytest.mark.usefixtures("quick_index")


@pytest.fixture
def folder(tmp_path):
    """Make files that hold their names; what is in them is said by :func:`tagged`."""
    for name in ("calm/a.mp3", "b.MP3", "deep/sad/deeper/c.ogg", "notes.txt", ".hidden.mp3"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    return tmp_path


@pytest.fixture(autouse=True)
def heard(monkeypatch):
    """Hear nothing but a point of calm in every song."""
    monkeypatch.setattr(song_folder, "listen", lambda path: SongAnalysis(30.5, 0.4, -0.6))


@pytest.fixture
def tagged(monkeypatch):
    """Say what ffmpeg would find in files: ``tagged({"a.mp3": {"mood": "calm"}})``."""

    def set_tags(tags):
        def read_media(path, error, what):
            if tags.get(path.name) is None and path.name in tags:
                raise error(f"{path.name} is damaged")
            sound = [StreamInfo(0, "audio", "mp3")]
            return MediaInfo("mp3", 30.5, streams=sound, tags=tags.get(path.name, {}))

        monkeypatch.setattr(song_files, "read_media", read_media)

    set_tags({})
    return set_tags


def moods(library):
    return {track.path.name: track.mood and track.mood.name for track in library}


def noted(folder, text):
    (folder / "musify.toml").write_text(text, encoding="utf-8")
    return FolderLibrary(folder)


def test_audio_files_come_in_the_order_of_their_paths(folder, tagged):
    paths = [track.path.relative_to(folder).as_posix() for track in FolderLibrary(folder)]
    assert paths == ["b.MP3", "calm/a.mp3", "deep/sad/deeper/c.ogg"]
    assert [track.duration for track in FolderLibrary(folder)] == [30.5] * 3


def test_the_nearest_folder_that_is_a_mood_names_it(folder, tagged):
    library = FolderLibrary(folder, analyze=False)
    assert moods(library) == {"b.MP3": None, "a.mp3": "calm", "c.ogg": "sad"}
    assert moods(FolderLibrary(folder / "calm")) == {"a.mp3": "calm"}


def test_tags_say_more_than_folders_and_notes_more_than_tags(folder, tagged):
    tagged({"a.mp3": {"MOOD": "Xyzzy; Happy"}, "b.MP3": {"TMOO": "tense"}})
    assert moods(FolderLibrary(folder)) == {"b.MP3": "tense", "a.mp3": "happy", "c.ogg": "sad"}
    library = noted(folder, '[songs."calm/a.mp3"]\nmood = "epic"\n')
    assert moods(library)["a.mp3"] == "epic"


def test_own_moods(folder, tagged):
    tagged({"b.MP3": {"mood": "spooky"}})
    library = noted(
        folder, '[moods]\nspooky = [-0.4, 0.5]\n[songs."calm/a.mp3"]\nmood = "Spooky"\n'
    )
    assert moods(library) == {"b.MP3": "spooky", "a.mp3": "spooky", "c.ogg": "sad"}
    assert next(iter(library)).mood.point == (-0.4, 0.5)


def test_everything_a_note_can_say(folder, tagged):
    library = noted(
        folder,
        '[songs."b.MP3"]\ntitle = "Night Walk"\nartist = "Ann"\nbpm = 92\nkey = "D minor"\n'
        'licence = "CC-BY-4.0"\nlicence_url = "https://example.org"\nattribution = "by Ann"\n',
    )
    track = next(iter(library))
    assert (track.title, track.artist, track.bpm, track.key) == ("Night Walk", "Ann", 92, "D minor")
    assert (track.licence.name, track.licence.url) == ("CC-BY-4.0", "https://example.org")
    assert track.credit == "by Ann"


@pytest.mark.parametrize(
    ("tags", "facts"),
    [
        ({"TITLE": "A", "artist": "Ann"}, {"title": "A", "artist": "Ann"}),
        ({}, {"title": "b", "artist": None, "bpm": None, "key": None, "licence": None}),
        ({"BPM": "92.5", "initialkey": "Dm"}, {"bpm": 92.5, "key": "D minor"}),
        ({"TBPM": "fast"}, {"bpm": None}),
        ({"bpm": "0"}, {"bpm": None}),
        ({"bpm": "nan"}, {"bpm": None}),
        ({"REPLAYGAIN_TRACK_GAIN": "-6.20 dB"}, {"loudness_lufs": pytest.approx(-11.8)}),
        ({"REPLAYGAIN_TRACK_GAIN": "loud"}, {"loudness_lufs": None}),
        ({"license": " "}, {"licence": None}),
    ],
)
def test_what_tags_say(folder, tagged, tags, facts):
    tagged({"b.MP3": tags})
    track = next(iter(FolderLibrary(folder)))
    assert {name: getattr(track, name) for name in facts} == facts


def test_files_that_cannot_be_read_are_left_out_and_told(folder, tagged):
    tagged({"a.mp3": None})
    with collect_notices() as notices:
        names = list(moods(FolderLibrary(folder)))
    assert names == ["b.MP3", "c.ogg"]
    assert notices == [
        f"left out a song: {str(folder / 'calm' / 'a.mp3')!r} cannot be used: it is damaged"
    ]


@pytest.mark.parametrize(
    "found",
    [MediaInfo("mp3", None, streams=[StreamInfo(0, "audio", "mp3")]), MediaInfo("png", 1.0)],
)
def test_files_without_sound_or_length_are_left_out(folder, monkeypatch, found):
    monkeypatch.setattr(song_files, "read_media", lambda *args: found)
    nothing = Packets(np.empty(0), np.empty(0), np.empty(0, bool))
    monkeypatch.setattr(song_files, "read_packets", lambda *args: nothing)
    with collect_notices() as notices:
        assert list(FolderLibrary(folder)) == []
    assert all("has no sound" in notice for notice in notices)


def test_a_guessed_length_is_not_believed(folder, monkeypatch):
    streams = [StreamInfo(0, "audio", "aac")]
    guessed = MediaInfo("aac", 610.0, is_estimate=True, streams=streams)
    monkeypatch.setattr(song_files, "read_media", lambda *args: guessed)
    real = Packets(np.array([0.0, 30.0]), np.array([30.0, 30.0]), np.ones(2, bool))
    monkeypatch.setattr(song_files, "read_packets", lambda *args: real)
    assert {track.duration for track in FolderLibrary(folder, analyze=False)} == {60.0}


def test_a_folder_is_needed(folder):
    with pytest.raises(ParameterError, match="there is no folder of songs at"):
        FolderLibrary(folder / "none")
    with pytest.raises(ParameterError, match="there is no folder of songs at"):
        FolderLibrary(folder / "b.MP3")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[moods\n", r"cannot read '.*musify\.toml'"),
        ("[mood]\n", "mood is not a known key; there are moods, songs"),
        ("moods = 3\n", "moods must be an object, got 3"),
        ("[moods]\nspooky = -0.4\n", r"moods\.spooky must be a list"),
        ("[moods]\nspooky = [-0.4]\n", r"moods\.spooky must be \[valence, arousal\]"),
        ("[moods]\nspooky = [-0.4, 1.5]\n", r"moods\.spooky\[1\] must be from -1 to 1, got 1.5"),
        ("[moods]\nspooky = [-0.4, nan]\n", r"moods\.spooky\[1\] must be a number, got nan"),
        ('[moods]\n" " = [0, 0]\n', r"moods\. "),
        ('[songs]\n"b.MP3" = 3\n', r"songs\.b\.MP3 must be an object, got 3"),
        ('[songs."none.mp3"]\n', r"musify\.toml: songs names 'none\.mp3', which is no song in"),
        ('[songs."b.MP3"]\nmoood = "calm"\n', r"songs\.b\.MP3\.moood is not a known key"),
        ('[songs."b.MP3"]\nmood = "clam"\n', r"songs\.b\.MP3\.mood must be one of action, "),
        ('[songs."b.MP3"]\nbpm = "92"\n', r"songs\.b\.MP3\.bpm must be a number, got '92'"),
        ('[songs."b.MP3"]\nbpm = 0\n', r"songs\.b\.MP3\.bpm must be from 1 to 1000, got 0"),
        ('[songs."b.MP3"]\ntitle = ""\n', r"songs\.b\.MP3\.title must be text, got ''"),
        ('[songs."b.MP3"]\ntitle = 1979-05-27\n', r"songs\.b\.MP3\.title must be text"),
        ('[songs."b.MP3"]\nlicence = " "\n', r"songs\.b\.MP3\.licence"),
        ('[songs."b.MP3"]\nattribution = "x"\n', r"songs\.b\.MP3 must be given a licence"),
    ],
)
def test_a_wrong_note_names_its_file_and_key(folder, text, message):
    with pytest.raises(ParameterError, match=message) as caught:
        noted(folder, text)
    assert str(Path(folder, "musify.toml")) in str(caught.value)


def test_a_note_that_is_no_text(folder):
    (folder / "musify.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ParameterError, match=r"cannot read '.*musify\.toml'"):
        FolderLibrary(folder)


def test_the_error_of_a_song_is_that_of_sound(folder, monkeypatch):
    asked = []
    monkeypatch.setattr(
        song_files, "read_media", lambda path, error, what: asked.append(error) or MediaInfo()
    )
    list(FolderLibrary(folder))
    assert set(asked) == {AudioDecodeError}
