"""Moods in words, composed.

Words say which mood when, and music is written for them. Time runs from left to right, and each
box is a note.
"""

import sys
from pathlib import Path

import musify

folder = Path(sys.argv[1])
score = musify.compose("calm 6s, happy 8s", style="folk", seed=1)
score.soundtrack().save(folder / "a_mood_over_time.mp3")
figure = score.plot().figure
figure.savefig(folder / "a_mood_over_time.svg", bbox_inches="tight", transparent=True)
