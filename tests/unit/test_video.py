from fractions import Fraction

import pytest

from musify import ParameterError, StreamInfo


def test_streams_are_found_by_index(make_video):
    video = make_video(audio=True)
    assert video.video_stream.kind == "video"
    assert video.stream(1).kind == "audio"
    assert video.has_audio
    assert not make_video().has_audio
    with pytest.raises(ParameterError, match=r"film\.mp4 has no stream 7; it has 2"):
        video.stream(7)


@pytest.mark.parametrize("duration", [0, -1, float("nan"), float("inf")])
def test_a_film_lasts(make_video, duration):
    with pytest.raises(ParameterError, match="duration must be above 0 s"):
        make_video(duration)


@pytest.mark.parametrize("size", [{"width": 0}, {"height": 0}])
def test_a_picture_has_a_size(make_video, size):
    with pytest.raises(ParameterError, match="a picture is at least 1x1"):
        make_video(**size)


@pytest.mark.parametrize(
    ("stored", "rotation", "aspect", "longest", "fitted"),
    [
        ((1920, 1080), 0, 1, 320, (320, 180)),
        ((160, 90), 0, 1, 320, (160, 90)),
        ((1920, 1080), 90, 1, 320, (180, 320)),
        ((720, 576), 0, Fraction(16, 15), 384, (384, 288)),
        ((720, 576), 90, Fraction(16, 15), 384, (288, 384)),
        ((720, 576), 180, Fraction(16, 15), 384, (384, 288)),
        ((4000, 2), 0, 1, 100, (100, 1)),
    ],
)
def test_fitted_size(make_video, stored, rotation, aspect, longest, fitted):
    film = StreamInfo(0, "video", "h264", width=stored[0], height=stored[1], aspect=aspect)
    turned = stored[::-1] if rotation == 90 else stored
    video = make_video(width=turned[0], height=turned[1], rotation=rotation, streams=(film,))
    assert video.fitted_size(longest) == fitted
