"""A song at another length.

A song of 48 s is to last 31.4 s, with its own beginning and its true ending. It is cut where two
places sound alike: at the mark below. A song of your own is fitted in the same way.
"""

import sys
from pathlib import Path

from matplotlib import pyplot

import musify

folder = Path(sys.argv[1])
musify.compose("happy 48s", style="electronic", seed=3).soundtrack().save(folder / "song.wav")
fit = musify.fit_song(folder / "song.wav", 31.4)
happy = musify.Mood.named("happy")
song = musify.Track(folder / "song.wav", 48.0, title="the song, 31.4 s of 48 s", mood=happy)
sheet = fit.sheet(song)
soundtrack = musify.mix(sheet)
soundtrack.save(folder / "a_song_at_another_length.mp3")

figure, (cues, wave) = pyplot.subplots(2, 1, sharex=True, figsize=(9, 3.4), layout="constrained")
sheet.plot(ax=cues)
soundtrack.plot(ax=wave)
figure.savefig(folder / "a_song_at_another_length.svg", transparent=True)
(folder / "song.wav").unlink()
