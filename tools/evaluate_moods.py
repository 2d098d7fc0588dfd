"""Scores a classifier of moods against pictures or videos that people have rated.

    python tools/evaluate_moods.py FOLDER --classifier local
    python tools/evaluate_moods.py FOLDER --train              # a head trained on FOLDER itself
    python tools/evaluate_moods.py FOLDER --videos             # CSV of file, start, end, mood
    python tools/evaluate_moods.py --package-pictures CACHE    # 120 pictures, by our own judgement

Pictures: the folder holds a CSV file (or ``--csv``) with columns file, valence, arousal and perhaps
mood. Ratings may be on any scale: r, Pearson's correlation, does not change with it. Without moods
they are derived: ratings are standardised, halved, and given the nearest of action, happy, sad and
calm. Intervals are of 95 %: by 2000 bootstrap samples for r, by Wilson for shares.
"""

import argparse
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rated_pictures import (
    Rated,
    column,
    find_csv,
    package_pictures,
    read_ratings,
    read_table,
)

from musify import DEFAULT_MOODS, KNOWN_MOODS, FrameSample, MoodSpace, Pipeline, get_backend
from musify.plugins import DEFAULTS
from musify.vision.cross_validation import cross_validate
from musify.vision.near_duplicates import near_duplicate_groups
from musify.vision.pictures import read_pictures
from musify.vision.training import embedded_network, look_at
from musify.vision.training_report import confusion_text
from musify.vision.validation import balanced_accuracy, confusion_matrix, wilson_interval

Floats = NDArray[np.float64]
BOOTSTRAP = 2000
SHOWN = 10


def options_of(texts: list[str], kind: str) -> dict[str, Any]:
    """Read ``KIND.NAME=VALUE`` for one kind, as the shell does."""
    found = {}
    for text in texts:
        place, _, value = text.partition("=")
        named, _, name = place.partition(".")
        if named != kind or not name:
            continue
        try:
            found[name.replace("-", "_")] = json.loads(value)
        except ValueError:
            found[name.replace("-", "_")] = value
    return found


def standardised(points: Floats) -> Floats:
    """Bring each column to mean 0 and deviation 1."""
    spread = points.std(axis=0)
    return np.asarray((points - points.mean(axis=0)) / np.where(spread > 0, spread, 1))


def nearest(points: Floats, moods: MoodSpace) -> list[str]:
    """Name the mood nearest to each point."""
    return [moods.nearest(*point).name for point in points]


def correlation(one: Floats, other: Floats) -> dict[str, Any]:
    """Pearson's r with its interval by the bootstrap."""

    def r(places: NDArray[np.int64]) -> float:
        a, b = one[places] - one[places].mean(), other[places] - other[places].mean()
        return float((a * b).sum() / max(np.sqrt((a * a).sum() * (b * b).sum()), 1e-12))

    rng = np.random.default_rng(0)
    count = len(one)
    drawn = [r(rng.integers(0, count, count)) for _ in range(BOOTSTRAP)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return {"r": r(np.arange(count)), "interval": [float(low), float(high)]}


def true_moods(rated: list[Rated]) -> tuple[list[str], bool]:
    """Moods of the pictures, and whether they had to be derived."""
    named = [one.mood for one in rated]
    if all(named):
        return [name for name in named if name], False
    points = standardised(np.array([(one.valence, one.arousal) for one in rated]))
    return nearest(points / 2, DEFAULT_MOODS), True


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Rated pictures, and what was made of them; ``distinct`` counts near duplicates once."""

    rated: list[Rated]
    plane: Floats
    values: Floats
    labels: tuple[str, ...]
    distinct: int


def classified(rated: list[Rated], classifier: str, options: dict[str, Any]) -> Seen:
    """Let a backend look at the pictures."""
    backend = get_backend("mood_classifier", classifier, **options)
    by_path = {one.path: one for one in rated}
    seen: list[Rated] = []

    def samples() -> Iterator[FrameSample]:
        for path, image in read_pictures(by_path):
            seen.append(by_path[path])
            yield FrameSample(float(len(seen) - 1), image)

    scores = backend.classify(samples())
    return Seen(seen, scores.plane, scores.values, scores.labels, len(seen))


def trained(rated: list[Rated], folds: int) -> Seen:
    """Cross-validate a trained head on the pictures themselves, near duplicates held together."""
    by_path = {one.path: one for one in rated}
    looked = look_at(list(by_path), embedded_network())
    seen = [by_path[path] for path in looked.paths]
    names, _ = true_moods(seen)
    labels = tuple(sorted(set(names)))
    targets = np.array([labels.index(name) for name in names])
    groups = near_duplicate_groups(looked.features, looked.hashes)
    found = cross_validate(looked.features, targets, groups, len(labels), folds=folds)
    if unknown := [label for label in labels if label not in KNOWN_MOODS]:
        raise SystemExit(f"the mood {unknown[0]!r} has no point in the plane")
    plane = found.probabilities @ MoodSpace(labels).plane
    return Seen(seen, plane, found.probabilities, labels, len(np.unique(groups)))


def picture_figures(seen: Seen) -> dict[str, Any]:
    """Work out everything there is to say about pictures."""
    rated, plane, labels, distinct = seen.rated, seen.plane, seen.labels, seen.distinct
    names, derived = true_moods(rated)
    moods = tuple(sorted(set(names)))
    truth = np.array([(one.valence, one.arousal) for one in rated])
    if set(moods) <= set(labels):
        predicted, how = [labels[place] for place in seen.values.argmax(axis=1)], "its own labels"
    else:
        predicted, how = nearest(plane, MoodSpace(moods)), "the mood nearest to its plane"
    codes = sorted({*moods, *predicted})
    true, taken = (np.array([codes.index(name) for name in side]) for side in (names, predicted))
    confusion = confusion_matrix(true, taken, len(codes))
    accuracy = float(np.trace(confusion) / len(rated))
    # The spread of the plane says whether a classifier that is right crowds the origin.
    spread_out = nearest(standardised(plane) / 2, MoodSpace(moods))
    off = np.linalg.norm(standardised(plane) - standardised(truth), axis=1)
    return {
        "pictures": len(rated),
        "distinct": distinct,
        "valence": correlation(plane[:, 0], truth[:, 0]),
        "arousal": correlation(plane[:, 1], truth[:, 1]),
        "moods": list(moods),
        "moods_are_derived": derived,
        "predicted_by": how,
        "accuracy": accuracy,
        "accuracy_interval": list(wilson_interval(accuracy, distinct)),
        "balanced_accuracy": balanced_accuracy(confusion),
        "majority": max(names.count(mood) for mood in moods) / len(names),
        "accuracy_of_standardised_plane": float(np.mean(np.array(spread_out) == np.array(names))),
        "plane_mean": plane.mean(axis=0).tolist(),
        "plane_deviation": plane.std(axis=0).tolist(),
        "labels": codes,
        "confusion": confusion.tolist(),
        "worst": [
            {
                "file": str(rated[place].path),
                "true": [names[place], *truth[place].tolist()],
                "predicted": [predicted[place], *plane[place].tolist()],
            }
            for place in np.argsort(-off)[:SHOWN]
        ],
    }


def show_pictures(found: dict[str, Any]) -> None:
    """Print the figures of pictures."""
    print(f"{found['pictures']} pictures, {found['distinct']} counted as distinct")
    for axis in ("valence", "arousal"):
        low, high = found[axis]["interval"]
        print(f"r {axis}: {found[axis]['r']:.3f} ({low:.3f} to {high:.3f})")
    low, high = found["accuracy_interval"]
    print(
        f"moods right: {found['accuracy']:.1%} ({low:.1%} to {high:.1%}), "
        f"by {found['predicted_by']}; mean over moods {found['balanced_accuracy']:.1%}; "
        f"the commonest mood {found['majority']:.1%}; "
        f"by the standardised plane {found['accuracy_of_standardised_plane']:.1%}"
    )
    if found["moods_are_derived"]:
        print("the true moods are derived from the ratings: standardised, halved, nearest mood")
    print(f"plane: mean {np.round(found['plane_mean'], 2)}, ", end="")
    print(f"deviation {np.round(found['plane_deviation'], 2)}")
    print("\ntrue mood (rows) against predicted (columns):")
    print(confusion_text(np.array(found["confusion"]), tuple(found["labels"])))
    print("\nfurthest off in the plane, both standardised (mood, valence, arousal):")
    for one in found["worst"]:
        true, predicted = (
            f"{side[0]} {side[1]:+.2f} {side[2]:+.2f}" for side in (one["true"], one["predicted"])
        )
        print(f"  {one['file']}: {true}, taken for {predicted}")


def video_figures(folder: Path, table: Path, pipeline: Pipeline, within: float) -> dict[str, Any]:
    """Compare timelines with rows of file, start, end and mood."""
    rows = read_table(table)
    file, mood = column(rows, "file"), column(rows, "mood")
    assert file is not None
    assert mood is not None
    scenes: dict[str, list[tuple[float, float, str]]] = {}
    for row in rows:
        scene = (float(row["start"]), float(row["end"]), row[mood].lower())
        scenes.setdefault(row[file], []).append(scene)
    videos: list[dict[str, Any]] = []
    every: list[float] = []
    for name, true in scenes.items():
        true.sort()
        timeline = pipeline.analyze(folder / name).timeline
        edges, labels = timeline.edges, timeline.labels
        right = sum(
            max(0.0, min(end, float(edges[place + 1])) - max(start, float(edges[place])))
            for start, end, wanted in true
            for place, label in enumerate(labels)
            if label == wanted
        )
        changes = [b[0] for a, b in itertools.pairwise(true) if a[2] != b[2]]
        places = range(1, len(labels))
        ours = [float(edges[place]) for place in places if labels[place] != labels[place - 1]]
        errors = [min((abs(own - change) for own in ours), default=np.inf) for change in changes]
        every += errors
        videos.append(
            {
                "file": name,
                "seconds": sum(end - start for start, end, _ in true),
                "right_seconds": right,
                "changes": len(changes),
                "found_changes": len(ours),
                "errors": [None if np.isinf(error) else error for error in errors],
            }
        )
    median = float(np.median(every)) if every else np.inf
    seconds = sum(end - start for true in scenes.values() for start, end, _ in true)
    return {
        "right_share": sum(video["right_seconds"] for video in videos) / seconds,
        "changes": len(every),
        "within": within,
        "changes_within": float(np.mean(np.array(every) <= within)) if every else None,
        "median_error": median if np.isfinite(median) else None,
        "found_changes": sum(video["found_changes"] for video in videos),
        "videos": videos,
    }


def show_videos(found: dict[str, Any]) -> None:
    """Print the figures of videos."""
    for video in found["videos"]:
        share = video["right_seconds"] / video["seconds"]
        errors = ", ".join("none" if e is None else f"{e:.1f}" for e in video["errors"])
        print(
            f"{video['file']}: {share:.1%} of {video['seconds']:.0f} s right; changes off {errors}"
        )
    print(f"time under the right mood: {found['right_share']:.1%}")
    if found["changes"]:
        median = found["median_error"]
        print(
            f"{found['changes']} changes, {found['found_changes']} found; within "
            f"{found['within']:g} s: {found['changes_within']:.1%}; median error "
            f"{'none' if median is None else f'{median:.2f} s'}"
        )


def main() -> None:
    """Run from the shell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, help="pictures or videos, and a CSV file")
    parser.add_argument("--csv", type=Path, help="the ratings, if not in the folder")
    parser.add_argument("--classifier", default=DEFAULTS["mood_classifier"])
    parser.add_argument("--sampler", default=DEFAULTS["frame_sampler"], help="for --videos")
    parser.add_argument("--aggregator", default=DEFAULTS["mood_aggregator"], help="for --videos")
    parser.add_argument("--option", action="append", default=[], metavar="KIND.NAME=VALUE")
    parser.add_argument("--train", action="store_true", help="cross-validate a trained head")
    parser.add_argument("--folds", type=int, default=5, help="for --train")
    parser.add_argument("--videos", action="store_true", help="the CSV has file, start, end, mood")
    parser.add_argument("--within", type=float, default=2.0, help="seconds a change may be off")
    parser.add_argument("--package-pictures", type=Path, metavar="CACHE")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if (args.folder is None) == (args.package_pictures is None):
        parser.error("give either a folder or --package-pictures")
    if args.videos:
        sampler, classifier, aggregator = (
            options_of(args.option, kind)
            for kind in ("frame_sampler", "mood_classifier", "mood_aggregator")
        )
        pipeline = Pipeline(
            frame_sampler=get_backend("frame_sampler", args.sampler, **sampler),
            mood_classifier=get_backend("mood_classifier", args.classifier, **classifier),
            mood_aggregator=get_backend("mood_aggregator", args.aggregator, **aggregator),
        )
        table = args.csv or find_csv(args.folder)
        found = video_figures(args.folder, table, pipeline, args.within)
    else:
        if args.package_pictures is not None:
            rated = package_pictures(args.package_pictures)
        else:
            rated = read_ratings(args.folder, args.csv or find_csv(args.folder))
        if args.train:
            found = picture_figures(trained(rated, args.folds))
        else:
            options = options_of(args.option, "mood_classifier")
            found = picture_figures(classified(rated, args.classifier, options))
    if args.json:
        print(json.dumps(found, indent=2))
    elif args.videos:
        show_videos(found)
    else:
        show_pictures(found)


if __name__ == "__main__":
    main()
