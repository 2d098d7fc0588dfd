"""Measures ``import musify`` against ``import numpy``, each in a fresh interpreter, in turn.

``import musify`` loads most of musify, and numpy, on first use only. So that nothing hides there,
the first use of the pipeline's class is measured too.
"""

import argparse
import re
import statistics
import subprocess
import sys
from typing import Final

from measure import measure

LIMIT: Final = 1.5
FIRST_USE: Final = "import musify; musify.Pipeline"
_TRACES: Final = 9
_IMPORT_LINE = re.compile(r"^import time:\s+(\d+) \|\s+(\d+) \|( +)(\S+)$", re.MULTILINE)


def slowest_modules(count: int) -> list[tuple[str, float, float]]:
    """Return the modules that first use loads beyond numpy's, those it waits for longest.

    Returns
    -------
    list of (str, float, float)
        Name, milliseconds of its own, and milliseconds with what it imports, medians of a few runs;
        by the own ones.
    """
    command = [sys.executable, "-X", "importtime", "-c", f"import numpy; {FIRST_USE}"]
    own: dict[str, list[int]] = {}
    total: dict[str, list[int]] = {}
    for _ in range(_TRACES):
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stderr
        found = _IMPORT_LINE.findall(lines)
        names = [name for _, _, _, name in found]
        for its_own, with_imports, _, name in found[names.index("numpy") + 1 :]:
            own.setdefault(name, []).append(int(its_own))
            total.setdefault(name, []).append(int(with_imports))
    modules = [
        (name, statistics.median(own[name]) / 1000, statistics.median(total[name]) / 1000)
        for name in own
    ]
    return sorted(modules, key=lambda module: -module[1])[:count]


def main() -> None:
    """Print the ratios and the slowest modules."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    codes = {"start": "pass", "numpy": "import numpy", "musify": "import musify", "use": FIRST_USE}
    for code in codes.values():  # once for the disk
        measure([sys.executable, "-c", code])
    turns = [
        {name: measure([sys.executable, "-c", code]) for name, code in codes.items()}
        for _ in range(rounds)
    ]
    print("| median of ratios to `import numpy` | wall | cpu |\n|---|---|---|")
    for name in ("start", "musify", "use"):
        wall = statistics.median(turn[name].wall / turn["numpy"].wall for turn in turns)
        cpu = statistics.median(turn[name].cpu / turn["numpy"].cpu for turn in turns)
        verdict = ""
        if name == "musify":
            verdict = f", limit {LIMIT} {'kept' if wall <= LIMIT else 'broken'}"
        print(f"| `{codes[name]}` | {wall:.2f}{verdict} | {cpu:.2f} |")
    print(f"\nSlowest modules of `{FIRST_USE}` beyond numpy's:\n")
    print("| module | own ms | with its imports, ms |\n|---|---|---|")
    for name, own, total in slowest_modules(15):
        print(f"| {name} | {own:.1f} | {total:.1f} |")


if __name__ == "__main__":
    main()
