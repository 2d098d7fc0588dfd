import pytest

from musify import ParameterError
from musify._channel_layouts import layout_channels
from musify.audio.channel_weights import channel_weights

S = 1.41


@pytest.mark.parametrize(
    ("channels", "layout", "weights"),
    [
        (1, None, [1]),
        (2, "stereo", [1, 1]),
        (3, "2.1", [1, 1, 0]),
        (3, None, [1, 1, 1]),
        (4, "quad", [1, 1, S, S]),
        (5, None, [1, 1, 1, S, S]),
        (6, "5.1", [1, 1, 1, 0, S, S]),
        (6, "5.1(side)", [1, 1, 1, 0, S, S]),
        # With loudspeakers beside the listener, those behind stand too far back to count more.
        (8, "7.1", [1, 1, 1, 0, 1, 1, S, S]),
        (8, "7.1(wide)", [1, 1, 1, 0, S, S, 1, 1]),
        (12, "7.1.4", [1, 1, 1, 0, 1, 1, S, S, 1, 1, 1, 1]),
        (3, "3 channels (FL+FR+SL)", [1, 1, S]),
        (2, "nonsense", [1, 1]),
        (6, "stereo", [1, 1, 1, 0, S, S]),  # that cannot be meant
    ],
)
def test_weights(channels, layout, weights):
    assert channel_weights(channels, layout).tolist() == weights


def test_so_many_channels_are_not_known():
    with pytest.raises(ParameterError, match="no layout of 11 channels is known; give weights"):
        channel_weights(11)


@pytest.mark.parametrize(
    ("layout", "count"), [("mono", 1), ("7.1(wide)", 8), ("22.2", 24), ("ambisonic 1", 0)]
)
def test_layouts(layout, count):
    assert len(layout_channels(layout)) == count
