import pytest
from musify.testing import MoodClassifierContract

from musify_hue import HueClassifier


class TestHue(MoodClassifierContract):
    @pytest.fixture
    def backend(self) -> HueClassifier:
        return HueClassifier()
