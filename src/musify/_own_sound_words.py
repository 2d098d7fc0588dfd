"""What becomes of a video's own sound, in words."""

from typing import Final

import numpy as np

from musify._clock import clock
from musify.cues import CueSheet

__all__ = ["fate_of_own_sound"]

# A gain nearer to 0 is hardly heard; seconds between two looks at a curve.
_HEARD_DB: Final = 0.5
_SILENT_DB: Final = 60.0
_STEP: Final = 0.05


def fate_of_own_sound(sheet: CueSheet) -> str:
    """Say what becomes of the own sound of a video that has any."""
    if sheet.original == "replace":
        return "gone, the music takes its place"
    where = "in the mix with the music, and kept as a track of its own"
    if sheet.original == "second-track":
        where = "stays as it is, and a second track has the mix with the music"
    times = np.arange(0, sheet.duration, _STEP)
    # Composed melodies step back by both, and so the farthest.
    curves = [one for one in (sheet.gain_curve, sheet.lead_curve) if one is not None]
    gains = np.sum([np.zeros(len(times)), *(one.at(times) for one in curves)], axis=0)
    lowered = float((gains < -_HEARD_DB).sum()) * _STEP
    if not lowered:
        return f"{where}; music never steps back for it"
    deepest = -float(gains.min())
    how = "falls silent for it"
    if deepest <= _SILENT_DB:
        how = f"steps back for it by up to {deepest:.0f} dB"
    return f"{where}; music {how}, for {clock(lowered)} in all"
