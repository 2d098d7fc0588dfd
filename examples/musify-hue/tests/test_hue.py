import pytest
from musify import list_backends
from musify.testing import MoodClassifierContract

from musify_hue import HueClassifier


class TestHue(MoodClassifierContract):
    @pytest.fixture
    def backend(self) -> HueClassifier:
        return HueClassifier()


def test_it_has_its_name() -> None:
    assert "hue" in [backend.name for backend in list_backends("mood_classifier")]
