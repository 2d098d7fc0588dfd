"""Observers watch a run; nothing they do changes it."""

import sys

import pytest

from musify import BackendError, MoodClassifier, VideoInfo

WATCHING = """
import musify

seen = []

@musify.hookimpl
def musify_run_started(video, output):
    seen.append(("started", video, output))
    return "ignored"

@musify.hookimpl
def musify_stage_finished(stage, seconds, result):
    seen.append((stage, seconds, result))

@musify.hookimpl
def musify_run_failed(stage, error):
    seen.append(("failed", stage, error))
"""

# It sorts before musify-watch, so that it fails first.
FAILING = """
import musify

@musify.hookimpl
def musify_run_started():
    raise ZeroDivisionError("observed")

@musify.hookimpl
def musify_stage_finished(result):
    raise ZeroDivisionError("observed")

@musify.hookimpl
def musify_run_failed(error):
    raise ZeroDivisionError("observed")
"""


class Failing(MoodClassifier):
    labels = ("calm",)

    def __init__(self, error):
        self.error = error

    def classify(self, samples):
        raise self.error


def seen():
    return sys.modules["musify_watch"].seen


@pytest.fixture
def watch(install):
    install("musify-watch", WATCHING)


def test_a_run_is_watched_from_start_to_end(watch, pipeline, video, tmp_path):
    result = pipeline().run("film.mp4", tmp_path / "out.mp4")
    # The file is found out before the run is known to begin.
    assert [event[0] for event in seen()] == [
        "probe", "started", "classify", "aggregate", "select", "mux"
    ]  # fmt: skip
    assert ("started", video, tmp_path / "out.mp4") in seen()
    results = {stage: value for stage, _, value in seen() if stage != "started"}
    assert results["probe"] is video
    assert isinstance(results["probe"], VideoInfo)
    assert results["classify"] is result.scores
    assert results["aggregate"] is result.timeline
    assert results["select"] is result.cues
    assert results["mux"] == result.output
    seconds = {stage: took for stage, took, _ in seen() if stage != "started"}
    assert seconds == result.seconds


def test_rendering_a_plan_is_watched_too(watch, pipeline, tmp_path):
    plan = pipeline().plan("film.mp4")
    seen().clear()
    pipeline().render(plan, tmp_path / "out.mp4")
    assert [event[0] for event in seen()] == ["probe", "started", "mux"]


def test_a_backend_that_fails_is_named(watch, pipeline, tmp_path):
    error = ValueError("no")
    failing = pipeline(mood_classifier=Failing(error))
    with pytest.raises(
        BackendError, match="the mood_classifier 'Failing' failed: ValueError: no"
    ) as caught:
        failing.run("film.mp4", tmp_path / "out.mp4")
    assert caught.value.__cause__ is error
    assert seen()[-1] == ("failed", "classify", caught.value)


def test_what_a_progress_callback_raises_is_nobody_elses_fault(pipeline, tmp_path):
    error = ValueError("mine")

    def complain(progress):
        if progress.stage == "sample":
            raise error

    with pytest.raises(ValueError, match="mine") as caught:
        pipeline(on_progress=complain).run("film.mp4", tmp_path / "out.mp4")
    assert caught.value is error


@pytest.mark.parametrize("error", [BackendError("no"), KeyboardInterrupt()])
def test_a_failure_is_told_and_raised(watch, pipeline, tmp_path, error):
    with pytest.raises(type(error)) as caught:
        pipeline(mood_classifier=Failing(error)).run("film.mp4", tmp_path / "out.mp4")
    assert caught.value is error
    assert seen()[-1] == ("failed", "classify", error)
    assert list(tmp_path.glob("out*")) == []


@pytest.mark.logs_errors
def test_an_observer_that_fails_is_logged_and_stops_nobody(
    install, watch, pipeline, tmp_path, caplog
):
    install("musify-fail", FAILING)
    pipeline().run("film.mp4", tmp_path / "out.mp4")
    with pytest.raises(BackendError, match="no"):
        pipeline(mood_classifier=Failing(ValueError("no"))).analyze("film.mp4")
    events = [event[0] for event in seen()]
    assert events.count("started") == 1
    assert events[-1] == "failed"
    errors = {record.getMessage() for record in caplog.records if record.levelname == "ERROR"}
    assert errors == {
        f"the plugin musify-fail:fail failed in {hook}"
        for hook in ("musify_run_started", "musify_stage_finished", "musify_run_failed")
    }
    assert all(record.exc_info for record in caplog.records if record.levelname == "ERROR")


def test_an_observer_takes_the_arguments_it_wants(install, pipeline, tmp_path):
    code = """
    import musify

    seen = []

    @musify.hookimpl
    def musify_run_started(output):
        seen.append(output)

    @musify.hookimpl
    def musify_stage_finished(): seen.append("stage")
    """
    install("musify-watch", code)
    pipeline().run("film.mp4", tmp_path / "out.mp4")
    assert seen() == ["stage", tmp_path / "out.mp4", *["stage"] * 4]
