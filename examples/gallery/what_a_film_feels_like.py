"""What a film feels like.

A film of four scenes is looked at, and music is composed for it. Above what musify saw, its moods
over time; the film plays with its new music.
"""

import sys
from pathlib import Path

from matplotlib import pyplot

import musify

folder = Path(sys.argv[1])
film = musify.make_demo_video(folder / "film.mp4", seconds=8)
result = musify.add_music(film, folder / "what_a_film_feels_like.mp4")

figure, (strip, moods) = pyplot.subplots(
    2, 1, sharex=True, figsize=(9, 4), height_ratios=[1, 2.4], layout="constrained"
)
sampler = musify.get_backend("frame_sampler", "interval", seconds=4.0, longest_side=640)
for sample in sampler.sample(result.video):
    strip.imshow(sample.image, extent=(sample.time, sample.time + 3.8, 0, 1), aspect="auto")
strip.set(ylim=(0, 1), yticks=[])
strip.spines[:].set_visible(False)
result.timeline.plot(ax=moods)
figure.savefig(folder / "what_a_film_feels_like.png", dpi=150)
pyplot.imsave(folder / "what_a_film_feels_like-end.png", sample.image)
film.unlink()
