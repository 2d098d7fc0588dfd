import numpy as np
import pytest

from musify.vision.affect import class_table, picture_evidence, picture_plane
from musify.vision.network import CLASSES, FEATURES

NEUTRAL = np.zeros((1, 2))


def place(name):
    names = class_table().names
    return names.index(name)


def seen(name, chance=1.0):
    """Probabilities of a picture that shows one thing, the rest shared by all."""
    rows = np.full((1, CLASSES), (1 - chance) / CLASSES, np.float32)
    rows[0, place(name)] += chance
    return rows


def test_the_table_names_every_class_once_but_for_the_two_known_twins():
    names = class_table().names
    assert len(names) == CLASSES
    assert len(set(names)) == CLASSES - 2  # two cranes and two maillots


def test_the_table_spreads_over_the_plane():
    plane = class_table().plane
    assert (np.abs(plane) <= 1).all()
    assert (plane.std(axis=0) > 0.3).all()
    quadrants = {(v > 0, a > 0) for v, a in plane[np.abs(plane).min(axis=1) > 0.3]}
    assert len(quadrants) == 4


@pytest.mark.parametrize(
    ("pleasant", "unpleasant"),
    [("lakeside", "prison"), ("ice cream", "garbage truck"), ("golden retriever", "Indian cobra")],
)
def test_valence_is_ordered_as_anybody_would(pleasant, unpleasant):
    table = class_table().plane
    assert table[place(pleasant), 0] > table[place(unpleasant), 0] + 0.5


@pytest.mark.parametrize(
    ("lively", "quiet"),
    [("racer", "lakeside"), ("volcano", "bannister"), ("tiger", "sleeping bag")],
)
def test_arousal_is_how_active_not_how_good(lively, quiet):
    table = class_table().plane
    assert table[place(lively), 1] > table[place(quiet), 1] + 0.5


def test_what_is_seen_decides_where_the_picture_stands():
    blank = np.zeros((1, FEATURES), np.float32)
    calm = picture_plane(seen("lakeside"), blank, NEUTRAL)[0]
    tense = picture_plane(seen("Indian cobra"), blank, NEUTRAL)[0]
    assert calm[0] > tense[0] + 0.5
    assert calm[1] < tense[1] - 0.3


def test_no_picture_leaves_the_plane():
    extreme = np.full((1, FEATURES), 6, np.float32)
    for name in ("Indian cobra", "lakeside", "volcano"):
        point = picture_plane(seen(name), extreme, np.ones((1, 2)))
        assert (np.abs(point) < 1).all()


def test_reasons_name_what_is_seen_the_likeliest_first():
    row = seen("lakeside", 0.6)[0]
    row[place("castle")] = 0.2
    names = [one.name for one in picture_evidence(row, np.zeros(FEATURES, np.float32), np.ones(2))]
    assert names == [
        "any photograph",
        "lakeside",
        "castle",
        "less likely things",
        "the look of it",
        "brightness and saturation",
    ]


def test_reasons_add_up_to_the_point(rng):
    for name in ("lakeside", "Indian cobra", "volcano"):
        row, features = seen(name, 0.6), rng.uniform(0, 3, (1, FEATURES)).astype(np.float32)
        colour = rng.uniform(-1, 1, (1, 2))
        told = picture_evidence(row[0], features[0], colour[0])
        sums = np.sum([(one.valence, one.arousal) for one in told], axis=0)
        assert sums == pytest.approx(picture_plane(row, features, colour)[0], abs=1e-9)
