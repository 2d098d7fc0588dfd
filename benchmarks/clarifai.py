"""Measures what the classifier on Clarifai takes beyond encoding the pictures, and its memory.

    python benchmarks/clarifai.py [--frames 720 7200] [--latency 0.05] [--rounds 3]

A server on this machine, in a process of its own, speaks the service's protocol and answers each
call after a while. The goal is at most 2 s beyond encoding for 720 frames (an hour, one in 5 s) at
50 ms a call, and a memory that does not grow with the number of frames. What it takes beyond
encoding is seen best where every picture is ready: the difference of two sides that take long is
mostly what else the machine does.
"""

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

from measure import Cost, measure

TESTS = Path(__file__).parents[1] / "tests"
# The frames of a film: slopes that move, and grain. Making them is no part of what is measured.
FRAMES = """
import sys, time
import numpy as np
from musify import FrameSample
rng = np.random.default_rng(7)
rows, columns = np.mgrid[:180, :320]
slope = np.stack([128 + 90 * np.sin(columns / 40), 128 + 90 * np.cos(rows / 30), columns * 0.7], 2)
film = np.clip(slope + rng.normal(0, 3, slope.shape), 0, 255).astype(np.uint8)
def frames(count):
    for index in range(count):
        yield FrameSample(5.0 * index, np.roll(film, index, axis=1))
"""
ENCODE = """
from musify.clarifai.batches import to_be_sent
from musify.vision.letterbox import without_bars
began = time.perf_counter()
size = sum(len(to_be_sent(without_bars(sample.image))) for sample in frames({count}))
print(time.perf_counter() - began, size)
"""
CLASSIFY = """
from musify import get_backend
classifier = get_backend("mood_classifier", "clarifai", api_key={key!r}, base={base!r})
began = time.perf_counter()
scores = classifier.classify(frames({count}))
assert len(scores) == {count}
print(time.perf_counter() - began, 0)
"""
READY = """
from musify.clarifai.access import Address, ApiKey
from musify.clarifai.concepts import MoodsOfConcepts, general_table
from musify.clarifai.connection import Connection
from musify.clarifai.predicting import Target, ask_about
options = dict(timeout=60, patience=60, first_wait=0.5, per_second=15)
target = Target("clarifai", "main", "general-image-recognition", most_concepts=200)
jpeg = bytes(10_000)
blank = np.zeros((1, 1, 3), np.uint8)
began = time.perf_counter()
with Connection(ApiKey({key!r}), Address.parsed({base!r}), **options) as connection:
    samples = (FrameSample(float(index), blank) for index in range({count}))
    read = MoodsOfConcepts(general_table()).read
    answers = ask_about(samples, connection, target, read, encode=lambda sample: jpeg)
    assert sum(1 for _ in answers) == {count}
print(time.perf_counter() - began, 0)
"""
SERVE = """
import sys
sys.path.insert(0, {tests!r})
from stand_ins.clarifai_server import ClarifaiServer
with ClarifaiServer(latency={latency}, keeps_calls=False) as server:
    print(server.base, flush=True)
    sys.stdin.read()
"""


def seconds(cost: Cost) -> float:
    """Read what a side says it took."""
    return float(cost.output.split()[0])


def main() -> None:
    """Run both sides in turn and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", nargs="+", type=int, default=[720, 7200])
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    sys.path.insert(0, str(TESTS))
    from stand_ins.clarifai_server import KEY  # type: ignore[import-not-found] # of the tests

    serve = SERVE.format(tests=str(TESTS), latency=given.latency)
    with subprocess.Popen(
        [sys.executable, "-c", serve], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        base = server.stdout.readline().strip()
        print("frames, encoding s, classifying s, ready pictures s, beyond cpu s, peak MB (RSS)")
        for count in given.frames:
            sides = {
                "encode": FRAMES + ENCODE.format(count=count),
                "classify": FRAMES + CLASSIFY.format(count=count, key=KEY, base=base),
                "ready": FRAMES + READY.format(count=count, key=KEY, base=base),
            }
            costs: dict[str, list[Cost]] = {name: [] for name in sides}
            for _ in range(given.rounds):
                for name, code in sides.items():
                    costs[name].append(measure([sys.executable, "-c", code]))
            walls = [statistics.median(map(seconds, costs[name])) for name in sides]
            cpu = statistics.median(
                after.cpu - before.cpu
                for before, after in zip(costs["encode"], costs["classify"], strict=True)
            )
            peak = max(cost.rss_mb for cost in costs["classify"])
            shown = " ".join(f"{wall:9.2f}" for wall in walls)
            print(f"{count:6} {shown} {cpu:9.2f} {peak:6.0f}")
        server.communicate("")


if __name__ == "__main__":
    main()
