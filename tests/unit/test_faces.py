"""Faces: boxes from anchors, merging, cutting out, and what expressions mean."""

import pickle

import numpy as np
import pytest

from musify.errors import ParameterError
from musify.vision import faces
from musify.vision.faces import EXPRESSION_POINTS, EXPRESSIONS, Face, FaceReader


@pytest.fixture(scope="module")
def reader():
    return FaceReader()


def face(box=(0.0, 0.0, 0.5, 0.5), **expressions):
    chances = tuple(float(expressions.get(name, 0)) for name in EXPRESSIONS)
    return Face(box, 0.9, chances)


def drawn_face(side=160):
    """An oval with brows, eyes, a nose and a mouth: enough for the detector, and nobody's."""
    y, x = np.mgrid[0:side, 0:side] / side - 0.5
    image = np.empty((side, side, 3))
    image[...] = (70, 90, 120)

    def oval(centre, radius, colour, soft=0.06):
        distance = np.hypot((x - centre[0]) / radius[0], (y - centre[1]) / radius[1])
        cover = np.clip((1 - distance) / soft + 0.5, 0, 1)[..., None]
        image[...] = image * (1 - cover) + np.array(colour) * cover

    oval((0, -0.04), (0.27, 0.36), (60, 40, 30))  # hair
    oval((0, 0.03), (0.22, 0.29), (215, 170, 145))
    for sign in (-1, 1):
        oval((sign * 0.09, -0.08), (0.06, 0.012), (80, 50, 40), 0.5)
        oval((sign * 0.09, -0.03), (0.045, 0.022), (240, 235, 230), 0.3)
        oval((sign * 0.09, -0.03), (0.02, 0.022), (40, 30, 30), 0.3)
    oval((0, 0.06), (0.025, 0.05), (190, 140, 115), 0.6)
    oval((0, 0.16), (0.08, 0.022), (160, 70, 70), 0.3)
    return image.round().astype(np.uint8)


def test_every_expression_has_a_point():
    assert len(EXPRESSION_POINTS) == len(EXPRESSIONS) == 7
    assert all(-1 <= value <= 1 for point in EXPRESSION_POINTS for value in point)


def test_a_happy_face_is_pleasant_and_a_sad_one_is_not():
    assert (face(happy=1).valence, face(happy=1).arousal) == (0.8, 0.5)
    assert face(sad=1).valence < 0
    assert face(sad=1).arousal < 0
    assert face(angry=1).valence < 0 < face(angry=1).arousal
    assert (face(neutral=1).valence, face(neutral=1).arousal) == (0, 0)


def test_the_point_is_the_mean_by_likelihood():
    mixed = face(happy=0.25, neutral=0.75)
    assert mixed.valence == pytest.approx(0.2)
    assert mixed.arousal == pytest.approx(0.125)
    assert mixed.expression == "neutral"


@pytest.mark.parametrize(
    ("width", "height", "weight"),
    [(0.1, 0.1, 0), (0.1, 0.15, 0), (0.3, 0.275, 0.5), (0.3, 0.5, 1), (1, 1, 1)],
)
def test_small_faces_do_not_count(width, height, weight):
    assert face((0.0, 0.0, width, height)).weight == pytest.approx(weight)


def test_anchors_are_the_centres_of_two_grids():
    anchors = faces._ANCHORS
    assert anchors.shape == (896, 2)
    assert anchors[0].tolist() == anchors[1].tolist() == [1 / 32, 1 / 32]
    assert anchors[2].tolist() == [3 / 32, 1 / 32]  # x goes first
    assert anchors[512].tolist() == anchors[517].tolist() == [1 / 16, 1 / 16]
    assert anchors[-1].tolist() == [15 / 16, 15 / 16]


def test_boxes_are_told_from_their_anchor():
    raw = np.zeros((1, 16))
    raw[0, :4] = 12.8, -12.8, 64, 32
    box = faces._decode(raw, np.array([[0.5, 0.5]]))[0]
    np.testing.assert_allclose(box, [0.35, 0.275, 0.85, 0.525])


def test_boxes_of_one_face_become_their_mean_by_score():
    boxes = np.array([[0, 0, 0.4, 0.4], [0.7, 0.7, 0.9, 0.9], [0.04, 0, 0.44, 0.4]])
    merged = faces._merge(boxes, np.array([0.9, 0.8, 0.3]))
    assert [score for _, score in merged] == [0.9, 0.8]
    np.testing.assert_allclose(merged[0][0], [0.01, 0, 0.41, 0.4])
    np.testing.assert_allclose(merged[1][0], boxes[1])


def test_boxes_without_an_area_come_to_an_end():
    assert len(faces._merge(np.zeros((3, 4)), np.array([0.9, 0.8, 0.7]))) == 3


def test_a_letterbox_keeps_proportions():
    image = np.full((90, 160, 3), 255, dtype=np.uint8)
    square, places = faces._letterbox(image)
    assert square.shape == (1, 3, 128, 128)
    assert places == (0, 28 / 128, 1, 72 / 128)
    assert (square[0, :, 28:100] == 1).all()
    assert (square[0, :, :28] == -1).all()
    assert (square[0, :, 100:] == -1).all()


def test_a_cutting_is_square_and_repeats_the_edge(rng):
    image = np.zeros((40, 80, 3), dtype=np.uint8)
    image[:, 60:] = 255
    cutting = faces._crop(image, (0.75, 0.25, 1.25, 1.25))
    assert cutting.shape == (1, 64, 64)
    assert cutting.min() == pytest.approx(-1)
    assert cutting.max() == pytest.approx(1)
    assert (cutting[0, :, 32:] > 0.99).all()  # beyond the right edge, too


def test_a_drawn_face_is_found_where_it_is(reader):
    frame = np.full((180, 320, 3), 90, dtype=np.uint8)
    frame[10:170, 30:190] = drawn_face()
    (found,) = reader.read(frame)
    left, top, right, bottom = found.box
    assert found.score >= 0.75
    assert (left + right) / 2 * 320 == pytest.approx(110, abs=12)
    assert (top + bottom) / 2 * 180 == pytest.approx(95, abs=16)
    assert 0 < found.weight <= 1
    assert sum(found.expressions) == pytest.approx(1, abs=1e-5)


def test_two_faces_are_two(reader):
    found = reader.read(np.concatenate([drawn_face(), drawn_face()], axis=1))
    assert sorted(each.box[0] > 0.5 for each in found) == [False, True]


def test_faces_of_too_few_pixels_are_left_out(reader):
    assert len(reader.read(drawn_face(80))) == 1
    assert reader.read(drawn_face(40)) == ()
    assert len(reader.read(np.kron(drawn_face(40), np.ones((3, 3, 1), np.uint8)))) == 1


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (180, 320), (64, 64)])
def test_where_is_no_face_none_is_found(reader, rng, size):
    assert reader.read(rng.integers(0, 256, (*size, 3), dtype=np.uint8)) == ()
    assert reader.read(np.full((*size, 3), 128, dtype=np.uint8)) == ()


def test_a_pickled_one_finds_the_same(reader):
    image = drawn_face()
    assert pickle.loads(pickle.dumps(reader)).read(image) == reader.read(image)


def test_what_is_no_picture_is_refused(reader):
    with pytest.raises(ParameterError, match="an image must be uint8"):
        reader.read(np.zeros((4, 4)))


@pytest.mark.parametrize("option", [{"min_score": 1.1}, {"min_score": "high"}, {"threads": 0}])
def test_options_are_checked(option):
    with pytest.raises(ParameterError, match=next(iter(option))):
        FaceReader(**option)


@pytest.mark.slow
def test_a_smiling_astronaut_is_happy(reader):
    pictures = pytest.importorskip("skimage.data")
    (found,) = reader.read(pictures.astronaut())
    np.testing.assert_allclose(found.box, (0.35, 0.16, 0.53, 0.34), atol=0.03)
    assert found.expression == "happy"
    assert found.valence > 0.6


@pytest.mark.slow
def test_a_cat_a_cup_and_a_rocket_are_no_faces(reader):
    pictures = pytest.importorskip("skimage.data")
    for image in (pictures.chelsea(), pictures.coffee(), pictures.rocket()):
        assert reader.read(image) == ()
