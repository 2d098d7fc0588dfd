import pytest

from musify import OutputError, ParameterError, Pipeline, UnknownBackendError
from musify.backends.folder_library import FolderLibrary
from musify.backends.palette_classifier import PaletteClassifier


def test_parts_are_given_by_name_or_as_they_are():
    classifier = PaletteClassifier(temperature=2.0)
    pipeline = Pipeline(
        frame_sampler="interval", mood_classifier=classifier, mood_aggregator="majority"
    )
    assert pipeline.mood_classifier is classifier
    assert repr(pipeline.mood_aggregator) == "MajorityAggregator()"
    assert "PaletteClassifier(" in repr(pipeline)


def test_the_parentheses_may_be_forgotten():
    with pytest.raises(ParameterError, match=r"mood_classifier must be a MoodClassifier or a name"):
        Pipeline(mood_classifier=3)
    with pytest.raises(ParameterError, match=r"have you forgotten the \(\)\?"):
        Pipeline(mood_classifier=PaletteClassifier)
    with pytest.raises(UnknownBackendError, match="no mood_classifier is called 'scenes'"):
        Pipeline(mood_classifier="scenes")


def test_progress_is_told_to_something_that_can_be_called():
    with pytest.raises(ParameterError, match=r"on_progress must be a callable .* got 3"):
        Pipeline(on_progress=3)


def test_a_library_is_itself_or_a_folder(tmp_path):
    library = FolderLibrary(tmp_path)
    assert Pipeline(library=library).library is library
    assert Pipeline(library=tmp_path).library.path == tmp_path
    assert Pipeline(library=str(tmp_path)).library.path == tmp_path
    with pytest.raises(ParameterError, match="no song library and no folder is called 'nowhere'"):
        Pipeline(library="nowhere")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"original": "mute"}, "original must be one of"),
        ({"music_gain_db": 41}, "music_gain_db must be in"),
        ({"sample_rate": 10}, "sample_rate must be in"),
        ({"dynamics": "slow"}, "dynamics must be one of 'exact', 'fast', 'index' or None"),
    ],
)
def test_a_wrong_value_shows_before_a_long_run(options, message):
    with pytest.raises(ParameterError, match=message):
        Pipeline(**options)


def test_an_output_that_cannot_be_is_told_before_anything_is_read(tmp_path):
    with pytest.raises(OutputError, match="does not exist; make it first"):
        Pipeline(library=tmp_path).run("film.mp4", tmp_path / "none" / "out.mp4")
