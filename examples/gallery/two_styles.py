"""The same mood in another style.

A tense scene for an orchestra: sections, chords and notes change with the style, the length
does not.
"""

import sys
from pathlib import Path

import musify

folder = Path(sys.argv[1])
score = musify.compose("tense 6s, sad 8s", style="orchestral", seed=1)
score.soundtrack().save(folder / "two_styles.mp3")
score.plot().figure.savefig(folder / "two_styles.svg", bbox_inches="tight")
