"""How the form of composed music follows a picture: cuts on beats, moods on downbeats."""

import time

import numpy as np

from musify.composer.commission import Commission
from musify.composer.writing import compose
from musify.timeline import MoodTimeline

__all__ = ["measure_form"]

FRAME = 1 / 30
LABELS = ("happy", "tense", "sad", "calm")


def random_timeline(seed: int) -> MoodTimeline:
    """Make moods of 3 s to 40 s, and as many cuts as there are five seconds, anywhere."""
    chance = np.random.default_rng(seed)
    edges = [0.0]
    duration = chance.uniform(10, 120)
    while edges[-1] < duration:
        edges.append(edges[-1] + chance.uniform(3, 40))
    moods = len(edges) - 1
    cuts = np.sort(chance.uniform(0, edges[-1], round(edges[-1] / 5)))
    labels = chance.choice(LABELS, moods).tolist()
    return MoodTimeline(edges, labels, [1] * moods, chance.uniform(-1, 1, (moods, 2)), cuts)


def measure_form(count: int) -> None:
    """Compose for random timelines, and print how well the music meets them."""
    met = cuts = by_chance = half = 0.0
    late: list[float] = []
    change: list[float] = []
    rings: list[float] = []
    minutes = 0.0
    styles: dict[str, list[float]] = {}
    began = time.process_time()
    for seed in range(count):
        timeline = random_timeline(seed)
        score = compose(Commission(timeline, seed=seed))
        beats = score.tempo.seconds_at(np.arange(np.floor(score.tempo.end) + 1))
        halves = score.tempo.seconds_at(np.arange(0, np.floor(score.tempo.end), 0.5))
        down = [beat for section in score.sections for beat in section.downbeats]
        downbeats = score.tempo.seconds_at([*down, score.sections[-1].end])
        late += [float(np.abs(downbeats - edge).min()) for edge in timeline.edges[1:-1]]
        hit = np.abs(timeline.cuts[:, None] - beats).min(axis=1) <= FRAME
        half += (np.abs(timeline.cuts[:, None] - halves).min(axis=1) <= FRAME).sum()
        styles.setdefault(score.style, []).extend(hit.tolist())
        met += hit.sum()
        cuts += len(hit)
        bpm = score.tempo.bpm
        by_chance += len(hit) * min(1.0, 2 * FRAME * bpm.mean() / 60)
        change.append(float(np.abs(bpm[1:] / bpm[:-1] - 1).max()))
        rings.append(score.duration - float(downbeats[-1]))
        minutes += timeline.duration / 60
    took = time.process_time() - began
    print(f"{count} timelines, {minutes:.0f} minutes of music in {took:.0f} cpu seconds")
    print(
        f"cuts within a frame of a beat {met / cuts:.1%} (by chance {by_chance / cuts:.1%}; "
        f"with half beats {half / cuts:.1%})"
    )
    for style, hits in sorted(styles.items()):
        print(f"  {style:12} {np.mean(hits):.1%} of {len(hits)}")
    print(f"moods later or earlier than a downbeat: at most {max(late) * 1e3:.3f} ms")
    print(
        f"largest change of tempo: middle {np.median(change):.1%}, 95 in 100 below "
        f"{np.percentile(change, 95):.1%}, most {max(change):.1%}"
    )
    print(f"final chord rings for {min(rings):.1f} to {max(rings):.1f} s")
