"""The program of 2016 as parts of a pipeline."""

from typing import Any, Final

from musify.plugins import get_backend

__all__ = ["CLASSIC_RATIO", "CLASSIC_SECONDS", "classic_parts"]

CLASSIC_SECONDS: Final = 5.0
CLASSIC_RATIO: Final = 2.0


def classic_parts(seconds: float, ratio: float) -> dict[str, Any]:
    """Make what the program of 2016 consisted of, but for the classifier and the songs.

    Parameters
    ----------
    seconds : float
        Seconds between frames.
    ratio : float
        Of the rule that names the song.

    Returns
    -------
    dict
        Arguments of :class:`musify.Pipeline`. Nothing looked at cuts, measured loudness or kept the
        video's own sound.
    """
    return {
        "frame_sampler": get_backend("frame_sampler", "interval", seconds=seconds),
        "mood_aggregator": get_backend("mood_aggregator", "majority"),
        "track_selector": get_backend(
            "track_selector", "letter-code", ratio=ratio, joined_by="pydub"
        ),
        "original": "replace",
        "loudness": None,
        "dynamics": None,
    }
