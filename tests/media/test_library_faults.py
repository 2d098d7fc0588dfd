"""Folders of real files: every format, and whatever is wrong with files, power and neighbours.

What is heard in a song is tested elsewhere; here a quick stand-in decodes it and no more.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from musify.audio.pcm import decode_range
from musify.backends.folder_library import FolderLibrary
from musify.index import places, song_folder
from musify.index.song_folder import SongFolder
from musify.notices import collect_notices
from musify.songs import SongAnalysis

pytestmark = pytest.mark.media

RATE = 8000


def patient(path):
    """As the analysis does it: a file that is shorter than it says is heard as far as it goes."""
    from musify import AudioDecodeError

    frames = 0
    try:
        for block in decode_range(path, 0, 1 << 40, RATE):
            assert np.isfinite(block).all()
            frames += len(block)
    except AudioDecodeError:
        if not frames:
            raise
    return SongAnalysis(frames / RATE)


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv(places.DATA_VARIABLE, str(tmp_path / "data"))
    monkeypatch.setattr(song_folder, "listen", patient)


@pytest.fixture(scope="module")
def outer(pytestconfig):
    return pytestconfig.pluginmanager.get_plugin(str(Path(__file__).parents[1] / "conftest.py"))


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "songs"
    path.mkdir()
    return path


@pytest.fixture
def tone(outer, folder):
    def make(name, *args, source="sine=440:d=3:r=44100"):
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        outer.ffmpeg("-f", "lavfi", "-i", source, *args, folder / name)
        return folder / name

    return make


TAGS = {
    "title": "A Song",
    "artist": "Ann",
    "genre": "Folk",
    "mood": "happy",
    "bpm": "92",
    "initialkey": "Dm",
    "license": "CC-BY-4.0",
    "replaygain_track_gain": "-6.20 dB",
}
ID3 = {"mood": "TMOO", "bpm": "TBPM", "initialkey": "TKEY"}


def tag_options(names=None):
    names = names or {}
    return [
        part
        for key, value in TAGS.items()
        for part in ("-metadata", f"{names.get(key, key)}={value}")
    ]


@pytest.mark.parametrize(
    ("name", "options", "unread"),
    [
        ("a.mp3", tag_options(ID3), ()),
        ("a.flac", tag_options(), ()),
        ("a.ogg", ["-c:a", "libvorbis", *tag_options()], ()),
        ("a.oga", ["-c:a", "flac", *tag_options()], ()),
        ("a.opus", tag_options(), ()),
        ("a.wav", tag_options(), ("mood", "bpm", "key", "licence")),
        ("a.aiff", ["-write_id3v2", "1", *tag_options(ID3)], ()),
        ("a.aif", [], None),
        ("a.wma", ["-c:a", "wmav2", *tag_options({"mood": "WM/Mood", "bpm": "WM/BeatsPerMinute",
                    "initialkey": "WM/InitialKey"})], ()),
        ("a.m4a", ["-movflags", "use_metadata_tags", *tag_options()], ()),
        ("a.aac", [], None),
    ],
)  # fmt: skip
def test_formats_and_their_tags(tone, folder, name, options, unread):
    before = tone(name, *options).read_bytes()
    done = SongFolder(folder).update()
    assert (done.songs, done.broken) == (1, {})
    (track,) = FolderLibrary(folder)
    assert track.duration == pytest.approx(3, abs=0.1)
    assert (folder / name).read_bytes() == before
    if unread is None:
        return
    assert (track.title, track.artist, track.genre) == ("A Song", "Ann", "Folk")
    found = {
        "mood": track.mood.name if track.mood else None,
        "bpm": track.bpm,
        "key": track.key,
        "licence": track.licence.name if track.licence else None,
    }
    wanted = {"mood": "happy", "bpm": 92, "key": "D minor", "licence": "CC-BY-4.0"}
    assert {k: v for k, v in found.items() if k not in unread} == {
        k: v for k, v in wanted.items() if k not in unread
    }


def test_what_a_wrong_ending_hides(tone, folder):
    tone("a.flac").rename(folder / "a.mp3")
    tone("b.mp3").rename(folder / "b.wav")
    tone("c.wav").rename(folder / "c.ogg")
    (folder / "d.mp3").write_text("[Verse] words of a song\n" * 99)
    (folder / "e.wav").write_bytes(os.urandom(50_000))
    done = SongFolder(folder).update()
    assert done.songs == 3
    assert set(done.broken) == {"d.mp3", "e.wav"}


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3", "a.opus", "a.aiff"])
def test_a_file_that_ends_early(tone, folder, name):
    data = tone(name, source="sine=440:d=20:r=44100").read_bytes()
    (folder / name).write_bytes(data[: len(data) // 2])
    done = SongFolder(folder).update()
    assert (done.songs, done.broken) == (1, {})
    (track,) = FolderLibrary(folder)
    # Sound does not lie evenly in all formats.
    assert 5 < track.duration < 15
    assert SongFolder(folder).check().is_clean


def test_an_m4a_that_ends_early_is_broken(tone, folder):
    data = tone("a.m4a").read_bytes()
    (folder / "a.m4a").write_bytes(data[: len(data) // 2])
    assert list(SongFolder(folder).update().broken) == ["a.m4a"]


def test_nothing_in_it(tone, folder):
    (folder / "empty.mp3").touch()
    header = tone("header.wav").read_bytes()
    (folder / "header.wav").write_bytes(header[:44])
    tone("picture.mp3", "-frames:v", "1", "-c:v", "mjpeg", "-f", "image2", source="testsrc=s=64x64")
    done = SongFolder(folder).update()
    assert done.songs == 0
    assert set(done.broken) == {"empty.mp3", "header.wav", "picture.mp3"}
    with collect_notices() as notices:
        assert list(FolderLibrary(folder)) == []
    assert len(notices) == 3


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("8k.wav", ["-ar", "8000", "-ac", "1"]),
        ("192k.wav", ["-ar", "192000", "-c:a", "pcm_s24le"]),
        ("192k.flac", ["-ar", "192000", "-sample_fmt", "s32"]),
        ("71.wav", ["-ac", "8"]),
        ("71.flac", ["-ac", "8"]),
        ("mono.mp3", ["-ac", "1", "-ar", "8000"]),
    ],
)
def test_unusual_sound(tone, folder, name, options):
    tone(name, *options)
    (track,) = FolderLibrary(folder)
    assert track.duration == pytest.approx(3, abs=0.2)


def test_sound_that_is_no_number(tone, folder):
    path = tone("a.wav", "-c:a", "pcm_f32le")
    data = bytearray(path.read_bytes())
    samples = np.frombuffer(data, "<f4", offset=len(data) - 4 * 44100)
    samples[::7], samples[1::7], samples[2::7] = np.nan, np.inf, -np.inf
    path.write_bytes(data)
    (track,) = FolderLibrary(folder)
    assert track.duration == pytest.approx(3, abs=0.01)
    assert "not a number" in SongFolder(folder).check().notes["a.wav"]


@pytest.mark.slow
def test_ten_hours(outer, folder):
    # As low as an encoder goes, and the same minute many times, so that it is made quickly.
    minute = folder.parent / "minute.mp3"
    outer.ffmpeg(
        "-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono:d=60", "-b:a", "8k",
        "-write_xing", "0", "-id3v2_version", "0", minute,
    )  # fmt: skip
    with (folder / "long.mp3").open("wb") as file:
        for _ in range(600):
            file.write(minute.read_bytes())
    start = time.process_time()
    done = SongFolder(folder).update()
    assert time.process_time() - start < 30
    assert (done.songs, done.broken, done.heard) == (1, {}, ())
    (track,) = FolderLibrary(folder)
    assert track.duration == pytest.approx(36_000, rel=0.01)
    assert track.analysis is None
    assert SongFolder(folder).check().notes["long.mp3"].startswith("it lasts 10.0 hours")


@pytest.fixture
def read_only(folder):
    done = subprocess.run(
        ["mount", "--bind", folder, folder], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"cannot mount: {done.stderr.strip()}")
    yield lambda: subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
    subprocess.run(["umount", folder], check=True)


def test_a_read_only_folder(tone, folder, read_only, tmp_path):
    tone("a.wav")
    read_only()
    with collect_notices() as notices:
        file = SongFolder(folder).settle()
    assert file.is_relative_to(tmp_path / "data")
    assert "cannot be written" in notices[0]
    assert SongFolder(folder).update().heard == ("a.wav",)
    SongFolder(folder).tag(folder / "a.wav", {"genre": "folk"})
    assert next(iter(FolderLibrary(folder))).genre == "folk"
    assert [file.name for file in folder.iterdir()] == ["a.wav"]


def test_an_index_on_a_medium_that_became_read_only(tone, folder, read_only):
    tone("a.wav")
    SongFolder(folder).settle()
    SongFolder(folder).update()
    read_only()
    assert SongFolder(folder).check().is_clean
    assert [entry.heard for entry in SongFolder(folder).entries()] == [True]
    with collect_notices() as notices:
        SongFolder(folder).tag(folder / "a.wav", {"genre": "folk"})
    assert "it goes on in" in notices[0]
    assert next(iter(FolderLibrary(folder))).genre == "folk"


def test_a_full_disk_keeps_what_was_finished(small_disk, folder, tone, monkeypatch):
    from musify import OutputError

    for number in range(30):
        tone(f"{number:02d}.wav", source=f"sine={200 + number}:d=0.1:r=8000")
    monkeypatch.setenv(places.DATA_VARIABLE, str(small_disk))

    rng = np.random.default_rng(0)

    def listen(path):
        noise = rng.random((3, 900))
        return SongAnalysis(0.1, curve_times=range(900), energy=noise[0], plane=noise[1:].T)

    with pytest.raises(OutputError, match=r"the disk is full; what was finished before is kept"):
        SongFolder(folder, analyze=listen).update(workers=1)
    heard = [entry.heard for entry in SongFolder(folder).entries()]
    assert 0 < sum(heard) < 30


INDEXER = """
import sys, time
from pathlib import Path
from musify.index.song_folder import SongFolder
from musify.songs import SongAnalysis

log = open(sys.argv[2], "a", buffering=1)

def listen(path):
    time.sleep(float(sys.argv[3]))
    log.write(path.name + "\\n")
    return SongAnalysis(0.2, curve_times=range(2000), energy=[0.5] * 2000, plane=[(0, 0)] * 2000)

SongFolder(sys.argv[1], analyze=listen).update(workers=2)
"""


@pytest.fixture
def indexer(folder, tmp_path):
    running = []

    def start(log, seconds):
        command = [sys.executable, "-c", INDEXER, folder, tmp_path / log, str(seconds)]
        running.append(subprocess.Popen(command, stderr=subprocess.PIPE))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stderr.close()


def lines(path):
    return path.read_text().split() if path.exists() else []


def few_tones(tone, folder, count):
    tone("0.wav", source="sine=300:d=0.2:r=8000")
    data = bytearray((folder / "0.wav").read_bytes())
    for number in range(1, count):
        data[-2] = number
        (folder / f"{number}.wav").write_bytes(data)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("after", [0, 1, 5])
def test_power_cut_while_indexing(tone, folder, tmp_path, indexer, after):
    few_tones(tone, folder, 10)
    SongFolder(folder).settle()
    process = indexer("first", 0.05)
    while len(lines(tmp_path / "first")) < after and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = sum(entry.heard for entry in SongFolder(folder).entries())
    assert kept >= len(lines(tmp_path / "first")) - 2, "at most what was in work is lost"
    assert indexer("second", 0).wait(60) == 0
    assert sum(entry.heard for entry in SongFolder(folder).entries()) == 10
    second = lines(tmp_path / "second")
    assert len(second) == len(set(second)) == 10 - kept, "nothing is done twice"
    assert SongFolder(folder).check().is_clean


def test_two_indexers_at_once(tone, folder, tmp_path, indexer):
    few_tones(tone, folder, 16)
    both = [indexer(name, 0.1) for name in ("first", "second")]
    assert [process.wait(60) for process in both] == [0, 0], [p.stderr.read() for p in both]
    done = lines(tmp_path / "first") + lines(tmp_path / "second")
    assert len(done) == len(set(done)) == 16, "they share the work"
    assert SongFolder(folder).check().is_clean


def test_a_folder_copied_with_its_index_knows_its_songs(tone, folder, tmp_path):
    few_tones(tone, folder, 3)
    SongFolder(folder).settle()
    SongFolder(folder).update()
    shutil.copytree(folder, tmp_path / "copy")  # times of change are kept
    assert SongFolder(tmp_path / "copy").check().is_clean
    shutil.copytree(folder, tmp_path / "fresh", copy_function=shutil.copyfile)
    assert SongFolder(tmp_path / "fresh").update().heard == ()
