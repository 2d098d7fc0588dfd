"""What a film feels like.

The demo film is drawn, looked at, and its moods are shown over time; below is what was composed
for it.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import musify
from musify.demo import make_demo_video

folder = Path(sys.argv[1])
with TemporaryDirectory() as work:
    film = make_demo_video(Path(work) / "film.mp4", seconds=8)
    analysis = musify.Pipeline().analyze(film)
analysis.timeline.plot().figure.savefig(folder / "what_a_film_feels_like.svg", bbox_inches="tight")
musify.compose(analysis, seed=1).soundtrack().save(folder / "what_a_film_feels_like.mp3")
