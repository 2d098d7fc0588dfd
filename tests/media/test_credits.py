"""Credits in the file itself, and a film with music from the web from end to end."""

import numpy as np
import pytest

import musify
from musify import Soundtrack, get_backend, probe
from musify.video import read_media
from stand_ins.music_services import Openverse, Song

pytestmark = pytest.mark.media
WORDS = "“A” by Ada (https://a.example), CC BY 4.0\n“B = C; D” by Bob, CC BY 4.0"


def tags_of(path):
    info = read_media(path, musify.OutputError, "video")
    stream = next(stream.index for stream in info.streams if stream.kind == "audio")
    return info.tags, info.stream_tags.get(stream, {})


def muxed(video, output, words=WORDS):
    sound = Soundtrack(
        48_000, 2, 48_000, lambda: iter([np.zeros((48_000, 2), np.float32)]), credits=words
    )
    return get_backend("audio_muxer", "ffmpeg").mux(video, sound, output)


def test_mp4_has_them_in_its_comment(tiny_video, tmp_path):
    tags, _ = tags_of(muxed(probe(tiny_video), tmp_path / "out.mp4"))
    assert tags["comment"] == WORDS


def test_matroska_has_them_in_the_new_sound(tiny_video, tmp_path):
    tags, of_sound = tags_of(muxed(probe(tiny_video), tmp_path / "out.mkv"))
    assert {key.lower(): words for key, words in of_sound.items()}["comment"] == WORDS
    assert "comment" not in {key.lower() for key in tags}


def test_what_stood_there_stays(make_clip, tmp_path):
    film = ("-f", "lavfi", "-i", "testsrc=s=64x48:d=1:r=10", "-metadata", "comment=mine")
    one = make_clip("commented.mp4", *film)
    tags, _ = tags_of(muxed(probe(one), tmp_path / "one.mp4"))
    assert (tags["comment"], tags["description"]) == ("mine", WORDS)
    both = make_clip("described.mp4", *film, "-metadata", "description=too")
    tags, _ = tags_of(muxed(probe(both), tmp_path / "both.mp4"))
    assert (tags["comment"], tags["description"]) == ("mine", "too")


def test_without_credits_no_tag_is_added(tiny_video, tmp_path):
    tags, _ = tags_of(muxed(probe(tiny_video), tmp_path / "out.mp4", words=""))
    assert "comment" not in tags


def test_a_film_with_music_from_the_web(tiny_video, songs, tmp_path):
    on_offer = [
        Song(
            f"n-{place}",
            f"Song {place}",
            artist=f"Artist {place}",
            tags=(mood, "instrumental"),
            seconds=4,
            content=(songs / mood / f"{mood}.wav").read_bytes(),
            kind="audio/x-wav",
        )
        for place, mood in enumerate(("calm", "happy", "sad", "action"))
    ]
    output = tmp_path / "film.mp4"
    with Openverse(*on_offer) as service:
        library = get_backend(
            "song_library",
            "openverse",
            base_url=service.base_url,
            folder=tmp_path / "songs",
            songs=1,
            length=(1, 60),
            instrumental=False,
        )
        pipeline = musify.Pipeline(
            library=library, mood_classifier="palette", loudness=None, dynamics=None
        )
        result = pipeline.run(tiny_video, output)
        asked = {request.query["q"].split()[0] for request in service.asked("/v1/audio/")}
    # It searched for what the film shows, and for nothing else.
    words = {
        word
        for label in result.timeline.labels
        for word in musify.online.mood_words.song_words(musify.Mood.named(label)).songs
    }
    assert asked <= words
    assert any("'film.CREDITS.txt'" in warning for warning in result.warnings)
    (track,) = result.cues.tracks
    assert track.licence.name == "CC-BY-4.0"
    assert track.analysis is not None
    assert result.cues.credits() in (tmp_path / "film.CREDITS.txt").read_text(encoding="utf-8")
    assert tags_of(output)[0]["comment"] == result.cues.credits()
    plan = musify.CueSheet.from_json(result.cues.to_json())
    assert plan.credits() == result.cues.credits()
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "film.CREDITS.txt", "film.mp4", "songs"
    ]  # fmt: skip
