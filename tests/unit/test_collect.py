"""Pictures are gathered politely, each once, whole, and with where it comes from."""

import io
import json
import logging
import struct
import zlib

import pytest
from PIL import Image

from musify.cancelling import CancelToken
from musify.errors import (
    AuthenticationError,
    CancelledError,
    MediaError,
    OutputError,
    ParameterError,
    ServiceError,
)
from musify.notices import collect_notices
from musify.online.alone import alone
from musify.online.client import WebClient
from musify.online.collect import collect_pictures
from musify.online.manifest import Manifest
from musify.online.picture_check import check_picture, is_alike
from musify.online.pixabay import explain, find_pictures
from stand_ins.picture_services import OpenversePictures, Pixabay, picture
from stand_ins.web_service import QuickClock, json_reply, reply


@pytest.fixture(autouse=True)
def clock(tmp_path, monkeypatch):
    import musify.online.client

    monkeypatch.setenv("MUSIFY_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("PIXABAY_API_KEY", raising=False)
    clock = QuickClock()
    monkeypatch.setattr(musify.online.client, "Clock", lambda: clock)
    return clock


@pytest.fixture(params=["openverse", "pixabay"])
def service(request):
    with {"openverse": OpenversePictures, "pixabay": Pixabay}[request.param]() as server:
        server.name = request.param
        yield server


@pytest.fixture
def pixabay():
    with Pixabay() as server:
        server.name = "pixabay"
        yield server


@pytest.fixture
def gather(tmp_path):
    def collect(service, *moods, **options):
        given = {"source": service.name, "base_url": service.base_url, "per_mood": 4}
        if service.name == "pixabay":
            given["key"] = Pixabay.KEY
        return collect_pictures(tmp_path / "pictures", moods or ("calm",), **given | options)

    return collect


def files(folder):
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(set(found) - {".lock"})


def manifest(folder):
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]


def test_each_mood_has_a_folder_and_each_picture_a_line(service, gather, tmp_path):
    report = gather(service, "calm", "happy")
    folder = tmp_path / "pictures"
    assert report.folder == folder
    assert [(m.mood, m.wanted, m.kept, m.new) for m in report.moods] == [
        ("calm", 4, 4, 4), ("happy", 4, 4, 4)
    ]  # fmt: skip
    lines = manifest(folder)
    assert files(folder) == sorted(["manifest.jsonl", *(line["file"] for line in lines)])
    for line in lines:
        assert line["file"].startswith(f"{line['mood']}/{service.name}-")
        assert line["page"].startswith("https://")
        assert line["licence"]["name"].startswith(("CC", "Pixabay"))
        assert line["page"] in line["licence"]["attribution"]
        assert line["query"]
        assert len(line["sha256"]) == 64
        assert line["fetched_at"].endswith("Z")
        Image.open(folder / line["file"]).load()
    # Several searches, in turn.
    assert len({line["query"] for line in lines}) == 8
    assert Pixabay.KEY not in json.dumps(lines) + str(report)


def test_requests_are_spaced(service, gather, clock):
    gather(service, spacing=2.0)
    assert len(clock.slept) >= len(service.requests) - 1
    assert max(clock.slept) <= 2.0
    assert sum(clock.slept) >= (len(service.requests) - 2) * 1.5


def test_it_says_how_many_and_what_the_service_allows(service, gather):
    with collect_notices() as notices:
        gather(service)
    assert "up to 4 pictures" in notices[0]
    assert ("mass downloads" if service.name == "pixabay" else "no scraping") in notices[0]


def test_run_again_it_fetches_nothing_twice(service, gather, tmp_path):
    gather(service)
    before = files(tmp_path / "pictures")
    count = len(service.requests)
    report = gather(service)
    assert (report.moods[0].kept, report.moods[0].new) == (4, 0)
    assert len(service.requests) == count
    report = gather(service, per_mood=6)
    assert (report.moods[0].kept, report.moods[0].new) == (6, 2)
    assert set(before) < set(files(tmp_path / "pictures"))
    # Searches came from the answers that were kept: only two pictures were asked for.
    assert len(service.requests) == count + 2


def test_it_goes_on_after_a_failure(pixabay, gather, tmp_path):
    number = 100_000
    pixabay.on(f"/get/{number}_", b"")
    with pytest.raises(ServiceError, match="network") as caught:
        gather(pixabay, queries={"calm": ["quiet"]}, per_mood=3)
    assert caught.value.retryable
    assert files(tmp_path / "pictures") == []
    del pixabay._answers[f"/get/{number}_"]
    report = gather(pixabay, queries={"calm": ["quiet"]}, per_mood=3)
    assert report.moods[0].new == 3
    assert manifest(tmp_path / "pictures")[0]["id"] == str(number)


def test_a_line_that_was_cut_off_is_written_again(service, gather, tmp_path):
    gather(service, per_mood=3)
    file = tmp_path / "pictures" / "manifest.jsonl"
    lines = manifest(file.parent)
    file.write_text(file.read_text()[:-40])
    (file.parent / lines[-1]["file"]).unlink()  # a file gets its name after its line
    report = gather(service, per_mood=3)
    assert report.moods[0].kept == 3
    assert manifest(file.parent)[:2] == lines[:2]
    assert len(files(file.parent)) == 4


def test_what_the_user_threw_away_does_not_come_back(service, gather, tmp_path):
    gather(service)
    folder = tmp_path / "pictures"
    first = manifest(folder)[0]["file"]
    (folder / first).unlink()
    report = gather(service)
    assert report.moods[0].new == 1
    assert not (folder / first).exists()


def test_the_same_picture_is_kept_once(pixabay, gather, tmp_path):
    small = Image.open(io.BytesIO(picture(100_000))).resize((320, 213))
    again = io.BytesIO()
    small.save(again, "JPEG", quality=40)
    pixabay.on("/get/100001_", reply(again.getvalue(), kind="image/jpeg"))
    pixabay.on("/get/110000_", reply(again.getvalue(), kind="image/jpeg"))  # of another mood
    report = gather(pixabay, "calm", "sad", queries={"calm": ["a"], "sad": ["b"]}, per_mood=3)
    assert [mood.duplicates for mood in report.moods] == [1, 1]
    lines = manifest(tmp_path / "pictures")
    out = [line for line in lines if not line["file"]]
    assert [(line["id"], line["left_out"]) for line in out] == [
        ("100001", "nearly the same is there"),
        ("110000", "nearly the same is there"),
    ]


def test_one_that_two_searches_find_is_fetched_once(pixabay, gather):
    pixabay.overlap = 10_000  # each search finds the same
    gather(pixabay, queries={"calm": ["a", "b", "c"]}, per_mood=6)
    pictures = [r.path for r in pixabay.requests if r.path.startswith("/get/")]
    assert len(pictures) == len(set(pictures)) == 6


def png(width, height, data=b""):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(
            ">I", zlib.crc32(kind + body)
        )  # fmt: skip

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


BAD = {
    "1x1": (picture(1, (1, 1)), "1x1 pixels"),
    "20000x20000": (png(20_000, 20_000, zlib.compress(bytes(4_000_000))), "too large to decode"),
    "9000x9000": (png(9_000, 9_000, zlib.compress(bytes(1000))), "9000x9000 pixels"),
    "zip bomb": (png(5_000, 5_000, zlib.compress(bytes(90_000_000), 9)[:5000]), "decoded"),
    "half": (picture(2)[:4000], "decoded"),
    "empty": (b"", "decoded"),
    "html": (b"<html><img src='/etc/passwd'></html>", "decoded"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "decoded"),
    "playlist": (b"#EXTM3U\nfile:///etc/passwd", "decoded"),
    "noise": (bytes(range(256)) * 40, "decoded"),
    "only a head": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "decoded"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_picture_is_refused(name):
    content, words = BAD[name]
    assert len(content) < 200_000
    with pytest.raises(MediaError, match=words):
        check_picture(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_good_picture_is_told_by_its_content(kind):
    size = (320, 213)
    checked = check_picture(picture(7, size, kind))
    assert checked.ending == {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}[kind]
    copies = [picture(7, (160, 107), kind), picture(7, (600, 400), "JPEG")]
    assert all(is_alike(check_picture(copy).hash, checked.hash) for copy in copies)
    others = [check_picture(picture(seed, size, kind)).hash for seed in range(20, 30)]
    assert not any(is_alike(other, checked.hash) for other in others)


@pytest.mark.parametrize(
    "answer",
    [
        reply(BAD["1x1"][0], kind="image/jpeg"),
        reply(BAD["20000x20000"][0], kind="image/png"),
        reply(BAD["html"][0], kind="image/jpeg"),
        reply(BAD["html"][0], kind="text/html"),
        reply(picture(3), kind="image/jpeg", Content_Length="3000"),
        reply("gone", 404, "text/plain"),
        reply("", 302, Location="https://elsewhere.example/a.jpg"),
        reply("", 302, Location="file:///etc/passwd"),
        b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n" + b"x" * 16_000_000,
        reply(picture(4), kind="image/jpeg", Content_Encoding="gzip"),
    ],
    ids=range(10),
)
def test_a_picture_that_misbehaves_is_left_out_once(pixabay, gather, tmp_path, answer):
    pixabay.on("/get/100000_", answer)
    report = gather(pixabay, queries={"calm": ["quiet"]}, per_mood=2)
    assert (report.moods[0].new, report.moods[0].unusable) == (2, 1)
    lines = manifest(tmp_path / "pictures")
    assert lines[0]["left_out"]
    assert files(tmp_path / "pictures") == [
        "calm/pixabay-100001.jpg", "calm/pixabay-100002.jpg", "manifest.jsonl"
    ]  # fmt: skip
    count = len(pixabay.requests)
    gather(pixabay, queries={"calm": ["quiet"]}, per_mood=2)
    assert len(pixabay.requests) == count


def test_a_service_of_which_every_picture_fails_is_given_up(pixabay, gather):
    pixabay.on("/get/", reply("gone", 404, "text/plain"))
    with pytest.raises(ServiceError, match="404"):
        gather(pixabay)
    assert len([r for r in pixabay.requests if r.path.startswith("/get/")]) == 10


def test_names_that_would_leave_the_folder_are_passed_over(pixabay, gather, tmp_path):
    hits = [pixabay._hit(100_000 + n) for n in range(8)]
    for hit, bad in zip(
        hits, ("../../evil", "/etc/x", "..", "a/b", "", None, {"a": 1}), strict=False
    ):
        hit["id"] = bad
    pixabay.on("/api/", json_reply({"totalHits": 8, "hits": hits}))
    gather(pixabay, queries={"calm": ["quiet"]}, per_mood=4)
    assert files(tmp_path / "pictures") == ["calm/pixabay-100007.jpg", "manifest.jsonl"]
    assert {path.name for path in tmp_path.iterdir()} == {"pictures", "cache"}


@pytest.mark.parametrize("mood", ["../evil", "a/b", "", ".", "..", ".hidden", "a\\b", "x" * 99])
def test_moods_that_would_leave_the_folder_are_refused(pixabay, gather, tmp_path, mood):
    with pytest.raises(ParameterError, match="becomes that of a folder"):
        gather(pixabay, mood)
    assert not (tmp_path / "pictures").exists()


@pytest.mark.parametrize(("count", "found"), [(5000, 500), (250, 250), (200, 200), (0, 0)])
def test_pages_end_where_pixabay_says(count, found):
    with (
        Pixabay(count) as service,
        WebClient("Pixabay", service.base_url, secrets={"key": service.KEY}, explain=explain) as it,
    ):
        assert len({picture.id for picture in find_pictures(it, "quiet")}) == found
        # Also where it does not say how many there are.
        service.on("/api/", lambda request: service._search(request).replace(b"totalH", b"otherH"))
        assert len({picture.id for picture in find_pictures(it, "loud")}) == found


def test_too_few_are_told(pixabay, gather):
    pixabay.count = 2
    with collect_notices() as notices:
        report = gather(pixabay, queries={"calm": ["one", "two"]}, per_mood=9)
    assert report.moods[0].kept == 4
    assert "only 4 of 9" in notices[-1]


@pytest.mark.parametrize("key", ["wrong-key-000000000", None])
def test_a_key_is_needed_and_not_shown(pixabay, gather, caplog, monkeypatch, key):
    caplog.set_level(logging.DEBUG)
    if key is None:
        monkeypatch.setenv("PIXABAY_API_KEY", "")
    with pytest.raises(AuthenticationError, match="PIXABAY_API_KEY") as caught:
        gather(pixabay, key=key)
    assert key is None or key not in str(caught.value) + caplog.text


def test_the_key_of_the_environment_is_used_and_nowhere_kept(
    pixabay, gather, caplog, monkeypatch, tmp_path
):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("PIXABAY_API_KEY", Pixabay.KEY)
    gather(pixabay, key=None)
    assert Pixabay.KEY not in caplog.text
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert Pixabay.KEY.encode() not in path.read_bytes(), path
    assert not [r for r in pixabay.requests if r.path.startswith("/get/") and "key" in r.target]


def test_licences_are_those_that_are_free(tmp_path, gather):
    with OpenversePictures() as service:
        service.name = "openverse"
        quiet = {"calm": ["quiet"]}
        gather(service, per_mood=8, queries=quiet)
        names = {line["licence"]["name"] for line in manifest(tmp_path / "pictures")}
        assert names == {"CC0-1.0", "CC-PDM-1.0", "CC-BY-2.0", "CC-BY-SA-2.0"}
        gather(service, "sad", queries={"sad": ["grey"]}, per_mood=12, non_commercial=True)
        names |= {line["licence"]["name"] for line in manifest(tmp_path / "pictures")}
        assert "CC-BY-NC-2.0" in names
        assert not [name for name in names if "ND" in name]


@pytest.mark.parametrize(
    "options",
    [
        {"source": "flickr"},
        {"per_mood": 0},
        {"per_mood": 1001},
        {"spacing": -1},
        {"patience": 0},
        {"base_url": "nowhere"},
        {"moods": []},
        {"queries": {"calm": []}},
        {"queries": {"sad": ["x"]}},
        {"queries": {"calm": [""]}},
        {"key": "whatever-it-is"},
    ],
)
def test_values_that_cannot_be_used_are_refused(tmp_path, options):
    with pytest.raises(ParameterError):
        collect_pictures(tmp_path / "out", **{"moods": ["calm"]} | options)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["{\n", "[]\n", '{"mood": 1}\n', "\xff\n"])
def test_a_manifest_that_is_none_is_refused(service, gather, tmp_path, text):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "manifest.jsonl").write_bytes(text.encode("latin-1"))
    with pytest.raises(ParameterError, match=r"manifest\.jsonl"):
        gather(service)


def test_a_manifest_cannot_name_files_elsewhere(service, gather, tmp_path):
    gather(service, per_mood=1)
    file = tmp_path / "pictures" / "manifest.jsonl"
    line = json.loads(file.read_text()) | {"file": "../../etc/passwd"}
    file.write_text(json.dumps(line) + "\n")
    with pytest.raises(ParameterError, match="below the manifest"):
        Manifest(file.parent)


def test_a_folder_that_cannot_be_made_is_told(service, gather, tmp_path):
    (tmp_path / "pictures").write_text("a file")
    with pytest.raises(OutputError, match="cannot make the folder"):
        gather(service)


def test_only_one_at_a_time_works_in_a_folder(service, gather, tmp_path):
    gather(service, per_mood=1)
    with (
        alone(tmp_path / "pictures", wait=0.0),
        pytest.raises(OutputError, match="somebody else"),
    ):
        gather(service)
    gather(service)


def test_it_can_be_cancelled(pixabay, gather, tmp_path):
    """Also by whoever is told; what was gathered stays, whole, and it goes on from there."""
    token, told = CancelToken(), []

    def tell(progress):
        told.append(progress.done)
        if progress.done == 2:
            token.cancel()

    with token, pytest.raises(CancelledError):
        gather(pixabay, on_progress=tell)
    assert told[-1] == 2
    folder = tmp_path / "pictures"
    assert len(files(folder)) == 2 + len(["manifest.jsonl"])
    assert gather(pixabay).moods[0].new == 2
