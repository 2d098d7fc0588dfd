"""Training on Clarifai, against a server on this machine that speaks its protocol."""

import json
import shutil
import threading
import time

import grpc
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from typer.testing import CliRunner

from musify import (
    AuthenticationError,
    CancelledError,
    CancelToken,
    ParameterError,
    ServiceError,
    get_backend,
    notices,
    train_clarifai,
)
from musify import cli as shell
from stand_ins.clarifai_app import Stored
from stand_ins.clarifai_server import KEY, ClarifaiServer, Fault

pytestmark = pytest.mark.media

PICTURES = 6
MOODS = ("calm", "sad")
ALL = PICTURES * len(MOODS)
QUICK = {"api_key": KEY, "app": "my-app", "first_wait": 0.01, "per_second": 1000, "ask_every": 0.01}


@pytest.fixture(scope="module")
def made(pytestconfig, tmp_path_factory):
    from pathlib import Path

    outer = pytestconfig.pluginmanager.get_plugin(str(Path(__file__).with_name("conftest.py")))
    folder = tmp_path_factory.mktemp("moods")
    for seed, mood in enumerate(MOODS):
        (folder / mood).mkdir()
        outer.ffmpeg(
            "-f", "lavfi", "-i", f"testsrc2=s=96x64:r=1:d={PICTURES}",
            "-vf", f"hue=h={90 * seed}", folder / mood / "%02d.png",
        )  # fmt: skip
    return folder


@pytest.fixture
def pictures(made, tmp_path):
    return shutil.copytree(made, tmp_path / "pictures")


@pytest.fixture
def server():
    with ClarifaiServer(looks_to_ingest=2, looks_to_train=2) as server:
        yield server


@pytest.fixture
def train(server, pictures):
    return lambda **options: train_clarifai(pictures, base=server.base, **QUICK | options)


def test_pictures_become_a_model_that_tells_moods_apart(server, train):
    steps = []
    report = train(on_progress=steps.append)
    assert (report.pictures, report.uploaded, report.failed) == (ALL, ALL, ())
    assert report.moods == MOODS
    assert (report.user, report.app, report.model, report.version) == (
        "me", "my-app", "moods", "version1",
    )  # fmt: skip
    assert {step.stage: step.fraction for step in steps} == dict.fromkeys(
        ("upload", "ingest", "train"), 1.0
    )
    concepts = [stored.input.data.concepts for stored in server.inputs.values()]
    assert [[(c.id, c.value) for c in each] for each in concepts] == [
        [(mood, 1.0)] for mood in MOODS for _ in range(PICTURES)
    ]
    assert server.model_types == {"moods": "embedding-classifier"}
    [trained] = server.models["moods"]
    assert trained.version.output_info.output_config.concepts_mutually_exclusive
    classifier = get_backend(
        "mood_classifier", "clarifai", model="moods", user="me", app="my-app",
        api_key=KEY, base=server.base,
    )  # fmt: skip
    assert classifier.labels == MOODS


def test_what_is_sent_is_a_small_picture_without_metadata(server, train, pictures):
    train()
    jpegs = [stored.input.data.image.base64 for stored in server.inputs.values()]
    assert all(jpeg.startswith(b"\xff\xd8\xff\xe0") and b"Exif" not in jpeg for jpeg in jpegs)
    assert all(name.startswith("musify-") for name in server.inputs)
    assert not any(str(pictures) in str(call.request) for call in server.calls)


def test_a_second_run_uploads_nothing_and_trains_nothing(server, train):
    first = train()
    second = train()
    assert (second.uploaded, second.version) == (0, first.version)
    assert len(server.sent) == len(set(server.sent)) == ALL
    assert len(server.of("PostModelVersions")) == 1


def test_more_pictures_train_another_version(server, train, pictures):
    train()
    extra = pictures / "calm" / "more.png"
    extra.write_bytes((pictures / "calm" / "01.png").read_bytes() + b"\0")
    report = train()
    assert (report.uploaded, report.pictures, report.version) == (1, ALL + 1, "version2")


def test_a_picture_in_another_folder_is_moved_not_sent(server, train, pictures):
    train()
    (pictures / "calm" / "01.png").rename(pictures / "sad" / "moved.png")
    report = train()
    assert (report.uploaded, report.moved) == (0, 1)
    assert len(server.sent) == ALL
    shown = [stored.input.data.concepts[0].id for stored in server.inputs.values()]
    assert shown.count("sad") == 7
    assert shown.count("calm") == 5
    assert report.version == "version2"


STEPS = (
    *("ListInputs", "PostInputs", "GetInputsAddJob", "GetModel", "PostModels"),
    *("ListModelVersions", "PostModelVersions", "GetModelVersion"),
)


def test_a_crash_at_each_step_is_gone_on_from(server, train):
    for method in STEPS:
        server.fail(method, Fault(abort=grpc.StatusCode.UNAUTHENTICATED))
        with pytest.raises(AuthenticationError):
            train()
        assert not server.faults[method]
    assert train().pictures == ALL
    assert len(server.sent) == len(set(server.sent)) == ALL
    assert len(server.models["moods"]) == 1


@pytest.mark.parametrize("is_done", [True, False])
def test_a_lost_answer_makes_nothing_twice(server, train, is_done):
    for method in ("PostInputs", "PostModels", "PostModelVersions"):
        server.fail(method, Fault(abort=grpc.StatusCode.INTERNAL, is_done=is_done))
    assert train().pictures == ALL
    assert not any(server.faults.values())
    assert len(server.sent) == len(set(server.sent)) == ALL
    assert len(server.models["moods"]) == 1


def test_a_server_that_lists_other_inputs_than_asked_for(server, train):
    for number in range(50):
        server.inputs[f"other{number}"] = Stored(
            resources_pb2.Input(id=f"other{number}"), 0, 30_000
        )
    server.ignores_ids = True
    assert train().uploaded == ALL
    assert train().uploaded == 0
    assert len(server.sent) == ALL


def test_a_server_that_is_killed_in_the_middle(server, train):
    # The first answer after half of the pictures never comes.
    def die():
        threading.Thread(target=server.stop).start()

    server.fail("GetInputsAddJob", Fault(then=die, seconds=1))
    with pytest.raises(ServiceError, match=r"UNAVAILABLE|before patience was over") as caught:
        train(patience=0.3)
    assert caught.value.retryable
    server.start()
    report = train()
    assert (report.uploaded, report.pictures) == (0, ALL)
    assert len(server.sent) == ALL


def test_pictures_that_are_refused_or_fail_are_told(server, train):
    first, second = [], []

    def refuse(one):
        if one.data.concepts[0].id == "calm" and not first:
            first.append(one.id)
            return 30_101
        return 0

    def fail(one):
        if one.data.concepts[0].id == "sad" and not second:
            second.append(one.id)
            return 30_002
        return 30_000

    server.refusal_of, server.fate_of = refuse, fail
    with notices.collect_notices() as told:
        report = train()
    assert report.pictures == ALL - 2
    assert [(path.name, path.parent.name) for path, _ in report.failed] == [
        ("01.png", "calm"),
        ("01.png", "sad"),
    ]
    whys = [why for _, why in report.failed]
    assert "30101 INPUT_UNSUPPORTED_FORMAT" in whys[0]
    assert "30002 INPUT_FAILED" in whys[1]
    assert "left out 2 pictures" in told[0]
    assert "2 pictures were left out:" in str(report)


def test_too_few_that_can_be_learnt_from(server, train):
    server.fate_of = lambda one: 30_002
    with pytest.raises(ParameterError, match=r"'calm' has 0 pictures .*30002 INPUT_FAILED"):
        train()
    assert not server.models


FAILURES = {
    21_106: "MODEL_TRAINING_FAILED",
    21_110: "found no pictures with its concepts",
    21_111: "a mood has no picture",
    21_112: "one mood only",
    21_113: "took too long",
    21_115: "MODEL_TRAINING_UNKNOWN_ERROR",
    21_117: "add pictures",
    21_118: "for classification",
}


def test_a_training_that_fails_says_why_and_is_not_taken_for_the_model(server, train):
    server.looks_to_train = 0
    for code, words in FAILURES.items():
        server.training_fate = code
        with pytest.raises(ServiceError, match=rf"{code} MODEL_TRAINING") as caught:
            train()
        assert words in str(caught.value)
    server.training_fate = 21_100
    assert train().version == f"version{len(FAILURES) + 1}"


def test_waiting_ends(server, train):
    server.looks_to_ingest = 10_000
    with pytest.raises(ServiceError, match=r"take in the pictures within 0\.05 s") as caught:
        train(longest=0.05)
    assert caught.value.retryable


def test_it_can_be_cancelled(server, train):
    """While it waits for the service, from another thread."""
    server.looks_to_train = 10_000
    token, ended = CancelToken(), []
    reached = threading.Event()

    def told(progress):
        if progress.stage == "train":
            reached.set()

    def work():
        with token:
            try:
                train(on_progress=told)
            except CancelledError:
                ended.append(time.monotonic())

    thread = threading.Thread(target=work)
    thread.start()
    assert reached.wait(20)
    begun = time.monotonic()
    token.cancel()
    thread.join(10)
    assert ended[0] - begun < 1


def test_a_service_that_says_nothing_is_not_waited_for(server, train):
    server.latency = 3.0
    token = CancelToken()
    timer = threading.Timer(0.5, token.cancel)
    timer.start()
    begun = time.monotonic()
    with token, pytest.raises(CancelledError):
        train()
    timer.join()
    assert time.monotonic() - begun < 0.5 + 1


def test_the_app_must_be_named_and_be_there(server, train, monkeypatch):
    monkeypatch.delenv("CLARIFAI_APP_ID", raising=False)
    with pytest.raises(ParameterError, match="name the app"):
        train(app=None)
    with pytest.raises(ParameterError, match=r"11101 CONN_DOES_NOT_EXIST"):
        train(app="elsewhere")
    monkeypatch.setenv("CLARIFAI_APP_ID", "my-app")
    assert train(app=None).app == "my-app"


def test_a_model_of_another_type_is_left_alone(server, train):
    server.models["moods"] = []
    server.model_types["moods"] = "visual-detector"
    with pytest.raises(ParameterError, match="'moods' is a visual-detector"):
        train()


def test_one_picture_in_two_moods_is_refused(server, train, pictures):
    shutil.copy(pictures / "calm" / "01.png", pictures / "sad" / "copy.png")
    with pytest.raises(ParameterError, match="one picture in the folders of two moods"):
        train()
    assert not server.calls


def test_a_copy_and_a_broken_picture_are_left_out(server, train, pictures):
    shutil.copy(pictures / "calm" / "01.png", pictures / "calm" / "copy.png")
    (pictures / "sad" / "broken.jpg").write_bytes(b"no picture")
    with notices.collect_notices() as told:
        report = train()
    assert report.pictures == ALL
    assert [path.name for path, _ in report.failed] == ["broken.jpg"]
    assert any("1 copies" in line for line in told)


def test_names_of_moods_that_are_no_ids(server, train, pictures):
    (pictures / "sad").rename(pictures / "trés triste")
    train()
    names = server.model_concepts["moods"]
    assert names == ["calm", "trés triste"]
    [trained] = server.models["moods"]
    ids = [concept.id for concept in trained.version.output_info.data.concepts]
    assert ids[0] == "calm"
    assert ids[1].isascii()


@pytest.fixture
def app():
    shown = shell.make_app(["train"])
    return lambda *args: CliRunner().invoke(shown, ["train", "clarifai", *map(str, args)])


def test_at_the_shell(server, app, pictures, monkeypatch):
    monkeypatch.setenv("CLARIFAI_PAT", KEY)
    monkeypatch.setenv("CLARIFAI_GRPC_BASE", server.base)
    server.looks_to_ingest = server.looks_to_train = 0
    done = app(pictures, "--app", "my-app", "--model", "mine")
    assert done.exit_code == 0, done.output
    assert "12 pictures of 2 moods: calm, sad" in done.stdout
    assert "--classifier clarifai --option mood_classifier.model=mine" in done.stdout
    again = app(pictures, "--app", "my-app", "--model", "mine", "--json")
    assert json.loads(again.stdout)["uploaded"] == 0
    monkeypatch.delenv("CLARIFAI_PAT")
    refused = app(pictures, "--app", "my-app")
    assert refused.exit_code == 6
    assert "CLARIFAI_PAT" in refused.stderr
