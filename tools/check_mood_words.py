"""Compares the valence of musify's mood words with VADER's lexicon, which others wrote.

VADER's lexicon (MIT licence) holds the mean of ten people's ratings of each word, from -4 to 4. It
is read here only to compare; nothing of it is shipped, and no word was changed to agree with it.
It knows no arousal. Install vaderSentiment first. Prints the correlation and where they differ.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from musify import KNOWN_MOODS
from musify._mood_words import words


def read_vader() -> dict[str, float]:
    """Return the rating of each word."""
    spec = find_spec("vaderSentiment")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("vaderSentiment is not installed")
    file = Path(spec.submodule_search_locations[0]) / "vader_lexicon.txt"
    rows = (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines())
    return {row[0]: float(row[1]) for row in rows if len(row) > 1}


def main() -> None:
    """Print how far both agree."""
    vader = read_vader()
    ours = {word: entry.valence for word, entry in words().items()}
    for title, mine in (
        ("words", ours),
        ("known moods", {mood.name: mood.valence for mood in KNOWN_MOODS}),
    ):
        both = sorted(set(mine) & set(vader))
        pairs = np.array([(mine[word], vader[word] / 4) for word in both])
        r = np.corrcoef(pairs.T)[0, 1]
        sign = (np.sign(pairs[:, 0]) == np.sign(pairs[:, 1])).mean()
        print(f"{title}: {len(both)} of {len(mine)} in both, r = {r:.3f}, same sign {sign:.0%}")
        residue = pairs[:, 1] - np.polyval(np.polyfit(pairs[:, 0], pairs[:, 1], 1), pairs[:, 0])
        for place in np.argsort(-np.abs(residue))[:8]:
            print(f"  {both[place]:14} ours {pairs[place, 0]:+.2f}  VADER {pairs[place, 1]:+.2f}")


if __name__ == "__main__":
    main()
