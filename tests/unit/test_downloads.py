"""Files come whole, or not at all under their name, and go on where they broke off."""

import base64
import hashlib
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from musify.errors import OutputError, ServiceError
from musify.online.client import WebClient
from musify.online.downloads import Saved, save_file
from musify.online.found_songs import FoundSong
from musify.online.song_store import SongStore
from musify.tracks import Licence
from stand_ins.web_service import QuickClock, WebService, file_reply, reply

SONG = bytes(range(256)) * 1000
KIND = "audio/mpeg"
WHOLE = Saved(len(SONG), hashlib.sha256(SONG).hexdigest())


@pytest.fixture
def service():
    with WebService() as server:
        yield server


@pytest.fixture
def fetch(service, tmp_path):
    with WebClient("Mock", service.url, timeout=10, clock=QuickClock()) as client:

        def save(**options):
            options = {"kinds": ("audio/",), "most_bytes": 1_000_000} | options
            return save_file(client, f"{service.url}/song", tmp_path / "song.mp3", **options)

        yield save


def broken_off(at, **headers):
    """Send the beginning of the song, and hang up."""
    whole = reply(SONG, kind=KIND, **headers)
    return whole[: len(whole) - len(SONG) + at]


def whole_or_rest(request):
    return file_reply(request, SONG, KIND)


def names(folder):
    return sorted(file.name for file in folder.iterdir())


def test_a_file_comes_whole(fetch, service, tmp_path):
    evil = 'attachment; filename="../../evil.mp3"'
    service.on("/song", lambda r: file_reply(r, SONG, KIND, Content_Disposition=evil))
    assert fetch() == WHOLE
    assert (tmp_path / "song.mp3").read_bytes() == SONG
    assert names(tmp_path) == ["song.mp3"]
    assert not [*tmp_path.parent.glob("evil*"), *tmp_path.parent.parent.glob("evil*")]


def test_it_goes_on_where_it_broke_off(fetch, service, tmp_path):
    service.in_turn(
        "/song",
        broken_off(100_000, ETag='"one"'),
        lambda request: file_reply(request, SONG, KIND, ETag='"one"'),
    )
    assert fetch() == WHOLE
    assert service.requests[1].headers["range"] == "bytes=100000-"
    assert service.requests[1].headers["if-range"] == '"one"'
    assert (tmp_path / "song.mp3").read_bytes() == SONG
    assert names(tmp_path) == ["song.mp3"]


def test_it_goes_on_in_another_call(fetch, service, tmp_path):
    broken = broken_off(50_000, ETag='"one"')
    service.on("/song", broken)
    with pytest.raises(ServiceError, match="connection") as caught:
        fetch()
    assert caught.value.retryable
    assert names(tmp_path) == [".song.mp3.part", ".song.mp3.part.json"]
    before = len(service.requests)
    service.on("/song", lambda request: file_reply(request, SONG, KIND, ETag='"one"'))
    assert fetch() == WHOLE
    assert service.requests[before].headers["range"] == "bytes=50000-"
    assert names(tmp_path) == ["song.mp3"]


def test_a_connection_that_breaks_off_again_and_again_still_brings_it(fetch, service, tmp_path):
    def some(request):
        whole = file_reply(request, SONG, KIND, ETag='"one"')
        return whole[: whole.index(b"\r\n\r\n") + 4 + 30_000]

    service.on("/song", some)
    assert fetch() == WHOLE
    assert len(service.requests) == 9
    assert (tmp_path / "song.mp3").read_bytes() == SONG


def test_a_file_that_changed_begins_anew(fetch, service, tmp_path):
    service.in_turn("/song", broken_off(50_000, ETag='"old"'), whole_or_rest)
    assert fetch() == WHOLE
    assert (tmp_path / "song.mp3").read_bytes() == SONG


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"weak"'}])
def test_what_cannot_be_told_apart_begins_anew(fetch, service, headers):
    service.in_turn("/song", broken_off(50_000, **headers), whole_or_rest)
    assert fetch() == WHOLE
    assert "range" not in service.requests[1].headers


@pytest.mark.parametrize(
    "span", ["bytes 0-255999/256000", "bytes 60000-255999/256000", "bytes 50000-9/256000", "", "x"]
)
def test_a_wrong_part_begins_anew(fetch, service, tmp_path, span):
    wrong = reply(SONG[50_000:], 206, KIND, Content_Range=span, ETag='"one"')
    service.in_turn("/song", broken_off(50_000, ETag='"one"'), wrong, whole_or_rest)
    assert fetch() == WHOLE
    assert (tmp_path / "song.mp3").read_bytes() == SONG


def test_a_part_that_is_longer_than_the_file_begins_anew(fetch, service, tmp_path):
    service.in_turn(
        "/song",
        broken_off(50_000, ETag='"one"'),
        reply(b"", 416, Content_Range="bytes */9"),
        whole_or_rest,
    )
    assert fetch() == WHOLE


def test_damaged_notes_on_a_part_begin_anew(fetch, service, tmp_path):
    (tmp_path / ".song.mp3.part").write_bytes(b"of something else")
    (tmp_path / ".song.mp3.part.json").write_text("[")
    service.on("/song", whole_or_rest)
    assert fetch() == WHOLE


def digest_of(content):
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def test_a_checksum_of_the_service_is_compared(fetch, service, tmp_path):
    good = digest_of(SONG)
    damaged = reply(SONG[::-1], kind=KIND, Repr_Digest=good)
    service.in_turn("/song", damaged, reply(SONG, kind=KIND, Repr_Digest=good))
    assert fetch() == WHOLE
    service.on("/song", damaged)
    with pytest.raises(ServiceError, match="SHA-256"):
        fetch()
    assert (tmp_path / "song.mp3").read_bytes() == SONG  # the old one
    assert names(tmp_path) == ["song.mp3"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(SONG * 5, kind=KIND), "more than 1 MB"),
        (reply(SONG, kind=KIND, Content_Length="-").partition(b"Content")[0], "connection"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n" + SONG * 5,
            "more than 1 MB",
        ),
        (reply("<html>", kind="text/html"), "text/html"),
        (reply(b"", kind=KIND), "empty"),
        (reply("gone", 404, "text/plain"), "404"),
        (reply("", 302, Location="https://elsewhere.example/song"), "none of this service's"),
    ],
)
def test_what_is_refused_leaves_nothing_under_the_name(fetch, service, tmp_path, answer, words):
    service.on("/song", answer)
    with pytest.raises(ServiceError, match=words) as caught:
        fetch()
    if not caught.value.retryable:
        assert names(tmp_path) == []
    assert not (tmp_path / "song.mp3").exists()


def test_a_folder_that_cannot_be_written_is_told(service, tmp_path):
    service.on("/song", whole_or_rest)
    with (
        WebClient("Mock", service.url, clock=QuickClock()) as client,
        pytest.raises(OutputError, match="cannot write"),
    ):
        save_file(
            client,
            f"{service.url}/song",
            tmp_path / "missing" / "song.mp3",
            kinds=("audio/",),
            most_bytes=1_000_000,
        )


def test_who_was_killed_goes_on(service, tmp_path):
    def half(request, send):
        whole = file_reply(request, SONG, KIND, ETag='"one"')
        send(whole[: whole.index(b"\r\n\r\n") + 4 + 130_000])
        service.ended.wait(20)

    service.on("/song", half)
    code = (
        "import sys; from pathlib import Path\n"
        "from musify.online.client import WebClient\n"
        "from musify.online.downloads import save_file\n"
        "client = WebClient('Mock', sys.argv[1])\n"
        "save_file(client, sys.argv[1] + '/song', Path(sys.argv[2]), kinds=('audio/',), "
        "most_bytes=10**6)\n"
    )
    target = tmp_path / "song.mp3"
    child = subprocess.Popen([sys.executable, "-c", code, service.url, str(target)])
    part = tmp_path / ".song.mp3.part"
    until = time.monotonic() + 30
    while not (part.exists() and part.stat().st_size > 100_000) and time.monotonic() < until:
        time.sleep(0.02)
    child.kill()
    child.wait()
    assert not target.exists()
    begun = part.stat().st_size
    service.on("/song", lambda request: file_reply(request, SONG, KIND, ETag='"one"'))
    with WebClient("Mock", service.url) as client:
        url = f"{service.url}/song"
        assert save_file(client, url, target, kinds=("audio/",), most_bytes=10**6) == WHOLE
    assert service.requests[-1].headers["range"] == f"bytes={begun}-"
    assert target.read_bytes() == SONG


def test_two_at_once_do_not_spoil_it(service, tmp_path):
    song = FoundSong("mock", "a-1", "A", "", 9.0, f"{service.url}/song", "", Licence("CC0-1.0"))
    slow = threading.Event()
    content = b"ID3" + SONG

    def answer(request, send):
        whole = file_reply(request, content, KIND, ETag='"one"')
        send(whole[:150_000])
        slow.wait(0.3)
        send(whole[150_000:])

    service.on("/song", answer)

    def fetch(_):
        with WebClient("Mock", service.url) as client:
            return SongStore(tmp_path, 10**8).fetch(client, song, ()).read_bytes() == content

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(fetch, range(4)))
    assert (tmp_path / "mock-a-1.mp3").read_bytes() == content
    assert len(service.requests) == 1
