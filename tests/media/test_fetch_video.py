"""Videos by their address, from a site on loopback that behaves and misbehaves."""

import gc
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import musify
from musify.cli import make_app
from musify.errors import (
    AuthenticationError,
    MusifyError,
    OutputError,
    ParameterError,
    ServiceError,
)
from stand_ins.web_service import Request, WebService, file_reply, reply

# yt-dlp leaves connections that failed to the garbage collector.
pytestmark = [
    pytest.mark.media,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture
def site(tiny_video: Path) -> Iterator[WebService]:
    clip = tiny_video.read_bytes()
    with WebService() as site:
        site.on("/clip.mp4", lambda request: file_reply(request, clip, "video/mp4"))
        yield site


def musify_shell(*words: object) -> Result:
    return CliRunner().invoke(make_app(), [str(word) for word in words])


def fetch(site: WebService, path: str, folder: Path, **options: object) -> musify.FetchedVideo:
    given = {"private": True, "timeout": 2, **options}
    return musify.fetch_video(site.url + path, folder / "got.mp4", **given)


def page(*videos: str) -> bytes:
    tags = "".join(f"<video src='{video}'></video>" for video in videos)
    return reply(f"<html><title>A holiday</title><body>{tags}</body></html>", kind="text/html")


def test_a_file_comes_as_it_is(site, tiny_video, tmp_path):
    seen = []
    got = fetch(site, "/clip.mp4", tmp_path, on_progress=seen.append)
    assert got.path.read_bytes() == tiny_video.read_bytes()
    assert got.origin.page == f"{site.url}/clip.mp4"
    assert [file.name for file in tmp_path.iterdir()] == ["got.mp4"]
    assert {step.stage for step in seen} == {"fetch"}
    assert seen[-1].done == seen[-1].total == len(tiny_video.read_bytes())
    assert pickle.loads(pickle.dumps(got)) == got


def test_a_page_names_what_was_fetched(site, tiny_video, tmp_path):
    site.on("/page", page("/clip.mp4"))
    got = musify.fetch_video(f"{site.url}/page", tmp_path, private=True)
    assert got.path.parent == tmp_path
    assert got.path.read_bytes() == tiny_video.read_bytes()
    assert got.origin.title.startswith("A holiday")


def test_picture_and_sound_apart_are_joined(site, tiny_video, tmp_path, ffmpeg):
    stream = tmp_path / "stream"
    stream.mkdir()
    ffmpeg(
        "-i", tiny_video, "-c", "copy", "-f", "hls", "-hls_time", "4", "-hls_list_size", "0",
        "-var_stream_map", "a:0,agroup:sound,default:yes v:0,agroup:sound",
        "-map", "0:a", "-map", "0:v", "-master_pl_name", "film.m3u8", stream / "part-%v.m3u8",
    )  # fmt: skip
    kinds = {".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t"}

    def part(request: Request) -> bytes:
        file = stream / request.path.removeprefix("/stream/")
        return file_reply(request, file.read_bytes(), kinds[file.suffix])

    site.on("/stream/", part)
    got = fetch(site, "/stream/film.m3u8", tmp_path)
    info = musify.probe(got.path)
    assert {stream.kind for stream in info.streams} == {"video", "audio"}
    assert info.duration == pytest.approx(12, abs=0.1)


def test_one_of_a_playlist_is_asked_for(site, tiny_video, tmp_path):
    site.on("/two", page("/clip.mp4", "/clip.mp4?2"))
    with pytest.raises(ParameterError, match=r"playlist.*playlist_item=1"):
        fetch(site, "/two", tmp_path)
    got = fetch(site, "/two", tmp_path, playlist_item=2)
    assert "(2)" in got.origin.title
    with pytest.raises(MusifyError, match=r"no such item|no video"):
        fetch(site, "/two", tmp_path, playlist_item=7, overwrite=True)


def cut_off(site: WebService, clip: bytes) -> None:
    whole = reply(clip, kind="video/mp4")
    site.on("/bad", whole[: len(whole) // 2])


FAULTS = {
    "nothing there": (404, ServiceError, "nothing at this address"),
    "forbidden": (403, AuthenticationError, "refuses"),
    "busy": (503, ServiceError, "try again later"),
    "too many": (429, ServiceError, "try again later"),
}


@pytest.mark.parametrize(("status", "kind", "words"), FAULTS.values(), ids=FAULTS)
def test_what_a_site_answers_is_told(site, tmp_path, status, kind, words):
    site.on("/bad", reply("no", status, "text/plain"))
    with pytest.raises(kind, match=words) as caught:
        fetch(site, "/bad", tmp_path)
    assert caught.value.retryable is (status in (429, 503))
    assert list(tmp_path.iterdir()) == []


def test_a_page_without_a_video(site, tmp_path):
    site.on("/bad", reply("<html><title>Words</title></html>", kind="text/html"))
    with pytest.raises(ServiceError, match="no video at this address"):
        fetch(site, "/bad", tmp_path)


def test_something_else_under_the_name_of_a_video(site, tmp_path):
    site.on("/bad.mp4", reply(b"not a video " * 999, kind="video/mp4"))
    with pytest.raises(ServiceError, match="no video that can be read"):
        fetch(site, "/bad.mp4", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_half_a_video(site, tiny_video, tmp_path):
    cut_off(site, tiny_video.read_bytes())
    with pytest.raises(ServiceError, match="connection failed") as caught:
        fetch(site, "/bad", tmp_path)
    assert caught.value.retryable
    assert list(tmp_path.iterdir()) == []


def test_silence_ends(site, tmp_path):
    site.on("/bad", site.silence)
    with pytest.raises(ServiceError, match="connection failed"):
        fetch(site, "/bad", tmp_path, timeout=0.2)


@pytest.mark.parametrize("place", ["file:///etc/hostname", "ftp://127.0.0.1/clip.mp4"])
def test_it_is_not_led_elsewhere(site, tmp_path, place):
    site.on("/bad", reply(b"", 302, Location=place))
    with pytest.raises(MusifyError):
        fetch(site, "/bad", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_it_is_not_led_to_this_machine(site, tmp_path, monkeypatch):
    """A public address that leads to a private one is refused before anything is asked there."""
    site.on("/bad", reply(b"", 302, Location=f"{site.url}/clip.mp4"))
    from musify.online import video_address

    def seems_public(host: str) -> str | None:
        return None if len(site.requests) == 0 else host

    monkeypatch.setattr(video_address, "private_host", seems_public)
    with pytest.raises(ParameterError, match="private network"):
        musify.fetch_video(f"{site.url}/bad", tmp_path / "got.mp4", timeout=2)
    assert [request.path for request in site.requests] == ["/bad"]
    assert list(tmp_path.iterdir()) == []


LIMITS = {
    "bytes": ({"max_bytes": 5000}, "larger than max_bytes=5000"),
    "seconds": ({"max_seconds": 3}, "lasts 12 s, more than max_seconds=3"),
}


@pytest.mark.parametrize(("limit", "words"), LIMITS.values(), ids=LIMITS)
def test_limits_hold(site, tmp_path, limit, words):
    with pytest.raises(ParameterError, match=words):
        fetch(site, "/clip.mp4", tmp_path, **limit)
    assert list(tmp_path.iterdir()) == []


def test_a_size_that_nobody_tells_is_limited_too(site, tiny_video, tmp_path):
    whole = reply(tiny_video.read_bytes(), kind="video/mp4", Content_Length="-")
    site.on("/clip.mp4", whole)
    with pytest.raises(ParameterError, match="larger than max_bytes"):
        fetch(site, "/clip.mp4", tmp_path, max_bytes=5000)
    assert list(tmp_path.iterdir()) == []


def test_what_progress_raises_stops_it(site, tmp_path):
    def stop(_: musify.Progress) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        fetch(site, "/clip.mp4", tmp_path, on_progress=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("at_the_end", [False, True])
def test_it_can_be_cancelled(site, tmp_path, at_the_end):
    token = musify.CancelToken()

    def cancel(progress: musify.Progress) -> None:
        if progress.fraction == 1 or not at_the_end:
            token.cancel()

    with token, pytest.raises(musify.CancelledError):
        fetch(site, "/clip.mp4", tmp_path, on_progress=cancel)
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_exists_stays(site, tmp_path):
    (tmp_path / "got.mp4").write_text("mine")
    with pytest.raises(OutputError, match="exists"):
        fetch(site, "/clip.mp4", tmp_path)
    assert site.requests == []
    assert (tmp_path / "got.mp4").read_text() == "mine"


def test_music_under_a_video_by_its_address(site, songs, tmp_path):
    output = tmp_path / "out.mp4"
    address = f"{site.url}/clip.mp4"
    with pytest.raises(ParameterError, match="private network"):
        musify.Pipeline(library=songs).run(address, output)
    done = musify_shell("add", "-u", address, output, "--private", "-l", songs, "--json")
    assert done.exit_code == 0, done.output
    assert address in done.stdout
    assert [file.name for file in tmp_path.iterdir()] == ["out.mp4"]


def test_the_origin_stands_in_the_cue_sheet(site, songs, tmp_path):
    got = fetch(site, "/clip.mp4", tmp_path)
    sheet = musify.Pipeline(library=songs).plan(got)
    assert sheet.origin == got.origin
    assert got.origin.page in sheet.credits()
    assert musify.CueSheet.from_json(sheet.to_json()).origin == got.origin


def test_the_shell_fetches(site, tmp_path):
    done = musify_shell("fetch", f"{site.url}/clip.mp4", tmp_path / "a.mp4", "--private")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "a.mp4").is_file()
    again = musify_shell("fetch", f"{site.url}/clip.mp4", tmp_path / "a.mp4", "--private")
    assert again.exit_code == 3
    assert musify_shell("fetch", "holiday.mp4").exit_code == 2


@pytest.mark.parametrize("sent", [0, 300, 20_000], ids=["nothing", "the head", "a part"])
def test_a_site_that_stalls_can_be_left(site, tiny_video, tmp_path, sent):
    """Before it answers, after its head, and in the middle of the file."""
    whole = reply(tiny_video.read_bytes(), kind="video/mp4")
    stalled = threading.Event()

    def answer(_: Request, send: Callable[[bytes], None]) -> None:
        send(whole[:sent])
        stalled.set()
        site.ended.wait(30)

    site.on("/slow.mp4", answer)
    token, cancelled = musify.CancelToken(), []

    def cancel() -> None:
        stalled.wait()
        time.sleep(0.3)
        cancelled.append(time.monotonic())
        token.cancel()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    with token, pytest.raises(musify.CancelledError):
        fetch(site, "/slow.mp4", tmp_path, timeout=20)
    assert time.monotonic() - cancelled[0] < 1
    canceller.join()
    assert list(tmp_path.iterdir()) == []
