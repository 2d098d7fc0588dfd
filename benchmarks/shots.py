"""Measures how well and how cheaply shots are found, against PySceneDetect's AdaptiveDetector.

The films are those of ``shot_films.py``: the half ``tune``, on which thresholds were chosen, and
``report``; and clips as they were edited. Every side runs in a fresh process on the same file, in
turn, so that only ratios of one run mean anything. PySceneDetect reads with OpenCV, as it does by
default: ``pip install scenedetect opencv-python-headless scikit-image scikit-learn scikit-video``.

A hard cut counts as found within a quarter of a second, or within one frame. What is found within a
dissolve or a fade counts neither for nor against hard cuts.
"""

import argparse
import importlib
import json
import resource
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from make_videos import default_cache
from measure import measure
from shot_films import HALVES, RATE, VARIANTS, Joint, Truth, make_film, real_films

from musify.shots import Shots
from musify.vision.find_shots import SHOT_MODES, find_shots

SIDES: Final = ("adaptive", *SHOT_MODES)
_NEAR: Final = 0.25
_ONE_FRAME: Final = 1 / RATE + 0.001


def run_side(side: str, path: Path) -> None:
    """Find cuts once, in this process, and print them as JSON."""
    rows: list[tuple[float, str]]
    if side == "adaptive":
        library: Any = importlib.import_module("scenedetect")
        before = _cpu()
        scenes = library.detect(str(path), library.AdaptiveDetector())
        rows = [(float(scene[0].seconds), "cut") for scene in scenes[1:]]
    else:
        before = _cpu()
        shots: Shots = find_shots(path, side)  # type: ignore[arg-type] # one of SHOT_MODES
        rows = [(float(time), kind) for time, kind in zip(shots.cuts, shots.kinds, strict=True)]
    print(json.dumps({"cpu": _cpu() - before, "cuts": rows}))


def _cpu() -> float:
    """Seconds of all processors, of this process and its children, without the imports."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def match(
    found: Sequence[tuple[float, str]], joints: Sequence[Joint], tolerance: float
) -> tuple[int, int, int, dict[str, tuple[int, int]]]:
    """Count hard cuts found, wrongly found and missed, and gradual joints found.

    Returns
    -------
    right, wrong, missed : int
        Of hard cuts.
    gradual : dict of str to (int, int)
        How many dissolves and fades were found, and found as such.
    """
    used: set[int] = set()
    missed = 0
    for joint in joints:
        if joint.kind == "cut":
            near = [
                (abs(time - joint.time), place)
                for place, (time, _) in enumerate(found)
                if place not in used and abs(time - joint.time) <= tolerance
            ]
            if near:
                used.add(min(near)[1])
            else:
                missed += 1
    wrong = 0
    seen: dict[int, set[str]] = {}
    for place, (time, kind) in enumerate(found):
        if place in used:
            continue
        inside = [
            number
            for number, joint in enumerate(joints)
            if joint.kind != "cut" and joint.begin - _NEAR <= time <= joint.end + _NEAR
        ]
        if inside:
            seen.setdefault(inside[0], set()).add(kind)
        else:
            wrong += 1
    gradual = {}
    for kind in ("dissolve", "fade"):
        these = [number for number, joint in enumerate(joints) if joint.kind == kind]
        right = sum(kind in seen.get(number, ()) for number in these)
        gradual[kind] = (sum(number in seen for number in these), right)
    return len(used), wrong, missed, gradual


def f1(right: int, wrong: int, missed: int) -> float:
    """Harmonic mean of precision and recall; 1 where there is nothing to find and nothing found."""
    return 2 * right / (2 * right + wrong + missed) if right + wrong + missed else 1.0


def main() -> None:
    """Compare, or find cuts when started by the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--halves", nargs="+", choices=HALVES, default=["report"])
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--extra", type=Path, help="folder of more clips, see shot_films.py")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("path", nargs="?", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        run_side(options.side, options.path)
        return
    films: list[tuple[str, Truth]] = [
        (f"{half}, {variant}", make_film(half, variant, options.cache, options.extra))
        for half in options.halves
        for variant in options.variants
    ]
    films += [(truth.path.name, truth) for truth in real_films()]
    print(
        "| film | side | cpu s | cpu, adaptive/side | hard cuts, P / R | F1 | F1, one frame |",
        end="",
    )
    print(" dissolves, fades found | of that kind |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, truth in films:
        costs: dict[str, list[float]] = {side: [] for side in SIDES}
        found: dict[str, list[tuple[float, str]]] = {}
        for _ in range(options.rounds):
            for side in SIDES:
                command = [sys.executable, __file__, "--side", side, str(truth.path)]
                result = json.loads(measure(command).output)
                costs[side].append(result["cpu"])
                found[side] = [(row[0], row[1]) for row in result["cuts"]]
        for side in SIDES:
            right, wrong, missed, gradual = match(found[side], truth.joints, _NEAR)
            exactly = match(found[side], truth.joints, _ONE_FRAME)[:3]
            gained = statistics.median(
                theirs / mine for theirs, mine in zip(costs["adaptive"], costs[side], strict=True)
            )
            counts = {kind: sum(joint.kind == kind for joint in truth.joints) for kind in gradual}
            print(
                f"| {name} | {side} | {statistics.median(costs[side]):.2f} | {gained:.1f} "
                f"| {right / max(1, right + wrong):.2f} / {right / max(1, right + missed):.2f} "
                f"| {f1(right, wrong, missed):.3f} | {f1(*exactly):.3f} |",
                ", ".join(f"{gradual[kind][0]}/{counts[kind]}" for kind in gradual),
                "|",
                ", ".join(f"{gradual[kind][1]}/{counts[kind]}" for kind in gradual),
                "|",
                flush=True,
            )


if __name__ == "__main__":
    main()
