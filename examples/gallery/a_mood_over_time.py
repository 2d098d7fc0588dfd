"""A mood over time, composed.

Words say which mood when; the timeline that they make is drawn, and music is written for it.
"""

import sys
from pathlib import Path

import musify

folder = Path(sys.argv[1])
score = musify.compose("calm 6s, happy 8s", style="folk", seed=1)
score.soundtrack().save(folder / "a_mood_over_time.mp3")
score.plot().figure.savefig(folder / "a_mood_over_time.svg", bbox_inches="tight")
