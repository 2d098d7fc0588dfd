import pytest
from musify_hue import HueClassifier

from musify.testing import MoodClassifierContract


class TestHue(MoodClassifierContract):
    @pytest.fixture
    def backend(self):
        return HueClassifier()
