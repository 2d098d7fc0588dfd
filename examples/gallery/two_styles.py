"""The same moods in two styles.

A tense scene that ends sadly, for an orchestra and as lo-fi: sections, chords, instruments and
notes change with the style, the length does not.
"""

import sys
from pathlib import Path

from matplotlib import pyplot

import musify

folder = Path(sys.argv[1])
figure, axes = pyplot.subplots(2, 1, figsize=(11, 9), layout="constrained")
for style, ax in zip(("orchestral", "lo-fi"), axes, strict=True):
    score = musify.compose("tense 6s, sad 8s", style=style, seed=1)
    score.soundtrack().save(folder / f"two_styles-{style}.mp3")
    score.plot(ax=ax)
figure.savefig(folder / "two_styles.svg", bbox_inches="tight", transparent=True)
