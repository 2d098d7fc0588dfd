"""The client of services, against a server that misbehaves in every way that is known."""

import contextlib
import gzip
import json
import logging
import socket
import threading
import time
from email.utils import formatdate

import httpcore
import pytest

from musify import CancelToken
from musify.errors import AuthenticationError, CancelledError, ParameterError, ServiceError
from musify.online.answers import AnswerCache
from musify.online.client import WebClient
from stand_ins.web_service import QuickClock, WebService, json_reply, reply

KEY = "k3y-of-mine/0123456789"


@pytest.fixture
def service():
    with WebService() as server:
        yield server


@pytest.fixture
def clock():
    return QuickClock()


@pytest.fixture
def client(service, clock, tmp_path):
    answers = AnswerCache(tmp_path / "answers")
    with WebClient(
        "Mock Music",
        f"{service.url}/v1",
        secrets={"key": KEY},
        timeout=10,
        patience=90,
        answers=answers,
        clock=clock,
    ) as made:
        yield made


def ask(client, **parameters):
    return client.json("/songs", {"q": "calm", **parameters})


def picture(client, url, most_bytes=1000):
    return client.content(url, kinds=("image/",), most_bytes=most_bytes)


def test_it_asks_and_gets_json(client, service):
    service.on("/v1/songs", json_reply({"results": [1]}))
    assert ask(client, page=2) == {"results": [1]}
    (request,) = service.requests
    assert request.method == "GET"
    assert request.query == {"q": "calm", "page": "2", "key": KEY}
    assert request.headers["user-agent"].startswith("musify/")
    assert request.headers["accept-encoding"] == "identity"


def test_an_answer_is_kept_for_a_day_and_without_the_key(client, service, tmp_path):
    service.on("/v1/songs", json_reply({"asked": f"q=calm&key={KEY}", "results": []}))
    first = ask(client)
    assert ask(client) == first
    assert len(service.requests) == 1
    (file,) = (tmp_path / "answers").iterdir()
    text = file.read_text()
    assert KEY not in text
    assert "q=calm" in text
    ask(client, page=2)
    assert len(service.requests) == 2


def test_an_answer_is_asked_for_again_after_a_day(service, tmp_path):
    times = iter([0.0, 86_399.0, 86_401.0, 86_402.0])
    answers = AnswerCache(tmp_path, now=lambda: next(times))
    answers.put("http://a.org/", {"a": 1})
    assert answers.get("http://a.org/") == {"a": 1}
    assert answers.get("http://a.org/") is None


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff\xfe", b'{"url": 1}'])
def test_a_damaged_answer_in_the_cache_is_none(tmp_path, damage):
    answers = AnswerCache(tmp_path)
    answers.put("http://a.org/", 1)
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    assert answers.get("http://a.org/") is None


def test_a_cache_that_cannot_be_written_is_told(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    AnswerCache(tmp_path / "file" / "below").put("http://a.org/", 1)
    assert "cannot be kept" in caplog.text


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, ServiceError, False),
        (401, AuthenticationError, False),
        (403, AuthenticationError, False),
        (404, ServiceError, False),
        (408, ServiceError, True),
        (429, ServiceError, True),
        (500, ServiceError, True),
        (502, ServiceError, True),
        (503, ServiceError, True),
        (504, ServiceError, True),
        (301, ServiceError, False),  # without saying where to
        (204, ServiceError, False),
        (206, ServiceError, False),  # nobody asked for a part
    ],
)
def test_every_status_becomes_an_error(client, service, clock, status, kind, retryable):
    service.on("/v1/songs", reply(f"no: key={KEY} is bad", status, "text/plain"))
    with pytest.raises(kind) as caught:
        ask(client)
    assert type(caught.value) is kind
    assert caught.value.retryable is retryable
    assert KEY not in str(caught.value)
    assert "Mock Music" in str(caught.value)
    assert (len(service.requests) > 1) is retryable
    assert sum(clock.slept) <= 90


def test_later_is_tried_again(client, service, clock):
    busy = reply("busy", 503, "text/plain")
    service.in_turn("/v1/songs", busy, busy, json_reply({"ok": True}))
    assert ask(client) == {"ok": True}
    assert clock.slept == [0.5, 1.0]


def test_429_says_when_to_come_back(client, service, clock):
    later = reply("slow down", 429, "text/plain", Retry_After="7")
    service.in_turn("/v1/songs", later, json_reply({}))
    ask(client)
    assert sum(clock.slept) == pytest.approx(7, abs=0.2)


def test_429_gives_a_date(client, service, clock):
    at = formatdate(time.time() + 20, usegmt=True)
    service.in_turn("/v1/songs", reply("", 429, Retry_After=at), json_reply({}))
    ask(client)
    assert 18 <= sum(clock.slept) <= 21


def test_429_asks_for_more_than_the_patience(client, service, clock):
    service.on("/v1/songs", reply("", 429, Retry_After="3600"))
    with pytest.raises(ServiceError, match=r"no request for 3600 s .* patience is 90 s") as caught:
        ask(client)
    assert caught.value.retryable
    assert sum(clock.slept) < 1
    assert len(service.requests) == 1


@pytest.mark.parametrize("nonsense", ["soon", "-5", "nan", "9" * 30, "inf", ""])
def test_nonsense_in_headers_is_passed_over(client, service, clock, nonsense):
    headers = {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": nonsense}
    service.in_turn(
        "/v1/songs", reply("", 429, Retry_After=nonsense, **headers), json_reply({"ok": 1})
    )
    assert ask(client) == {"ok": 1}
    assert 0 < sum(clock.slept) <= 61


def test_what_is_left_is_obeyed(client, service, clock):
    used_up = json_reply({}, X_RateLimit_Limit="100", X_RateLimit_Remaining="0",
                         X_RateLimit_Reset="42")  # fmt: skip
    service.in_turn("/v1/songs", used_up, json_reply({}))
    ask(client)
    assert clock.slept == []
    ask(client, page=2)
    assert sum(clock.slept) == pytest.approx(42, abs=0.2)


def test_windows_of_openverse_are_obeyed(client, service, clock):
    left = {"x_ratelimit_limit_anon_burst": "20/min", "x_ratelimit_available_anon_burst": "0"}
    left |= {"x_ratelimit_limit_anon_sustained": "200/day",
             "x_ratelimit_available_anon_sustained": "150"}  # fmt: skip
    used_up = left | {"x_ratelimit_available_anon_sustained": "0"}
    service.in_turn("/v1/songs", json_reply({}, **left), json_reply({}, **used_up))
    ask(client)
    ask(client, page=2)
    assert sum(clock.slept) == pytest.approx(60, abs=0.2)
    with pytest.raises(ServiceError, match=r"limit of 200/day"):
        ask(client, page=3)


def test_spacing_is_kept(service, clock):
    service.on("/", json_reply({}))
    with WebClient("Mock", service.url, spacing=2.0, clock=clock) as client:
        for page in range(3):
            client.json("/", {"page": page})
    assert clock.slept == pytest.approx([2.0, 2.0], abs=0.2)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply("<html>log in</html>", kind="text/html"), "text/html instead of JSON"),
        (reply("{}", kind="-"), "something instead of JSON"),
        (reply('{"results": ['), "broken JSON"),
        (reply("[" * 100_000), "broken JSON"),
        (reply('{"a": ' + "9" * 5000 + "}"), "broken JSON"),
        (reply("[1]" + " " * 9_000_000), "more than 8 MB"),
        (reply("{}", Content_Length="99999999999"), "more than 8 MB"),
        (reply("{}", Content_Length="50"), "connection to Mock Music failed"),
        (reply("{}", Content_Length="-2"), "connection to Mock Music failed"),
        (reply('{"a": 1}', Content_Length="4"), "broken JSON"),
        (reply(gzip.compress(b" " * 1000 + b"{}"), Content_Encoding="gzip"), "packed as 'gzip'"),
        (reply("{}", Too_Long="x" * 200_000), "connection to Mock Music failed"),
        (b"HTTP/1.1 200 OK\r\n", "connection to Mock Music failed"),
        (b"", "connection to Mock Music failed"),
        (b"\x15\x03\x01 what?\r\n\r\n", "connection to Mock Music failed"),
    ],
)
def test_what_is_no_answer_is_an_error(client, service, tmp_path, answer, words):
    service.on("/v1/songs", answer)
    with pytest.raises(ServiceError, match=words) as caught:
        ask(client)
    assert KEY not in str(caught.value)
    assert not (tmp_path / "answers").exists()


def test_a_header_of_70_kb_is_read(client, service):
    service.on("/v1/songs", json_reply({"ok": 1}, Long="x" * 70_000))
    assert ask(client) == {"ok": 1}


def test_a_dropped_connection_is_tried_again(client, service):
    service.in_turn("/v1/songs", b"HTTP/1.1 200 OK\r\nContent-Le", json_reply({"ok": 1}))
    assert ask(client) == {"ok": 1}


def test_silence_ends(service, clock):
    service.on("/", service.silence)
    begun = time.monotonic()
    with (
        WebClient("Mock", service.url, timeout=0.2, clock=clock) as client,
        pytest.raises(ServiceError, match="did not answer in time") as caught,
    ):
        client.json("/", {})
    assert caught.value.retryable
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("where", ["head", "body"])
def test_an_answer_that_drips_ends(service, where):
    text = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
    if where == "body":
        dripping = service.drip(b" " * 900, 0.05)

        def answer(request, send):
            send(text)
            dripping(request, send)

        service.on("/", answer)
    else:
        service.on("/", service.drip(text, 0.05))
    with WebClient("Mock", service.url, timeout=5, patience=1) as client:
        begun = time.monotonic()
        with pytest.raises(ServiceError, match="did not answer in time"):
            client.json("/", {})
        assert time.monotonic() - begun < 4


def test_nobody_listens(clock):
    with WebService() as gone:
        url = gone.url
    with (
        WebClient("Mock", url, clock=clock) as client,
        pytest.raises(ServiceError, match="network there") as caught,
    ):
        client.json("/", {})
    assert caught.value.retryable
    assert sum(clock.slept) < 5


def test_a_redirect_at_home_is_followed_with_the_key(client, service):
    service.on("/v1/songs", reply("", 301, Location=f"/v1/new?key={KEY}&q=calm"))
    service.on("/v1/new", json_reply({"ok": 1}))
    assert ask(client) == {"ok": 1}
    assert service.requests[1].target.count(KEY.replace("/", "%2F")) == 1


@pytest.mark.parametrize(
    "target",
    [
        "http://localhost:{port}/v1/songs",
        "https://evil.example/?key={key}",
        "//evil.example/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://me:secret@127.0.0.1:{port}/",
        "http://127.0.0.1:notaport/",
        "http://[::1/",
        "gopher://127.0.0.1:{port}/",
    ],
)
def test_a_redirect_elsewhere_is_refused(client, service, target):
    port = service.url.rpartition(":")[2]
    location = target.format(port=port, key=KEY)
    service.on("/v1/songs", reply("", 302, Location=location))
    with pytest.raises(ServiceError) as caught:
        ask(client)
    assert KEY not in str(caught.value)
    assert len(service.requests) == 1


def test_redirects_that_never_end_are_refused(client, service):
    service.on("/v1/songs", reply("", 302, Location="/v1/songs"))
    with pytest.raises(ServiceError, match="more than 5 times"):
        ask(client)


def test_files_on_the_same_host_are_not_given_the_key(client, service):
    service.on("/", reply(b"picture", kind="image/jpeg"))
    for path in ("/get/a.jpg", "/v1x/a.jpg", "/"):
        picture(client, f"{service.url}{path}")
    assert not [request for request in service.requests if request.query]


def test_another_allowed_host_is_not_given_the_key(service, clock):
    with WebService() as files:
        files.on("/a.jpg", reply(b"picture", kind="image/jpeg"))
        service.on("/a.jpg", reply("", 302, Location=f"{files.url}/a.jpg"))
        with WebClient(
            "Mock", service.url, domains=(files.url,), secrets={"key": KEY}, clock=clock
        ) as client:
            assert picture(client, f"{service.url}/a.jpg") == b"picture"
        assert "key" not in files.requests[0].target


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://cdn.allowed.org.evil.example/a.jpg", "none of this service's"),
        ("https://notallowed.org/a.jpg", "none of this service's"),
        ("http://cdn.allowed.org/a.jpg", "not https"),
        ("https://cdn.allowed.org:8443/a.jpg", "not https at the usual port"),
        ("https://u:p@allowed.org/a.jpg", "password"),
        ("/a.jpg", "no http or https address"),
        ("https://evil.example\\.allowed.org/a.jpg", "no http or https address"),
        ("https://evil.example%2f.allowed.org/a.jpg", "no http or https address"),
        ("https://allowed.org\\@evil.example/a.jpg", "password"),
        ("", "no http or https address"),
    ],
)
def test_only_allowed_hosts_are_asked(clock, url, words):
    with (
        WebClient("Mock", "https://api.mock.org", domains=("allowed.org",), clock=clock) as client,
        pytest.raises(ServiceError, match=words),
    ):
        picture(client, url)


def test_a_file_that_is_too_large_or_of_another_kind_is_refused(client, service):
    service.on("/large", reply(b"x" * 1001, kind="image/jpeg"))
    with pytest.raises(ServiceError, match="more than"):
        picture(client, f"{service.url}/large")
    service.on("/endless", b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n" + b"x" * 5000)
    with pytest.raises(ServiceError, match="more than"):
        picture(client, f"{service.url}/endless")
    service.on("/page", reply(b"<html>", kind="text/html; charset=utf-8"))
    with pytest.raises(ServiceError, match="sent text/html where image/ was to be"):
        picture(client, f"{service.url}/page")


def test_an_error_in_disguise_is_not_kept(client, service, tmp_path):
    def check(document):
        if document["status"] == "failed":
            raise ServiceError("failed", retryable=True)

    service.in_turn("/v1/songs", json_reply({"status": "failed"}), json_reply({"status": "ok"}))
    assert client.json("/songs", {}, check=check) == {"status": "ok"}
    (file,) = (tmp_path / "answers").iterdir()
    assert json.loads(file.read_text())["answer"] == {"status": "ok"}


def test_the_key_is_in_no_log(client, service, caplog):
    caplog.set_level(logging.DEBUG)
    for answer in (
        json_reply({}),
        reply(f"key={KEY}", 403, "text/plain"),
        reply("", 302, Location=f"https://evil.example/?key={KEY}"),
        b"",
    ):
        service.on("/v1/songs", answer)
        with contextlib.suppress(ServiceError):
            ask(client, page=len(service.requests))
    assert len(service.requests) >= 4
    assert all(request.query["key"] == KEY for request in service.requests)
    assert caplog.records
    told = [record.getMessage() for record in caplog.records]
    assert any("evil.example" in line for line in told)
    assert not [line for line in told if KEY in line or KEY.replace("/", "%2F") in line]


def test_the_key_is_in_no_error_down_to_its_causes(client, service):
    service.on("/v1/songs", b"")
    with pytest.raises(ServiceError) as caught:
        ask(client)
    error = caught.value
    while error is not None:
        assert KEY not in f"{error!r}{getattr(error, 'args', '')}"
        request = getattr(error, "_request", None)
        assert request is None or "k3y" not in str(request.url)
        error = error.__cause__
    assert KEY not in repr(client)


@pytest.mark.parametrize(
    "options",
    [
        {"base_url": "ftp://a.org"},
        {"base_url": "api.org"},
        {"base_url": "https://me:pw@a.org"},
        {"base_url": "https://a.org/?x=1"},
        {"base_url": None},
        {"patience": 0},
        {"patience": float("nan")},
        {"timeout": -1},
        {"spacing": True},
    ],
)
def test_values_that_cannot_be_used_are_refused(options):
    with pytest.raises(ParameterError):
        WebClient("Mock", **({"base_url": "https://a.org"} | options))


def stalling(service, sent):
    def answer(_, send):
        send(sent)
        service.ended.wait(30)

    return answer


@pytest.mark.parametrize("sent", [b"", reply(b"[1, 2", Content_Length="999")], ids=["none", "half"])
def test_a_wait_for_an_answer_can_be_cancelled(client, service, sent):
    service.on("/v1/songs", stalling(service, sent))
    ends_at_once(lambda: ask(client), when=lambda: service.requests)
    service.on("/v1/songs", json_reply({"results": [1]}))
    assert ask(client) == {"results": [1]}  # the client can be used again
    for thread in threading.enumerate():
        if thread.name == "musify wait":
            thread.join(1)
            assert not thread.is_alive()


def test_a_wait_for_an_encrypted_connection_can_be_cancelled():
    met = []
    with socket.create_server(("127.0.0.1", 0)) as mute:
        threading.Thread(target=lambda: met.append(mute.accept()[0])).start()
        address = f"https://127.0.0.1:{mute.getsockname()[1]}"
        with WebClient("Mock Music", address, timeout=30) as client:
            ends_at_once(lambda: ask(client), when=lambda: met)
            met[0].settimeout(5)
            while met[0].recv(65536):  # its greeting, and then that it is gone
                pass
        met[0].close()


def test_a_wait_for_a_connection_can_be_cancelled(client, monkeypatch):
    over = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **more: over.wait(30) and [])
    ends_at_once(lambda: ask(client))
    over.set()


def test_a_connection_that_comes_too_late_is_closed(client, service, monkeypatch):
    token, made = CancelToken(), []
    connect = httpcore.SyncBackend.connect_tcp

    def connected(self, *args, **more):
        made.append(connect(self, *args, **more))
        token.cancel()  # it is there, and nobody wants it any more
        return made[0]

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connected)
    with token, pytest.raises(CancelledError):
        ask(client)
    (stream,) = made
    until = time.monotonic() + 5
    while stream.get_extra_info("socket").fileno() != -1:
        assert time.monotonic() < until
        time.sleep(0.01)


def ends_at_once(work, when=lambda: True):
    token = CancelToken()

    def cancel():
        while not when():
            time.sleep(0.01)
        time.sleep(0.1)
        cancelled.append(time.monotonic())
        token.cancel()

    cancelled = []
    canceller = threading.Thread(target=cancel)
    canceller.start()
    with token, pytest.raises(CancelledError):
        work()
    assert time.monotonic() - cancelled[0] < 1
    canceller.join()
