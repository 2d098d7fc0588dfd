"""Measures whether composed music sounds as it was asked to, by judges of their own.

    python benchmarks/composer.py                 # 48 pieces of 20 s, written, played and judged
    python benchmarks/composer.py --only score    # what is written alone, a few seconds
    python benchmarks/composer.py --form 1000     # cuts on beats and moods on downbeats

The pieces are 24 pairs with the same seed and arousal and opposite valence, over the four
quadrants, each in the style that is chosen for it. A judge's numbers only compare: each is split at
the middle of all that it says, so that half of the pieces are recognised by chance.
"""

import argparse
import pickle
import time
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np
from composer_form import measure_form
from composer_judges import Verdict, judge_score, sound_judges
from numpy.typing import NDArray

from musify.composer.commission import Commission
from musify.composer.render.rendering import rendered
from musify.composer.score import Score
from musify.composer.writing import compose
from musify.timeline import MoodTimeline

Floats = NDArray[np.float64]

SECONDS = 20.0
RATE = 22_050
AROUSALS = (-0.85, -0.6, -0.35, 0.35, 0.6, 0.85)
VALENCES = (0.35, 0.6, 0.8, 0.5)


def asked() -> list[tuple[int, float, float]]:
    """List the pieces: seed, valence, arousal."""
    pairs = [(seed, v, a) for seed, (v, a) in enumerate(product(VALENCES, AROUSALS))]
    return [(seed, sign * v, a) for seed, v, a in pairs for sign in (1, -1)]


def written(seed: int, valence: float, arousal: float, style: str | None) -> Score:
    """Compose one of them."""
    timeline = MoodTimeline([0, SECONDS], ("piece",), [1], [[valence, arousal]])
    return compose(Commission(timeline, seed=seed, style=style))


def report(
    name: str,
    pieces: Sequence[tuple[int, float, float]],
    verdicts: Sequence[Verdict],
    scores: Sequence[Score],
) -> None:
    """Print how one judge understood the pieces."""
    wanted = np.array([[valence, arousal] for _, valence, arousal in pieces])
    said = np.array([[one.valence, one.arousal] for one in verdicts])
    print(f"\n{name}")
    known = ~np.isnan(said).any(axis=1)
    middle = np.median(said[known], axis=0)
    right = ((said > middle) == (wanted > 0))[known]
    pairs = said[0::2, 0] > said[1::2, 0]
    print(
        f"  quadrant {right.all(axis=1).mean():.0%}  valence {right[:, 0].mean():.0%} "
        f"(AUC {_auc(said[known, 0], wanted[known, 0] > 0):.3f})  arousal {right[:, 1].mean():.0%} "
        f"(Spearman {_spearman(said[known, 1], wanted[known, 1]):.3f})  "
        f"valence pairs {pairs.mean():.0%}  middle {middle.round(2).tolist()}"
    )
    wrong = [
        f"{seed}:{scores[place].style}({valence:+.2f},{arousal:+.2f})"
        f"{'v' if (said[place, 0] > middle[0]) != (valence > 0) else ''}"
        f"{'a' if (said[place, 1] > middle[1]) != (arousal > 0) else ''}"
        for place, (seed, valence, arousal) in enumerate(pieces)
        if ((said[place] > middle) != (wanted[place] > 0)).any()
    ]
    print(f"  missed: {' '.join(wrong) or 'none'}")
    bpm = np.array([one.bpm for one in verdicts])
    if np.isfinite(bpm).any():
        true = np.array([_bpm(score) for score in scores])
        octaves = np.array([0.5, 1, 2, 1 / 3, 3, 1.5, 2 / 3])
        off = np.abs(bpm[:, None] / (true[:, None] * octaves) - 1)
        hit = off[:, :3].min(axis=1) <= 0.04
        print(
            f"  tempo {(off[:, 1] <= 0.04).mean():.0%}, with octaves {hit.mean():.0%}, "
            f"with thirds too {(off.min(axis=1) <= 0.04).mean():.0%}; none told "
            f"{np.isnan(bpm).mean():.0%}"
        )
    heard = [(one, score) for one, score in zip(verdicts, scores, strict=True) if one.tonic >= 0]
    if heard:
        keys = [score.sections[0].key for _, score in heard]
        mirex = [
            _mirex(one.tonic, one.majorness < 0, key.tonic, key.is_minor)
            for (one, _), key in zip(heard, keys, strict=True)
        ]
        mode = _auc(
            np.array([one.majorness for one, _ in heard]),
            np.array([not key.is_minor for key in keys]),
        )
        print(f"  key MIREX {np.mean(mirex):.3f}, mode AUC {mode:.3f}; told {len(heard)}")


def _bpm(score: Score) -> float:
    return float(60 * np.ptp(score.tempo.beats) / np.ptp(score.tempo.seconds))


def _auc(values: Floats, positive: NDArray[np.bool_]) -> float:
    more = values[positive][:, None] - values[~positive][None]
    return float((more > 0).mean() + 0.5 * (more == 0).mean())


def _spearman(one: Floats, two: Floats) -> float:
    return float(np.corrcoef(_ranks(one), _ranks(two))[0, 1])


def _ranks(values: Floats) -> Floats:
    """Rank values by size; equal ones share their mean rank."""
    below: Floats = (values[:, None] > values).sum(axis=1)
    same: Floats = (values[:, None] == values).sum(axis=1)
    return below + (same - 1) / 2


def _mirex(tonic: int, minor: bool, true: int, true_minor: bool) -> float:
    """Score a key as MIREX does: a fifth off 0.5, the relative 0.3, the parallel 0.2."""
    if minor == true_minor:
        return {0: 1.0, 7: 0.5, 5: 0.5}.get((tonic - true) % 12, 0.0)
    if tonic == true:
        return 0.2
    return 0.3 if tonic == (true + (9 if minor else 3)) % 12 else 0.0


def judged(
    pieces: Sequence[tuple[int, float, float]],
    scores: Sequence[Score],
    keep: Path | None,
    *,
    heard: bool,
) -> Mapping[str, Sequence[Verdict]]:
    """Ask every judge."""
    found: dict[str, list[Verdict]] = {"score": [judge_score(score) for score in scores]}
    judges = sound_judges() if heard else {}
    ends = []
    for place, score in enumerate(scores):
        if not judges:
            break
        pcm = rendered(score, sample_rate=RATE).render()
        if keep is not None:
            np.save(keep / f"{place:02d}.npy", pcm.astype(np.float16))
        if len(pcm) != round(score.duration * RATE):
            raise SystemExit(f"piece {place} is {len(pcm)} PCM frames long")
        ends.append(float(np.abs(pcm[-RATE // 20 :]).max()))
        said = {name: judge(pcm, RATE) for name, judge in judges.items()}
        for name, verdict in said.items():
            found.setdefault(name, []).append(verdict)
        seed, valence, arousal = pieces[place]
        told = "  ".join(f"{n} {v.valence:+.2f} {v.arousal:+.2f}" for n, v in said.items())
        print(f"{seed:2} {score.style:10} asked {valence:+.2f} {arousal:+.2f}  {told}", flush=True)
    if ends:
        print(f"loudest of the last 50 ms: {20 * np.log10(max(*ends, 1e-9)):.0f} dBFS")
    return found


def main() -> None:
    """Write, play, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=["score"], help="do not play the pieces")
    parser.add_argument("--style", help="all pieces in this style")
    parser.add_argument("--pieces", type=int, default=48, help="how many of them")
    parser.add_argument("--first", type=int, default=0, help="which comes first")
    parser.add_argument("--keep", type=Path, help="folder for sound and verdicts")
    parser.add_argument("--form", type=int, metavar="N", help="only the form, of N timelines")
    options = parser.parse_args()
    if options.form:
        measure_form(options.form)
        return
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    began = time.process_time()
    pieces = asked()[options.first : options.first + options.pieces]
    scores = [written(*piece, options.style) for piece in pieces]
    took = (time.process_time() - began) / (len(scores) * SECONDS / 60)
    print(f"{len(scores)} pieces; writing took {took:.2f} cpu seconds a minute")
    rings = [
        score.duration - float(score.tempo.seconds_at(score.sections[-1].end)) for score in scores
    ]
    print(f"final chord rings for {min(rings):.1f} to {max(rings):.1f} s")
    found = judged(pieces, scores, options.keep, heard=options.only != "score")
    for name, verdicts in found.items():
        report(name, pieces, verdicts, scores)
    if options.keep:
        (options.keep / "verdicts.pickle").write_bytes(pickle.dumps((pieces, found)))


if __name__ == "__main__":
    main()
