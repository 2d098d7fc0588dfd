"""Measures aggregators on films whose moods are known, without a picture: scores are drawn.

A film is made of pictures cut together. Pictures lie about the valence-arousal plane and belong to
the nearest of the four default moods; a classifier sees each at a wrong place, at the same wrong
place for as long as it is shown, and scores it by distance as :meth:`musify.MoodSpace.score` does.
How wrong is set so that a share of frames, such as 60 %, has its own mood on top. Several pictures
of one mood follow each other, then those of another mood.

Printed for each kind of film, with cuts known and without: the share of frames whose top mood is
right, the share of time under the right label, that of somebody who knows where moods change
("told"), the share of true changes found within 2 s and of found ones that are true within 2 s,
and the mean confidence, to be compared with the time that is right; then how often scenes of
each confidence are right. The constants of the ``scenes`` aggregator were chosen with it.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify import DEFAULT_MOODS, MoodScores, MoodTimeline, Shots, get_backend

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

# Seconds that a picture is shown, and seconds that a mood lasts; each drawn evenly.
KINDS: Final = {
    "short": ((2.0, 4.0), (8.0, 20.0)),
    "few": ((4.0, 12.0), (8.0, 25.0)),
    "many": ((2.5, 5.0), (15.0, 40.0)),
    "long": ((8.0, 20.0), (20.0, 40.0)),
}
ACCURACIES: Final = (0.5, 0.55, 0.6, 0.65)
FILM_SECONDS: Final = 180.0
SPREAD: Final = 0.5  # standard deviation of pictures about the plane
SHRUNK: Final = 0.8  # classifiers keep to the middle
JITTER: Final = 0.08  # from frame to frame of one picture
MOODS: Final = len(DEFAULT_MOODS)


@dataclass(frozen=True)
class Film:
    """What is known of a film, and what a classifier sees in it."""

    edges: Floats
    moods: Whole
    shots: Shots
    scores: MoodScores


@dataclass(frozen=True)
class Grade:
    """How a timeline compares with the truth, at ten moments a second and at each change."""

    right: NDArray[np.bool_]
    confidence: Floats
    missed_by: Floats
    false_by: Floats


def draw_pictures(rng: np.random.Generator, error: float) -> tuple[Whole, Floats]:
    """Draw pictures: their moods, shape ``(n,)``, and where they are seen, ``(n, 2)``."""
    true = rng.normal(0, SPREAD, (30_000, 2))
    true = true[np.abs(true).max(axis=1) <= 1]
    moods = np.linalg.norm(true[:, None] - DEFAULT_MOODS.plane, axis=2).argmin(axis=1)
    seen = SHRUNK * true + rng.normal(0, error, true.shape)
    return moods, np.clip(seen, -1, 1)


def pictures_seen_right(share: float) -> tuple[Whole, Floats]:
    """Draw pictures of which a share, counting moods alike, is seen nearest to its own mood."""
    low, high = 0.02, 2.0
    for _ in range(16):
        error = (low + high) / 2
        moods, seen = draw_pictures(np.random.default_rng(0), error)
        hit = DEFAULT_MOODS.score(seen).argmax(axis=1) == moods
        mean = np.mean([hit[moods == mood].mean() for mood in range(MOODS)])
        low, high = (error, high) if mean > share else (low, error)
    return moods, seen


def make_film(
    rng: np.random.Generator, pictures: tuple[Whole, Floats], kind: str, every: float
) -> Film:
    """Cut pictures together, and look every so many seconds."""
    shown, lasts = KINDS[kind]
    edges, cuts = [0.0], [0.0]
    moods: list[int] = []
    places: list[Floats] = []
    while edges[-1] < FILM_SECONDS:
        mood = int(rng.choice([mood for mood in range(MOODS) if moods[-1:] != [mood]]))
        least = max(8.0, rng.uniform(*lasts))
        while cuts[-1] - edges[-1] < least:
            cuts.append(cuts[-1] + round(rng.uniform(*shown) * 25) / 25)
            places.append(rng.choice(pictures[1][pictures[0] == mood]))
        edges.append(cuts[-1])
        moods.append(mood)
    times = np.arange(0, edges[-1], every)
    plane = np.array(places)[np.searchsorted(cuts, times, side="right") - 1]
    plane = np.clip(plane + rng.normal(0, JITTER, plane.shape), -1, 1)
    scores = MoodScores(times, DEFAULT_MOODS.names, DEFAULT_MOODS.score(plane), plane)
    shots = Shots(cuts, np.ones(len(cuts) - 2), [], [])
    return Film(np.array(edges), np.array(moods), shots, scores)


def grade(film: Film, timeline: MoodTimeline) -> Grade:
    """Compare a timeline with the truth."""
    moments = np.arange(0.05, film.edges[-1], 0.1)
    truth = film.moods[np.searchsorted(film.edges, moments, side="right") - 1]
    place = np.searchsorted(timeline.edges, moments, side="right") - 1
    found = np.array([DEFAULT_MOODS.names.index(label) for label in timeline.labels])
    apart = np.abs(film.edges[1:-1, None] - timeline.edges[None, 1:-1])
    return Grade(
        found[place] == truth,
        timeline.confidence[place],
        apart.min(axis=1, initial=np.inf),
        apart.min(axis=0, initial=np.inf),
    )


def told(film: Film) -> float:
    """Return the share of time right where the changes are known, and only labels are not."""
    shot = np.searchsorted(film.shots.cuts, film.scores.times, side="right")
    scene = np.searchsorted(film.edges, film.scores.times, side="right") - 1
    logs, right = np.log(film.scores.values + 0.005), 0.0
    for place, mood in enumerate(film.moods):
        shots = np.unique(shot[scene == place])
        evidence = sum(logs[shot == one].mean(axis=0) for one in shots)
        right += float(np.argmax(evidence) == mood) * float(np.diff(film.edges)[place])
    return right / float(film.edges[-1])


def frames_right(film: Film) -> float:
    """Return the share of frames whose top mood is the true one."""
    truth = film.moods[np.searchsorted(film.edges, film.scores.times, side="right") - 1]
    return float((film.scores.values.argmax(axis=1) == truth).mean())


def report(
    films: dict[tuple[str, float], list[Film]], aggregate: Callable[[Film], MoodTimeline]
) -> list[Grade]:
    """Print a line for each kind of film and one for all; return every grade."""
    print(f"{'film':6} {'frames':>6} {'time':>6} {'told':>6} {'found':>6} {'true':>6} {'sure':>6}")
    rows, everything = [], []
    for (kind, _), group in films.items():
        grades = [grade(film, aggregate(film)) for film in group]
        row = [
            np.mean([frames_right(film) for film in group]),
            np.concatenate([one.right for one in grades]).mean(),
            np.mean([told(film) for film in group]),
            (np.concatenate([one.missed_by for one in grades]) <= 2).mean(),
            (np.concatenate([one.false_by for one in grades]) <= 2).mean(),
            np.concatenate([one.confidence for one in grades]).mean(),
        ]
        print(f"{kind:6} " + " ".join(f"{value:6.2f}" for value in row))
        rows.append(row)
        everything += grades
    print(f"{'mean':6} " + " ".join(f"{value:6.3f}" for value in np.nanmean(rows, axis=0)))
    return everything


def print_calibration(grades: list[Grade]) -> None:
    """Print how often time under each confidence is right."""
    sure = np.concatenate([one.confidence for one in grades])
    right = np.concatenate([one.right for one in grades])
    for low in np.arange(0, 1, 0.1):
        here = (sure >= low) & ((sure < low + 0.1) | (low > 0.85))
        if here.any():
            print(
                f"  {sure[here].mean():.2f} sure: {right[here].mean():.2f} right "
                f"({here.mean():.0%} of the time)"
            )


def main() -> None:
    """Make films, aggregate their scores and print how well."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--films", type=int, default=10, help="films of each kind (default 10)")
    parser.add_argument("--every", type=float, default=2.5, help="seconds between frames")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--aggregator", default="scenes")
    given = parser.parse_args()
    films = {}
    pictures = {share: pictures_seen_right(share) for share in ACCURACIES}
    for (place, kind), share in product(enumerate(KINDS), ACCURACIES):
        rng = np.random.default_rng([given.seed, place, int(share * 100)])
        films[kind, share] = [
            make_film(rng, pictures[share], kind, given.every) for _ in range(given.films)
        ]
    aggregator = get_backend("mood_aggregator", given.aggregator)

    def with_cuts(film: Film) -> MoodTimeline:
        return aggregator.aggregate(film.scores, film.shots, duration=float(film.edges[-1]))

    def without_cuts(film: Film) -> MoodTimeline:
        return aggregator.aggregate(film.scores, None, duration=float(film.edges[-1]))

    started = time.process_time()
    for name, aggregate in (("cuts known", with_cuts), ("no cuts known", without_cuts)):
        print(name)
        print_calibration(report(films, aggregate))
    print(f"{time.process_time() - started:.1f} s of cpu time")


if __name__ == "__main__":
    main()
