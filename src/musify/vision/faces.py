"""Faces on a picture: where they are, what they express, and how much that should count.

BlazeFace (Bazarevsky et al. 2019, arXiv 1907.05047, short range) finds them, and a mini-Xception
(Arriaga et al. 2017, arXiv 1710.07557) trained on FER2013 (Goodfellow et al. 2013, arXiv 1307.0414)
reads each. Where the weights come from stands in NOTICE; ``tools/convert_face_networks.py`` makes
the files. Both run in onnxruntime, which is loaded on the first use.

What a face shows is not what a person feels, and such a reader is right about two times in three
(66 % on FER2013, Arriaga et al.): take the mean over many frames, never one frame for the truth.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._checks import number
from musify._onnx_file import OnnxFile
from musify.vision.resize import require_image, resize

__all__ = ["EXPRESSIONS", "EXPRESSION_POINTS", "Face", "FaceReader"]

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

EXPRESSIONS: Final = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The expressions of FER2013, in the order of the network's outputs."""

EXPRESSION_POINTS: Final = (
    (-0.5, 0.6),
    (-0.6, 0.35),
    (-0.65, 0.6),
    (0.8, 0.5),
    (-0.65, -0.25),
    (0.2, 0.65),
    (0.0, 0.0),
)
"""(valence, arousal) of each of `EXPRESSIONS`.

Written by hand, close to the mean ratings of the words in Russell & Mehrabian 1977 (Journal of
Research in Personality 11, 273-294), which agree with the circumplex of Russell 1980. The valence
of surprise is halved: people are as often badly surprised. Neutral is the middle.
"""

SMALLEST_AREA: Final = 0.015
FULL_AREA: Final = 0.15
"""Parts of the frame: a face counts nothing at the first, in full from the second on. A face of
1.5 % of a 320 x 180 frame is 29 pixels wide, too few to read; at 15 % it is a close-up."""

_DETECTOR: Final = "blazeface.onnx"
_DETECTOR_SHA256: Final = "acaa5668d35223597aa8f688f6616738987244888b39ab28b958eb137b675f28"
_READER: Final = "fer_mini_xception.onnx"
_READER_SHA256: Final = "1f4dfa02447d237e2c76793a1fbb46d70bb445bad800aad49457a8d44050e8d1"
_DETECTOR_SIDE: Final = 128
_READER_SIDE: Final = 64
_BLACK: Final = 0.0
# ITU-R BT.601, as the reader's own pictures were made grey.
_LUMA: Final = np.array([0.299, 0.587, 0.114], dtype=np.float32)
# Boxes that overlap by this much (intersection over union) are one face, as in MediaPipe.
_SAME_FACE: Final = 0.3
# The smiling face of a test picture reads as happy from 30 pixels on, and as sad with 16.
_FEWEST_PIXELS: Final = 24
# BlazeFace boxes end at the brows and the chin; FER2013 shows some hair too.
_MARGIN: Final = 0.1


@dataclass(frozen=True, slots=True)
class Face:
    """A face on a picture.

    Attributes
    ----------
    box : tuple of float
        Left, top, right and bottom as fractions of the picture's width and height, in [0, 1].
    score : float
        How sure the detector is that it is one, in [0, 1].
    expressions : tuple of float
        How likely it shows each of `EXPRESSIONS`; they sum to 1.
    """

    box: Box
    score: float
    expressions: tuple[float, ...]

    @property
    def expression(self) -> str:
        """The likeliest of `EXPRESSIONS`."""
        return EXPRESSIONS[int(np.argmax(self.expressions))]

    @property
    def valence(self) -> float:
        """How pleasant it looks: the mean of `EXPRESSION_POINTS` by likelihood, in [-1, 1]."""
        return self._mean(0)

    @property
    def arousal(self) -> float:
        """How excited it looks: the mean of `EXPRESSION_POINTS` by likelihood, in [-1, 1]."""
        return self._mean(1)

    def _mean(self, axis: int) -> float:
        pairs = zip(self.expressions, EXPRESSION_POINTS, strict=True)
        return float(sum(chance * point[axis] for chance, point in pairs))

    @property
    def area(self) -> float:
        """Part of the picture that it covers, in [0, 1]."""
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)

    @property
    def weight(self) -> float:
        """How much it should count, by its area: 0 up to 1.5 % of the frame, 1 from 15 % on."""
        part = (self.area - SMALLEST_AREA) / (FULL_AREA - SMALLEST_AREA)
        return min(max(part, 0.0), 1.0)


class FaceReader:
    """Finds the faces on a picture and reads their expressions.

    The networks are loaded on the first picture. An instance can be copied and pickled; the copy
    loads them again.

    Parameters
    ----------
    min_score : float, default 0.75
        How sure the detector has to be, in [0, 1]. Faces it was made for have 0.9 and more;
        cuttings of pictures without a face reached 0.75 three times in a thousand.
    threads : int, default 1
        How many threads a run may use, at least 1; the networks are too small to need more.

    Raises
    ------
    ParameterError
        When an option is out of its range.
    """

    def __init__(self, *, min_score: float = 0.75, threads: int = 1) -> None:
        self._min_score = number("min_score", min_score, low=0, high=1)
        self._detector = OnnxFile("musify.vision", _DETECTOR, _DETECTOR_SHA256, threads=threads)
        self._reader = OnnxFile("musify.vision", _READER, _READER_SHA256, threads=threads)

    def read(self, image: NDArray[np.uint8]) -> tuple[Face, ...]:
        """Return the faces on a picture, the surest first.

        Parameters
        ----------
        image : ndarray of uint8, shape (height, width, 3)
            RGB, of any size.

        Returns
        -------
        tuple of Face
            Empty when there is none. Faces narrower or lower than 24 pixels are left out: their
            expressions cannot be read.

        Raises
        ------
        ParameterError
            When the picture is not uint8 of shape (height, width, 3), or has no pixel.
        BackendError
            When a network or onnxruntime is missing, damaged or fails.
        """
        require_image(image)
        found = self._find(image)
        if not found:
            return ()
        crops = np.stack([_crop(image, box) for box, _ in found])
        (expressions,) = self._reader.run(["expressions"], {"image": crops})
        faces = []
        for (box, score), row in zip(found, expressions, strict=True):
            left, top, right, bottom = (min(max(side, 0.0), 1.0) for side in box)
            chances = tuple(float(chance) for chance in row)
            faces.append(Face((left, top, right, bottom), score, chances))
        return tuple(faces)

    def _find(self, image: NDArray[np.uint8]) -> list[tuple[Box, float]]:
        """Return box, which may reach over the edges, and score of each face."""
        square, places = _letterbox(image)
        raw, logits = self._detector.run(["boxes", "scores"], {"image": square})
        # Beyond 100 the exponential means nothing more and may overflow.
        scores = 1 / (1 + np.exp(-np.clip(logits[0, :, 0].astype(np.float64), -100, 100)))
        sure = scores >= self._min_score
        if not sure.any():
            return []
        boxes = _decode(raw[0, sure].astype(np.float64), _ANCHORS[sure])
        merged = _merge(boxes, scores[sure])
        left, top, wide, high = places
        square_side = max(image.shape[:2])
        found = []
        for (x0, y0, x1, y1), score in merged:
            box = ((x0 - left) / wide, (y0 - top) / high, (x1 - left) / wide, (y1 - top) / high)
            # A centre in the black around the picture is nothing that can be cut out.
            centred = 0 < box[0] + box[2] < 2 and 0 < box[1] + box[3] < 2
            width, height = (x1 - x0) * square_side, (y1 - y0) * square_side
            if centred and min(width, height) >= _FEWEST_PIXELS:
                found.append((box, score))
        return found


def _anchors() -> NDArray[np.float64]:
    """Return the centres that boxes are told from, (896, 2) of x and y in [0, 1].

    Two for each cell of a grid of 16 x 16, then six for each of 8 x 8, row by row.
    """
    parts = []
    for cells, each in ((16, 2), (8, 6)):
        centres = (np.arange(cells) + 0.5) / cells
        y, x = np.meshgrid(centres, centres, indexing="ij")
        parts.append(np.stack([x.ravel(), y.ravel()], axis=1).repeat(each, axis=0))
    return np.concatenate(parts)


_ANCHORS: Final = _anchors()


def _letterbox(
    image: NDArray[np.uint8],
) -> tuple[NDArray[np.float32], Box]:
    """Put a picture into a black square for the detector, its proportions kept.

    Returns the square, (1, 3, 128, 128) in [-1, 1], and left, top, width and height of the picture
    in it as fractions.
    """
    rows, columns = image.shape[:2]
    scale = _DETECTOR_SIDE / max(rows, columns)
    high, wide = max(round(rows * scale), 1), max(round(columns * scale), 1)
    top, left = (_DETECTOR_SIDE - high) // 2, (_DETECTOR_SIDE - wide) // 2
    square = np.full((_DETECTOR_SIDE, _DETECTOR_SIDE, 3), _BLACK, dtype=np.float32)
    square[top : top + high, left : left + wide] = resize(image, high, wide)
    square = square / np.float32(127.5) - 1
    side = _DETECTOR_SIDE
    places = (left / side, top / side, wide / side, high / side)
    return np.ascontiguousarray(square.transpose(2, 0, 1)[None]), places


def _decode(raw: NDArray[np.float64], anchors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return left, top, right and bottom as fractions of the square, (n, 4).

    The network tells the centre, from an anchor on, and the size, both in its 128 pixels; six
    landmarks follow, which are not used.
    """
    centres = anchors + raw[:, :2] / _DETECTOR_SIDE
    halves = raw[:, 2:4] / _DETECTOR_SIDE / 2
    return np.concatenate([centres - halves, centres + halves], axis=1)


def _overlap(box: NDArray[np.float64], boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the intersection over union of a box with each of others."""
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    areas = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1)
    own = float(np.prod(np.maximum(box[2:] - box[:2], 0)))
    return np.asarray(shared / np.maximum(own + areas - shared, 1e-12))


def _merge(boxes: NDArray[np.float64], scores: NDArray[np.float64]) -> list[tuple[Box, float]]:
    """Make one box of those that show one face: their mean by score, under the best score.

    The "blending" of the BlazeFace paper, section 3.4: steadier from frame to frame than to keep
    the best box only.
    """
    order = np.argsort(-scores, kind="stable")
    boxes, scores = boxes[order], scores[order]
    found = []
    while len(scores):
        same = _overlap(boxes[0], boxes) >= _SAME_FACE
        same[0] = True  # a box without an area overlaps nothing, itself included
        left, top, right, bottom = np.average(boxes[same], axis=0, weights=scores[same]).tolist()
        found.append(((left, top, right, bottom), float(scores[0])))
        boxes, scores = boxes[~same], scores[~same]
    return found


def _crop(image: NDArray[np.uint8], box: Box) -> NDArray[np.float32]:
    """Cut a face out for the reader: square, with a margin, grey, (1, 64, 64) in [-1, 1].

    Beyond the picture its edge is repeated.
    """
    rows, columns = image.shape[:2]
    left, top, right, bottom = box[0] * columns, box[1] * rows, box[2] * columns, box[3] * rows
    side = max(right - left, bottom - top) * (1 + 2 * _MARGIN)
    count = max(round(side), 1)
    first_row = round((top + bottom) / 2 - side / 2)
    first_column = round((left + right) / 2 - side / 2)
    chosen_rows = np.clip(np.arange(first_row, first_row + count), 0, rows - 1)
    chosen_columns = np.clip(np.arange(first_column, first_column + count), 0, columns - 1)
    part = image[chosen_rows[:, None], chosen_columns[None, :]]
    small = resize(part, _READER_SIDE, _READER_SIDE) @ _LUMA
    return np.asarray(small / np.float32(127.5) - 1, dtype=np.float32)[None]
