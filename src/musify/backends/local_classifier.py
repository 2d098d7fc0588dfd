"""Mood from what is on the picture, by embedded networks."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from musify.evidence import Evidence, EvidenceRow
from musify.moods import Mood, MoodSpace
from musify.plane_classifier import PlaneClassifier
from musify.samples import FrameSample
from musify.scores import MoodScores
from musify.vision.affect import picture_evidence, picture_plane
from musify.vision.colour import colour_point
from musify.vision.faces import Face, FaceReader
from musify.vision.letterbox import without_bars
from musify.vision.network import PictureNetwork

__all__ = ["LocalClassifier"]

_BATCH: Final = 8
# A face that fills the picture moves it this far towards what the face expresses; the reader of
# expressions is right two times in three.
_TRUST_IN_FACES: Final = 0.5


class LocalClassifier(PlaneClassifier):
    """Places a picture in the plane by what a network sees on it.

    Black bars are cut off. EfficientNet-Lite0 says which of a thousand things are on the picture,
    and a table written by hand says how a viewer of footage dominated by each feels; that and the
    network's own features place the picture (see ``musify.vision.affect``). Faces that are large
    enough draw it towards what they express, by up to half. All of it is shipped with musify and
    runs on the processor: about 10 ms a picture on one core.

    It judges pictures, not stories: a smiling villain is happy. Each frame comes with its
    evidence.

    Parameters
    ----------
    moods : MoodSpace or iterable of Mood or str, optional
        Moods to tell apart; by default action, happy, sad and calm.
    temperature : float, default 0.5
        How far from a mood's point a picture may be and still score for it; above 0. See
        :meth:`musify.MoodSpace.score`.
    faces : bool, default True
        Whether faces are looked for.

    Raises
    ------
    ParameterError
        If ``temperature`` is not above 0 or a mood is not known.

    Examples
    --------
    >>> LocalClassifier(moods=["calm", "tense", Mood("spooky", -0.4, 0.5)]).labels
    ('calm', 'tense', 'spooky')
    """

    def __init__(
        self,
        moods: MoodSpace | Iterable[Mood | str] | None = None,
        temperature: float = 0.5,
        *,
        faces: bool = True,
    ) -> None:
        super().__init__(moods, temperature)
        self.faces = bool(faces)
        self._network = PictureNetwork()
        self._reader = FaceReader()

    def __repr__(self) -> str:
        return (
            f"LocalClassifier(moods={self.labels}, temperature={self.temperature}, "
            f"faces={self.faces})"
        )

    @override
    def classify(self, samples: Iterable[FrameSample]) -> MoodScores:
        times: list[float] = []
        points: list[NDArray[np.float64]] = [np.empty((0, 2))]
        evidence: list[EvidenceRow] = []
        for batch in _batches(samples):
            times += [sample.time for sample in batch]
            plane, rows = self._look([without_bars(sample.image) for sample in batch])
            points.append(plane)
            evidence += rows
        return self.scored(times, np.concatenate(points), evidence)

    def _look(
        self, images: list[NDArray[np.uint8]]
    ) -> tuple[NDArray[np.float64], list[EvidenceRow]]:
        probabilities, features = self._network.run(images)
        colours = np.array([colour_point(image) for image in images])
        plane = picture_plane(probabilities, features, colours)
        looked_at = zip(probabilities, features, colours, strict=True)
        rows = [picture_evidence(*picture) for picture in looked_at]
        if self.faces:
            for place, image in enumerate(images):
                faces = [face for face in self._reader.read(image) if face.weight > 0]
                if faces:
                    moved = _towards_faces(plane[place], faces)
                    rows[place] += tuple(_face_evidence(faces, moved - plane[place]))
                    plane[place] = moved
        return plane, rows


def _batches(samples: Iterable[FrameSample]) -> Iterator[list[FrameSample]]:
    given = iter(samples)
    while batch := list(islice(given, _BATCH)):
        yield batch


def _towards_faces(point: NDArray[np.float64], faces: list[Face]) -> NDArray[np.float64]:
    """Move a point towards the mean of what the faces express, by how large they are."""
    weights = np.array([face.weight for face in faces])
    express = weights @ np.array([(face.valence, face.arousal) for face in faces]) / weights.sum()
    moved: NDArray[np.float64] = point + _TRUST_IN_FACES * min(1.0, weights.sum()) * (
        express - point
    )
    return moved


def _face_evidence(faces: list[Face], shift: NDArray[np.float64]) -> Iterator[Evidence]:
    total = sum(face.weight for face in faces)
    for face in faces:
        share = face.weight / total
        yield Evidence(
            "face",
            f"{face.expression} face",
            min(1.0, face.area),
            float(share * shift[0]),
            float(share * shift[1]),
        )
