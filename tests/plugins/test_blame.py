"""The pipeline checks every hand-over, and names who broke the rule."""

import pytest

from musify import BackendError, VideoOpenError

BAD_BACKENDS = """
import musify
import numpy as np
from musify import BackendSpec, CueSheet, FrameSample, MoodScores, MoodTimeline, hookimpl

SHOT = np.zeros((2, 2, 3), np.uint8)


class Sampler(musify.FrameSampler):
    def __init__(self, times):
        self.times = times

    def sample(self, video):
        for time in self.times:
            yield SHOT if time is None else FrameSample(time, SHOT)


class Classifier(musify.MoodClassifier):
    labels = ("calm", "sad")

    def __init__(self, fault):
        self.fault = fault

    def classify(self, samples):
        times = []
        for sample in samples:
            times.append(sample.time)
            if self.fault == "early":
                break
        if self.fault == "nothing":
            return None
        if self.fault == "rows":
            times = times[:-1]
        if self.fault == "times":
            times = [time + 0.1 for time in times]
        labels = ("sad", "calm") if self.fault == "labels" else self.labels
        return MoodScores(times, labels, np.ones((len(times), 2)))


class Aggregator(musify.MoodAggregator):
    def __init__(self, fault):
        self.fault = fault

    def aggregate(self, scores, shots, *, duration):
        if self.fault == "nothing":
            return None
        label = "gloomy" if self.fault == "labels" else "calm"
        length = duration + 1 if self.fault == "length" else duration
        return MoodTimeline([0, length], (label,), [1], [[0, 0]])


class Selector(musify.TrackSelector):
    needs_library = False

    def __init__(self, fault):
        self.fault = fault

    def select(self, timeline, library):
        return None if self.fault == "nothing" else CueSheet((), timeline.duration + 1)


class Muxer(musify.AudioMuxer):
    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        return output


@hookimpl
def musify_frame_samplers():
    yield BackendSpec("hue", Sampler)


@hookimpl
def musify_mood_classifiers():
    yield BackendSpec("hue", Classifier)


@hookimpl
def musify_mood_aggregators():
    yield BackendSpec("hue", Aggregator)


@hookimpl
def musify_track_selectors():
    yield BackendSpec("hue", Selector)


@hookimpl
def musify_audio_muxers():
    yield BackendSpec("hue", Muxer)
"""


@pytest.fixture
def blamed(install, pipeline, tmp_path):
    """Run with one bad backend, and return what is said of it."""
    from musify import get_backend

    install("musify-hue", BAD_BACKENDS)

    def run(kind, error=BackendError, **options):
        part = get_backend(kind, "hue", **options)
        with pytest.raises(error) as caught:
            pipeline(**{kind: part}).run("film.mp4", tmp_path / "out.mp4")
        assert list(tmp_path.glob("out*")) == []
        return str(caught.value)

    return run


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("frame_sampler", {"times": [0, 2, 2]}, "gave 2 s after 2 s"),
        ("frame_sampler", {"times": [0, 2, 1]}, "gave 1 s after 2 s"),
        ("frame_sampler", {"times": [0, 9]}, "gave 9 s of a video of 5 s"),
        ("frame_sampler", {"times": [None]}, "gave a ndarray instead of a FrameSample"),
        ("mood_classifier", {"fault": "nothing"}, "returned a NoneType instead of MoodScores"),
        ("mood_classifier", {"fault": "rows"}, "returned 4 rows for 5 samples"),
        (
            "mood_classifier",
            {"fault": "times"},
            "returned rows whose times are not those of the samples",
        ),
        (
            "mood_classifier",
            {"fault": "labels"},
            "scored ('sad', 'calm'), but its labels are ('calm', 'sad')",
        ),
        ("mood_aggregator", {"fault": "nothing"}, "returned a NoneType instead of a MoodTimeline"),
        ("mood_aggregator", {"fault": "length"}, "returned a timeline of 6 s for a video of 5 s"),
        (
            "mood_aggregator",
            {"fault": "labels"},
            "used labels the classifier does not know: ['gloomy']",
        ),
        ("track_selector", {"fault": "nothing"}, "returned a NoneType instead of a CueSheet"),
        (
            "track_selector",
            {"fault": "length"},
            "returned a CueSheet of 6 s for a video of 5 s",
        ),
    ],
)
def test_who_broke_which_rule(blamed, kind, options, message):
    assert blamed(kind, **options) == f"the {kind} 'hue' (musify-hue 0.1) {message}"


def test_a_muxer_that_wrote_nothing(blamed):
    message = blamed("audio_muxer")
    assert message.startswith("the audio_muxer 'hue' (musify-hue 0.1) returned ")
    assert message.endswith("where no file stands")


def test_a_classifier_that_stops_early_is_blamed(blamed):
    # It returns a row for each sample it read; the rest of the film was never looked at.
    assert "mood_classifier 'hue' (musify-hue 0.1)" in blamed("mood_classifier", fault="early")


def test_a_sampler_that_gives_nothing_is_named_and_how_to_find_out(blamed):
    assert blamed("frame_sampler", times=[]) == (
        "the frame_sampler 'hue' (musify-hue 0.1) gave no frame of 'film.mp4'; if the "
        "frame_sampler 'keyframe' finds none either, the video cannot be decoded"
    )


def test_a_video_without_a_picture_is_nobodys_fault_but_its_own(pipeline, tmp_path, monkeypatch):
    from musify import get_backend

    sampler = get_backend("frame_sampler", "keyframe")
    monkeypatch.setattr(type(sampler), "sample", lambda self, video: iter(()))
    with pytest.raises(VideoOpenError, match=r"^no frame of 'film\.mp4' could be decoded$"):
        pipeline(frame_sampler=sampler).run("film.mp4", tmp_path / "out.mp4")


def test_one_row_is_no_rows(install, pipeline, tmp_path):
    from musify import get_backend

    install("musify-hue", BAD_BACKENDS)
    parts = {
        "frame_sampler": get_backend("frame_sampler", "hue", times=[0, 1]),
        "mood_classifier": get_backend("mood_classifier", "hue", fault="rows"),
    }
    with pytest.raises(BackendError, match="returned 1 row for 2 samples"):
        pipeline(**parts).run("film.mp4", tmp_path / "out.mp4")
