"""Swap the last part: look at a video, and write the seconds of each mood instead of a file.

``python count_moods.py VIDEO``
"""

import sys

import musify


def seconds_of_moods(video: str) -> dict[str, float]:
    """Sum up how long each mood lasts, with a frame taken every second."""
    sampler = musify.get_backend("frame_sampler", "interval", seconds=1.0)
    timeline = musify.Pipeline(frame_sampler=sampler).analyze(video).timeline
    seconds: dict[str, float] = {}
    for segment in timeline:
        seconds[segment.label] = seconds.get(segment.label, 0.0) + segment.duration
    return seconds


if __name__ == "__main__":
    for mood, total in seconds_of_moods(sys.argv[1]).items():
        print(f"{mood:10} {total:.1f} s")
