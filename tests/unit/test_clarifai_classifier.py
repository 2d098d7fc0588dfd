"""The classifier against a server on this machine that speaks Clarifai's protocol."""

import gc
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import tracemalloc

import grpc
import numpy as np
import pytest

from musify import (
    AuthenticationError,
    FrameSample,
    Mood,
    MusifyError,
    ParameterError,
    ServiceError,
    get_backend,
)
from musify.clarifai.batches import batched
from musify.clarifai.concepts import general_table
from musify.clarifai.predicting import Frame, Target
from musify.notices import collect_notices
from stand_ins.clarifai_server import KEY, ClarifaiServer, Fault

OK = 10_000
# Waits of some milliseconds, so that what takes minutes in the world takes none here.
QUICK = {"first_wait": 0.01, "per_second": 2000}


@pytest.fixture
def server():
    with ClarifaiServer() as server:
        yield server


@pytest.fixture
def classifier(server):
    def make(**options):
        given = {"api_key": KEY, "base": server.base} | QUICK | options
        return get_backend("mood_classifier", "clarifai", **given)

    return make


def frames(count, start=0, size=(9, 16)):
    for index in range(start, start + count):
        yield FrameSample(5.0 * index, np.full((*size, 3), index % 251, np.uint8))


def sizes(server):
    return [len(call.request.inputs) for call in server.of("PostModelOutputs")]


def same_brightness(jpeg):
    """See a concept that only one picture of :func:`frames` shows."""
    import io

    from PIL import Image

    level = int(np.asarray(Image.open(io.BytesIO(jpeg)).convert("L")).mean().round())
    return [("beach", 0.5 + level / 1000)]


# What is sent


def test_requests_hold_128_frames_and_answers_keep_their_order(server, classifier):
    server.see = same_brightness
    scores = classifier().classify(frames(300, size=(2, 2)))
    assert sorted(sizes(server)) == [44, 128, 128]
    assert scores.times.tolist() == [5.0 * index for index in range(300)]
    calm = scores.values[:, scores.labels.index("calm")]
    for index in (1, 127, 128, 200, 299):
        value = 0.5 + index % 251 / 1000
        assert calm[index] == pytest.approx((value + 0.25) / (value + 1), abs=0.002), index


def test_several_requests_are_under_way_and_answers_may_overtake(server, classifier):
    server.fail("PostModelOutputs", Fault(seconds=0.2))
    server.see = same_brightness
    server.latency = 0.3
    scores = classifier(batch=1).classify(frames(8))
    assert server.most_at_once == 4
    calm = scores.values[:, scores.labels.index("calm")]
    assert (np.diff(calm) > 0).all()


def test_heavy_pictures_are_spread_over_requests():
    requests = list(batched([Frame(float(i), bytes(1_500_000)) for i in range(7)]))
    assert [len(request) for request in requests] == [2, 2, 2, 1]
    assert [frame.time for request in requests for frame in request] == list(map(float, range(7)))
    target = Target("clarifai", "main", "general-image-recognition")
    assert all(target.request(each).ByteSize() < 4 * 1024 * 1024 for each in requests)


def test_large_pictures_are_made_smaller(server, classifier):
    classifier().classify(frames(1, size=(300, 1280)))
    jpeg = server.calls[0].request.inputs[0].data.image.base64
    sides = jpeg[jpeg.index(b"\xff\xc0") + 5 :][:4]
    assert (int.from_bytes(sides[:2], "big"), int.from_bytes(sides[2:], "big")) == (150, 640)


def test_a_request_says_which_model_and_whose(server, classifier):
    classifier(version="v2").classify(frames(1))
    [call] = server.calls
    ids = call.request.user_app_id
    assert (ids.user_id, ids.app_id) == ("clarifai", "main")
    assert call.request.model_id == "general-image-recognition"
    assert call.request.version_id == "v2"
    assert call.request.model.output_info.output_config.max_concepts == 200
    assert not call.request.HasField("runner_selector")
    assert call.metadata["authorization"] == f"Key {KEY}"


def test_where_the_model_runs_can_be_chosen(server, classifier, monkeypatch):
    monkeypatch.delenv("CLARIFAI_USER_ID", raising=False)
    classifier(deployment="fast").classify(frames(1))
    classifier(nodepool="pool", cluster="mine", compute_user="me").classify(frames(1))
    one, other = (call.request.runner_selector for call in server.calls)
    assert (one.deployment.id, one.deployment.user_id) == ("fast", "clarifai")
    assert other.nodepool.id == "pool"
    cluster = other.nodepool.compute_cluster
    assert (cluster.id, cluster.user_id) == ("mine", "me")
    monkeypatch.setenv("CLARIFAI_USER_ID", "me-too")
    classifier(deployment="fast").classify(frames(1))
    assert server.calls[-1].request.runner_selector.deployment.user_id == "me-too"


def test_black_bars_are_not_sent(server, classifier):
    seen = []
    server.see = lambda jpeg: seen.append(jpeg) or []
    image = np.zeros((90, 160, 3), np.uint8)
    image[20:70] = 180
    classifier().classify([FrameSample(0.0, image)])
    height = int.from_bytes(seen[0][seen[0].index(b"\xff\xc0") + 5 :][:2], "big")
    assert height < 60


def test_calls_keep_to_the_rate(server, classifier):
    classifier(per_second=50, batch=1).classify(frames(11))
    times = [call.time for call in server.calls]
    assert len(times) == 11
    # Ten intervals of a fiftieth of a second, also while the connection is being made; times of
    # arrival may be off.
    assert max(times) - min(times) > 0.17


# What comes back


def test_concepts_become_moods(server, classifier):
    server.see = lambda jpeg: [("Beach", 0.9), ("sunset", 0.8), ("party", 0.6), ("race", 0.4)]
    scores = classifier().classify(frames(1))
    assert scores.labels == ("action", "happy", "sad", "calm")
    # (sum + 1/4) / (all + 1): "race" is below one half, and does not count.
    np.testing.assert_allclose(
        scores.values[0], np.array([0.25, 0.85, 0.25, 1.95]) / 3.3, rtol=1e-6
    )
    happy, calm = np.array([0.75, 0.4]), np.array([0.45, -0.65])
    np.testing.assert_allclose(scores.plane[0], (1.7 * calm + 0.6 * happy) / 2.3, rtol=1e-6)
    assert {one.name for one in scores.evidence[0]} == {"Beach", "sunset", "party"}


def test_nothing_that_is_known_is_undecided_and_told(server, classifier):
    server.see = lambda jpeg: [("stapler", 0.99)]
    with collect_notices() as told:
        scores = classifier().classify(frames(2))
    np.testing.assert_allclose(scores.values, 0.25)
    assert "no concept that 'general-image-recognition' saw has a mood" in told[0]


def test_a_table_of_ones_own(server, classifier):
    server.see = lambda jpeg: [("stapler", 0.95)]
    table = {"Stapler": Mood("office", -0.1, 0.0), "lamp": "tender"}
    scores = classifier(moods=table).classify(frames(1))
    assert scores.labels == ("office", "tender")
    assert scores.top() == ("office",)
    np.testing.assert_allclose(scores.plane, [[-0.1, 0.0]])


def test_a_table_in_a_file(server, classifier, tmp_path):
    server.see = lambda jpeg: [("stapler", 0.95)]
    path = tmp_path / "table.csv"
    path.write_text("\ufeffconcept,mood\nstapler,weary\nlamp,cosy\n", encoding="utf-8")
    scores = classifier(moods=path).classify(frames(1))
    assert scores.labels == ("weary", "relaxed")
    assert scores.top() == ("weary",)


@pytest.mark.parametrize(
    "content",
    [b"", b"concept,mood\n", b"word,mood\na,calm\n", b"\xff\xfe", b"concept,mood\nlamp\n", None],
)
def test_a_file_that_is_no_table(tmp_path, content):
    path = tmp_path / "table.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ParameterError, match=r"table of concepts|no mood is called"):
        get_backend("mood_classifier", "clarifai", api_key=KEY, moods=str(path))


def test_moods_that_the_table_does_not_hold_are_scored_by_their_place(server, classifier):
    server.see = lambda jpeg: [("funeral", 0.95)]
    scores = classifier(moods=["melancholic", "joyful"]).classify(frames(1))
    assert scores.top() == ("melancholic",)


def test_a_model_whose_concepts_are_the_moods(server, classifier):
    server.model_concepts["mine"] = ["Calm", "tense"]
    server.see = lambda jpeg: [("tense", 0.7), ("calm", 0.3)]
    mine = classifier(model="mine", user="me", app="films")
    assert mine.labels == ("calm", "tense")
    scores = mine.classify(frames(2))
    np.testing.assert_allclose(scores.values, [[0.3, 0.7]] * 2, rtol=1e-6)
    assert len(server.of("GetModelOutputInfo")) == 1
    assert (
        server.of("PostModelOutputs")[0].request.model.output_info.output_config.max_concepts == 0
    )


@pytest.mark.parametrize("moods", [None, ["cosy", "eerie"]])
def test_concepts_keep_their_own_names(server, classifier, moods):
    server.model_concepts["mine"] = ["cosy", "eerie"]
    server.see = lambda jpeg: [("cosy", 0.7), ("eerie", 0.3)]
    mine = classifier(model="mine", moods=moods)
    assert mine.labels == ("cosy", "eerie")  # not "relaxed", which musify calls it
    assert mine.classify(frames(1)).top() == ("cosy",)


def test_concepts_that_are_no_moods_of_musify(server, classifier):
    server.model_concepts["mine"] = ["xyzzy", "calm"]
    with pytest.raises(ParameterError, match=r"concepts of the model 'mine' are xyzzy, calm"):
        _ = classifier(model="mine").labels
    server.see = lambda jpeg: [("xyzzy", 0.7), ("calm", 0.3)]
    mine = classifier(model="mine", moods=[Mood("xyzzy", -0.4, 0.5), "calm"])
    assert mine.classify(frames(1)).top() == ("xyzzy",)


@pytest.mark.parametrize(
    ("concepts", "words"),
    [([], "has no concepts"), ([f"c{n}" for n in range(501)], "more than 500 concepts")],
)
def test_a_model_that_cannot_tell_moods(server, classifier, concepts, words):
    server.model_concepts["mine"] = concepts
    with pytest.raises(ParameterError, match=words):
        classifier(model="mine").classify(frames(1))


def test_moods_that_the_model_does_not_have(server, classifier):
    server.see = lambda jpeg: [("lamp", 0.9)]
    with pytest.raises(ParameterError, match="no concept of the model 'mine' is one of the moods"):
        classifier(model="mine", moods=["calm", "tense"]).classify(frames(1))


def test_the_table_names_concepts_once_and_all_four_moods():
    table = general_table()
    assert len(table) > 400
    assert {mood.name for mood in table.values()} == {"action", "happy", "sad", "calm"}
    assert all(name == name.strip().lower() for name in table)


# What goes wrong

PASSING = [
    *(10_030, 11_003, 11_005, 21_101, 21_103, 21_351, 21_352, 21_354, 21_355, 25_604),
    *(30_001, 30_003, 40_032),
]


@pytest.mark.parametrize("code", PASSING)
def test_what_passes_is_asked_again(server, classifier, code):
    server.fail("PostModelOutputs", Fault(code=code), Fault(code=code))
    assert len(classifier().classify(frames(3))) == 3
    assert sizes(server) == [3, 3, 3]


@pytest.mark.parametrize(
    "abort",
    [
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.ABORTED,
    ],
)
def test_a_call_that_fails_is_made_again(server, classifier, abort):
    server.fail("PostModelOutputs", Fault(abort=abort, details="no luck"))
    assert len(classifier().classify(frames(3))) == 3


@pytest.mark.parametrize(
    ("code", "words"),
    [(11_005, "CONN_THROTTLED"), (21_351, "being deployed"), (21_354, "busy"), (21_355, "loaded")],
)
def test_patience_ends(server, classifier, code, words):
    server.fail("PostModelOutputs", *(Fault(code=code) for _ in range(99)))
    began = time.monotonic()
    with pytest.raises(ServiceError, match=words) as caught:
        classifier(patience=0.3).classify(frames(3))
    assert time.monotonic() - began < 5  # 99 tries would take minutes
    assert caught.value.retryable
    assert "patience=..." in str(caught.value)


def test_no_patience_at_all(server, classifier):
    hasty = classifier(patience=0)
    server.fail("PostModelOutputs", Fault(outputs=[OK, 30_101, OK]))
    assert len(hasty.classify(frames(3))) == 3
    server.fail("PostModelOutputs", Fault(code=21_354))
    with pytest.raises(ServiceError, match="busy"):
        hasty.classify(frames(3))
    assert sizes(server) == [3, 1, 3]


def test_hiccups_are_counted_for_each_call(server, classifier):
    hiccup = Fault(code=10_030)
    part = Fault(outputs=[OK, 30_101, OK])
    server.fail("PostModelOutputs", hiccup, hiccup, part, hiccup, hiccup)
    assert len(classifier().classify(frames(3))) == 3


def test_waits_grow(server, classifier):
    server.fail("PostModelOutputs", *(Fault(code=21_355) for _ in range(4)))
    classifier(first_wait=0.02).classify(frames(1))
    waits = np.diff([call.time for call in server.calls])
    for wait, most in zip(waits, (0.02, 0.04, 0.08, 0.16), strict=True):
        assert wait >= 0.75 * most


def test_when_one_is_throttled_all_wait(server, classifier):
    server.latency = 0.02
    server.fail("PostModelOutputs", Fault(code=11_005))
    classifier(first_wait=0.3, batch=1).classify(frames(12))
    times = [call.time for call in server.calls]
    # Calls that were under way come through; then there is a hole.
    assert np.diff(times).max() > 0.15
    assert len(times) == 13


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [
        (11_000, AuthenticationError, "plan of your account"),
        (11_001, AuthenticationError, "CLARIFAI_PAT"),
        (11_002, AuthenticationError, "CLARIFAI_PAT"),
        (11_004, ServiceError, "month's requests are used up"),
        (11_007, AuthenticationError, "every scope"),
        (11_008, AuthenticationError, "CLARIFAI_PAT"),
        (11_009, AuthenticationError, "CLARIFAI_PAT"),
        (11_101, ParameterError, "check user, app, model"),
        (21_102, ParameterError, "train the model first"),
        (21_200, ParameterError, "check user, app, model"),
        (21_201, AuthenticationError, "every scope"),
        (21_202, ParameterError, "check user, app, model"),
        (21_350, ServiceError, "deploy the model again"),
        (21_353, ParameterError, "deployment="),
        (25_600, ParameterError, "check deployment, nodepool"),
        (25_700, ParameterError, "check deployment, nodepool"),
        (25_800, ParameterError, "check deployment, nodepool"),
        (25_900, ParameterError, "check deployment, nodepool"),
        (25_903, ParameterError, "switch the deployment on"),
        (99_009, ServiceError, "report it with the request id"),
        (12_345, ServiceError, "12345 an unknown status, Something new"),
    ],
)
def test_every_other_code_is_the_right_error_at_once(server, classifier, code, error, words):
    server.fail("PostModelOutputs", Fault(code=code, details="because"))
    with pytest.raises(error) as caught:
        classifier().classify(frames(3))
    assert type(caught.value) is error
    message = str(caught.value)
    assert f"{code} " in message
    assert "because" in message
    assert "request-7" in message
    assert words in message
    assert not getattr(caught.value, "retryable", False)
    assert len(sizes(server)) == 1


@pytest.mark.parametrize("code", [10_030, 25_604, 40_032])
def test_what_fails_for_no_reason_is_tried_three_times(server, classifier, code):
    server.fail("PostModelOutputs", *(Fault(code=code) for _ in range(9)))
    with pytest.raises(ServiceError, match=f"after 3 tries: {code}") as caught:
        classifier().classify(frames(1))
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("abort", "error"),
    [
        (grpc.StatusCode.UNAUTHENTICATED, AuthenticationError),
        (grpc.StatusCode.PERMISSION_DENIED, AuthenticationError),
        (grpc.StatusCode.NOT_FOUND, ParameterError),
        (grpc.StatusCode.INVALID_ARGUMENT, ParameterError),
        (grpc.StatusCode.UNIMPLEMENTED, ServiceError),
        (grpc.StatusCode.FAILED_PRECONDITION, ServiceError),
    ],
)
def test_a_call_that_is_refused_for_good(server, classifier, abort, error):
    server.fail("PostModelOutputs", Fault(abort=abort, details="no way"))
    with pytest.raises(error, match=f"{abort.name} from 127.0.0.1:.* no way"):
        classifier().classify(frames(1))


def test_a_slow_answer_is_not_waited_for(server, classifier):
    server.fail("PostModelOutputs", *(Fault(seconds=3) for _ in range(9)))
    began = time.monotonic()
    with pytest.raises(ServiceError, match=r"after 3 tries: no answer within 0\.1 s") as caught:
        classifier(timeout=0.1).classify(frames(1))
    assert time.monotonic() - began < 2.9
    assert caught.value.retryable


def test_an_answer_that_is_slow_once_is_asked_for_again(server, classifier):
    server.fail("PostModelOutputs", Fault(seconds=1))
    assert len(classifier(timeout=0.5).classify(frames(2))) == 2


def test_a_server_that_is_gone(server, classifier):
    server.stop()
    with pytest.raises(ServiceError, match=r"UNAVAILABLE from 127.0.0.1:\d+.*CLARIFAI_GRPC_BASE"):
        classifier(patience=1).classify(frames(1))


def test_a_server_that_is_killed_in_the_middle_and_comes_back(server, classifier):
    server.see = same_brightness

    def die_and_live():
        def do():
            server.stop()
            server.start()

        threading.Thread(target=do).start()

    server.fail("PostModelOutputs", Fault(), Fault(then=die_and_live, seconds=0.3))
    scores = classifier(batch=10, patience=20, first_wait=0.1).classify(frames(60))
    assert scores.times.tolist() == [5.0 * index for index in range(60)]
    assert (np.diff(scores.values[:, scores.labels.index("calm")]) > 0).all()


@pytest.mark.parametrize("count", [0, 2, 4])
def test_a_wrong_number_of_answers(server, classifier, count):
    server.fail("PostModelOutputs", Fault(count=count))
    with pytest.raises(ServiceError, match=rf"{count} answers for 3 frames.*request-7"):
        classifier().classify(frames(3))


def test_129_inputs_would_be_refused_and_are_never_sent(server, classifier):
    with pytest.raises(ParameterError, match=r"batch must be in \[1, 128\]"):
        classifier(batch=129)
    classifier().classify(frames(129))
    assert sorted(sizes(server)) == [1, 128]


def test_a_request_that_is_too_large_is_halved(server, classifier):
    server.fail(
        "PostModelOutputs",
        Fault(code=11_006),
        Fault(
            abort=grpc.StatusCode.RESOURCE_EXHAUSTED,
            details="Received message larger than max (5000023 vs. 4194304)",
        ),
    )
    server.see = same_brightness
    scores = classifier().classify(frames(8))
    assert sizes(server) == [8, 4, 2, 2, 4]
    assert (np.diff(scores.values[:, 3]) > 0).all()


def test_a_frame_that_is_too_large_alone(server, classifier):
    server.fail("PostModelOutputs", *(Fault(code=11_006) for _ in range(9)))
    with pytest.raises(ServiceError, match="fewer or smaller pictures"):
        classifier().classify(frames(2))


# What goes wrong with some frames


def test_only_what_failed_is_asked_again(server, classifier):
    server.see = same_brightness
    server.fail(
        "PostModelOutputs",
        Fault(outputs=[OK, 30_101, OK, 21_354, OK, 10_030]),
    )
    scores = classifier().classify(frames(6))
    assert sizes(server) == [6, 1, 2]
    assert (np.diff(scores.values[:, 3]) > 0).all()


@pytest.mark.parametrize("codes", [[30_101] * 4, [30_002] * 4, [40_032] * 4])
def test_a_whole_failure_is_asked_again_too(server, classifier, codes):
    server.fail("PostModelOutputs", Fault(outputs=codes))
    assert len(classifier().classify(frames(4))) == 4
    assert sizes(server) == [4, 4]


@pytest.mark.parametrize("is_all_or_nothing", [False, True])
def test_frames_without_an_answer_are_named(server, classifier, is_all_or_nothing):
    server.is_all_or_nothing = is_all_or_nothing
    server.bad_pictures = dict.fromkeys(jpegs_of(3, 5), 30_104)
    with pytest.raises(ServiceError) as caught:
        classifier().classify(frames(10))
    message = str(caught.value)
    assert "no answer for 2 of 10 frames: at 15 s, 25 s (30104 INPUT_INVALID_ARGUMENT" in message
    assert "missing='nearest'" in message
    assert len(sizes(server)) < 16


def test_frames_without_an_answer_can_take_that_of_their_neighbours(server, classifier):
    server.see = same_brightness
    server.bad_pictures = dict.fromkeys(jpegs_of(4), 30_002)
    with collect_notices() as told:
        scores = classifier(missing="nearest").classify(frames(10))
    np.testing.assert_array_equal(scores.values[4], scores.values[3])
    assert scores.values[5, 3] > scores.values[4, 3]
    assert "no answer for 1 of 10 frames: at 20 s" in told[0]


def test_no_frame_with_an_answer(server, classifier):
    server.fail("PostModelOutputs", *(Fault(code=30_002) for _ in range(999)))
    with pytest.raises(ServiceError, match=r"no answer for 128 of 128 frames: .* and 118 more"):
        classifier(missing="nearest").classify(frames(128))
    assert len(sizes(server)) < 40


@pytest.mark.parametrize(
    ("code", "error"), [(11_008, AuthenticationError), (21_200, ParameterError)]
)
def test_a_failure_of_all_outputs_that_is_not_theirs(server, classifier, code, error):
    server.fail("PostModelOutputs", Fault(outputs=[code] * 3))
    with pytest.raises(error, match=str(code)):
        classifier().classify(frames(3))
    assert sizes(server) == [3]


def jpegs_of(*numbers):
    from musify.vision.jpeg import to_jpeg

    return [to_jpeg(next(frames(1, number)).image) for number in numbers]


# The key


def test_without_a_key(monkeypatch):
    monkeypatch.delenv("CLARIFAI_PAT", raising=False)
    with pytest.raises(
        AuthenticationError, match=r"pass api_key, or set CLARIFAI_PAT; Clarifai gives"
    ):
        get_backend("mood_classifier", "clarifai")


def test_the_key_of_the_environment(server, classifier, monkeypatch):
    monkeypatch.setenv("CLARIFAI_PAT", f" {KEY}\n")
    monkeypatch.setenv("CLARIFAI_GRPC_BASE", server.base)
    assert len(classifier(api_key=None, base=None).classify(frames(1))) == 1


@pytest.mark.parametrize("key", ["two words", "ünicode", "line\nbreak", "short"])
def test_a_key_that_cannot_be_one_is_not_shown(key):
    with pytest.raises(ParameterError, match="api_key is no key") as caught:
        get_backend("mood_classifier", "clarifai", api_key=key)
    assert key not in str(caught.value)


def test_the_key_leaks_nowhere(server, classifier, caplog, capfd, monkeypatch):
    secret = "sesame0open0sesame0open0sesame00"
    caplog.set_level(logging.DEBUG)
    texts = []
    made = classifier(api_key=secret)
    # The server repeats the key in what it says of it.
    with collect_notices() as told, pytest.raises(AuthenticationError) as caught:
        made.classify(frames(1))
    assert "***" in str(caught.value)
    error = caught.value
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        texts += [str(error), repr(error), repr(error.args)]
        error = error.__cause__ or error.__context__
    server.fail(
        "PostModelOutputs",
        Fault(abort=grpc.StatusCode.UNKNOWN, details=f"you said Key {secret}"),
        Fault(abort=grpc.StatusCode.UNIMPLEMENTED, details=f"you said Key {secret}"),
    )
    server.key = secret
    with pytest.raises(ServiceError) as caught:
        made.classify(frames(1))
    texts += [str(caught.value), repr(caught.value.__context__), *told]
    texts += [repr(made), str(made), repr(vars(made)), repr(made._key), caplog.text]
    texts += capfd.readouterr()
    assert all(secret not in text for text in texts)
    assert secret.encode() not in pickle.dumps(made)
    with pytest.raises(TypeError):
        pickle.dumps(made._key)


def test_a_copy_in_another_process_takes_the_key_from_there(server, classifier, monkeypatch):
    copy = pickle.loads(pickle.dumps(classifier(deployment="fast")))
    monkeypatch.delenv("CLARIFAI_PAT", raising=False)
    with pytest.raises(AuthenticationError):
        copy.classify(frames(1))
    monkeypatch.setenv("CLARIFAI_PAT", KEY)
    assert len(copy.classify(frames(1))) == 1


@pytest.mark.parametrize(
    "base", ["http://example.com", "ftp://host", "host:port", "host:99999", "a/b", "user@host"]
)
def test_addresses_that_are_refused(base):
    with pytest.raises(ParameterError, match=r"address of Clarifai|unencrypted"):
        get_backend("mood_classifier", "clarifai", api_key=KEY, base=base)


@pytest.mark.parametrize(
    "options",
    [
        {"model": ""},
        {"user": " "},
        {"missing": "ignore"},
        {"batch": 0},
        {"timeout": 0},
        {"patience": -1},
        {"per_second": 0},
        {"first_wait": 0},
        {"temperature": 0},
        {"moods": ["xyzzy"]},
        {"moods": {}},
        {"moods": {"beach": "xyzzy"}},
        {"moods": {3: "calm"}},
        {"deployment": "d", "nodepool": "n", "cluster": "c"},
        {"nodepool": "n"},
    ],
)
def test_options_that_are_refused(options):
    with pytest.raises(ParameterError):
        get_backend("mood_classifier", "clarifai", api_key=KEY, **options)


# What is left behind


def test_no_thread_and_no_channel_is_left(server, classifier):
    made = classifier(batch=8)
    before = {thread.ident for thread in threading.enumerate()}
    made.classify(frames(40))
    ours = [
        thread
        for thread in threading.enumerate()
        if thread.ident not in before and thread.name.startswith("musify")
    ]
    assert not ours


def test_the_samples_are_ended_when_a_call_fails(server, classifier):
    ended = []

    def given():
        try:
            yield from frames(1000)
        finally:
            ended.append(True)

    server.fail("PostModelOutputs", Fault(code=21_200))
    with pytest.raises(ParameterError):
        classifier(batch=1).classify(given())
    assert ended
    assert len(sizes(server)) < 20


def test_an_error_does_not_wait_for_other_calls(server, classifier):
    server.fail("PostModelOutputs", Fault(code=21_200, seconds=0.05))
    server.fail("PostModelOutputs", *(Fault(seconds=5) for _ in range(5)))
    began = time.monotonic()
    with pytest.raises(ParameterError):
        classifier(batch=1).classify(frames(6))
    assert time.monotonic() - began < 4


def test_an_error_of_the_samples_comes_through(server, classifier):
    def given():
        yield from frames(3)
        raise RuntimeError("the film tore")

    with pytest.raises(RuntimeError, match="the film tore"):
        classifier().classify(given())


def test_memory_does_not_grow_with_the_number_of_frames(server, classifier, rng):
    server.keeps_calls = False
    server.see = lambda jpeg: []
    noise = rng.integers(0, 256, (45, 80, 3), np.uint8)
    made = classifier(batch=2)

    def peak(count):
        gc.collect()
        tracemalloc.start()
        try:
            made.classify(FrameSample(float(i), np.roll(noise, i, axis=1)) for i in range(count))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(4)
    short, long = peak(16), peak(40)
    # What grows are rows of numbers; a picture alone has 10,800 bytes.
    assert (long - short) / 24 < 5_000


FORKED = """
import os, sys
import numpy as np
from musify import FrameSample, get_backend
made = get_backend("mood_classifier", "clarifai", base=sys.argv[1], per_second=1000)
def rows():
    return len(made.classify([FrameSample(0.0, np.zeros((9, 16, 3), np.uint8))]))
assert rows() == 1
child = os.fork()
if child == 0:
    os._exit(0 if rows() == 1 else 1)
_, status = os.waitpid(child, 0)
print(os.waitstatus_to_exitcode(status), rows())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_it_works_on_both_sides_of_a_fork(server):
    environment = os.environ | {"CLARIFAI_PAT": KEY, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKED, server.base],
        env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.split() == ["0", "1"], done.stderr


INTERRUPTED = """
import signal, sys, numpy as np
# Whoever started the tests in the background may have had it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
from musify import FrameSample, get_backend
made = get_backend("mood_classifier", "clarifai", base=sys.argv[1])
print("ready", flush=True)
made.classify([FrameSample(0.0, np.zeros((9, 16, 3), np.uint8))])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_ctrl_c_ends_it_at_once(server):
    arrived = threading.Event()
    server.fail("PostModelOutputs", Fault(then=arrived.set, seconds=5))
    environment = os.environ | {"CLARIFAI_PAT": KEY, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, server.base],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert arrived.wait(30)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert time.monotonic() - began < 4
    assert b"KeyboardInterrupt" in said


def test_all_errors_are_of_the_tree(server, classifier):
    server.fail("PostModelOutputs", Fault(abort=grpc.StatusCode.DATA_LOSS))
    server.fail("PostModelOutputs", *(Fault(abort=grpc.StatusCode.DATA_LOSS) for _ in range(9)))
    with pytest.raises(MusifyError) as caught:
        classifier().classify(frames(1))
    copy = pickle.loads(pickle.dumps(caught.value))
    assert str(copy) == str(caught.value)
