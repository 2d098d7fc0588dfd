"""Learning moods from the user's own pictures, on this machine.

A regularised linear head on the features of the embedded network: with a few hundred pictures a
mood, that is what a retrained network would learn too, and it takes minutes.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from musify._checks import whole_number
from musify._ffmpeg import StrPath
from musify._iterators import ended
from musify._output import check_output
from musify.errors import ParameterError
from musify.moods import Mood, MoodSpace, known_mood
from musify.notices import notify
from musify.progress import ProgressCallback, tell
from musify.vision.affect import classes_plane
from musify.vision.cross_validation import (
    STRENGTHS,
    CrossValidation,
    cross_validate,
    fit_best,
)
from musify.vision.letterbox import without_bars
from musify.vision.linear_head import class_weights, log_loss
from musify.vision.model_file import MoodModel
from musify.vision.near_duplicates import near_duplicate_groups, picture_hash
from musify.vision.pictures import find_pictures, is_ours, read_pictures
from musify.vision.training_report import TrainingReport, WrongPicture
from musify.vision.validation import confusion_matrix

__all__ = ["FEWEST", "Looked", "Network", "PlaneOf", "look_at", "mood_folders", "train_local"]

FEWEST: Final = 5
"""Pictures that a mood needs."""

_BATCH: Final = 32
_SMALLEST: Final = 1e-300


class Network(Protocol):
    """What looks at pictures: the embedded network, or a stand-in."""

    @property
    def feature_version(self) -> str:
        """Name of the features, another whenever they change."""

    def run(
        self, images: Sequence[NDArray[np.uint8]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Give probabilities of classes ``(n, c)`` and features ``(n, d)``."""


PlaneOf: TypeAlias = Callable[[NDArray[np.float32]], NDArray[np.floating]]
"""From probabilities of classes ``(n, c)`` to valence and arousal ``(n, 2)``."""


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What the network saw in the pictures that can be read.

    Parameters
    ----------
    paths : tuple of Path
        Of the ``n`` pictures.
    features : ndarray of shape (n, d)
        Of each.
    probabilities : ndarray of shape (n, c)
        Of the network's own classes.
    hashes : list of int
        What :func:`~musify.vision.near_duplicates.picture_hash` gave.
    skipped : tuple of (Path, str)
        Files that cannot be read, and why.
    """

    paths: tuple[Path, ...]
    features: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    hashes: list[int]
    skipped: tuple[tuple[Path, str], ...]


def look_at(
    paths: Sequence[Path], network: Network, on_progress: ProgressCallback | None = None
) -> Looked:
    """Run the network over picture files; a few are held in memory at a time."""
    skipped: list[tuple[Path, str]] = []
    seen: list[Path] = []
    features, probabilities = [], []
    hashes: list[int] = []
    with ended(
        read_pictures(paths, on_unread=lambda path, why: skipped.append((path, why)))
    ) as pictures:
        while batch := list(islice(pictures, _BATCH)):
            shares, numbers = network.run([without_bars(image) for _, image in batch])
            probabilities.append(shares)
            features.append(numbers)
            hashes += [picture_hash(image) for _, image in batch]
            seen += [path for path, _ in batch]
            tell(on_progress, "look", len(seen) + len(skipped), len(paths))
    return Looked(
        tuple(seen),
        np.concatenate(features) if features else np.empty((0, 0), np.float32),
        np.concatenate(probabilities) if probabilities else np.empty((0, 0), np.float32),
        hashes,
        tuple(skipped),
    )


def mood_folders(pictures: StrPath) -> dict[str, tuple[Path, ...]]:
    """List the picture files of each mood: the sub-folders of a folder, by their names.

    Raises
    ------
    ParameterError
        If it is no folder, holds fewer than two sub-folders, or two of one name but for case.
    """
    folder = Path(pictures)
    files = find_pictures(folder)
    moods: dict[str, tuple[Path, ...]] = {}
    for below in sorted(path for path in folder.iterdir() if path.is_dir() and is_ours(path.name)):
        name = below.name.strip().lower()
        if name in moods:
            raise ParameterError(
                f"two folders in {str(folder)!r} are called {name!r} but for case; join them"
            )
        moods[name] = find_pictures(below)
    if len(moods) < 2:
        raise ParameterError(
            f"{str(folder)!r} holds {len(moods)} sub-folders; give a folder with one for each "
            f"mood, at least two, each with at least {FEWEST} pictures"
        )
    if loose := [path for path in files if path.parent == folder]:
        notify(
            f"left out {len(loose)} pictures that lie in {str(folder)!r} itself, such as "
            f"{loose[0].name!r}: only sub-folders are moods"
        )
    return moods


def train_local(
    pictures: StrPath,
    output: StrPath,
    *,
    points: Mapping[str, tuple[float, float]] | None = None,
    folds: int = 5,
    overwrite: bool = False,
    on_progress: ProgressCallback | None = None,
    network: Network | None = None,
    plane_of: PlaneOf | None = classes_plane,
) -> TrainingReport:
    """Learn moods from folders of example pictures, without a network or an account.

    The model is used as ``get_backend("mood_classifier", "trained", model=output)``. Pictures that
    cannot be read are left out and told. The same pictures give the same model.

    Parameters
    ----------
    pictures : path-like
        A folder whose sub-folders are named after moods and hold pictures of them: jpg, png, webp,
        gif, bmp or tiff, at least 5 a mood. A few hundred are better.
    output : path-like
        The model to write, by custom ``*.musify``.
    points : mapping of str to (float, float), optional
        Valence and arousal of moods, each in [-1, 1]: for those that are not in
        :data:`~musify.KNOWN_MOODS`, or to move those that are.
    folds : int, default 5
        Into how many parts the pictures are dealt to measure the accuracy.
    overwrite : bool, default False
        Whether a model that stands there may be replaced.
    on_progress : callable, optional
        Called with :class:`Progress` now and then: stages ``"look"`` and ``"train"``.
    network : object, optional
        What looks at the pictures; by default the embedded network.
    plane_of : callable or None, default the table of classes
        Gives the valence and arousal ``(n, 2)`` of ``n`` pictures from the network's probabilities
        of classes. A mood without a point takes the mean over its pictures; with None it is
        refused.

    Returns
    -------
    TrainingReport
        What was learnt, and how well it tells pictures apart that it has not seen.

    Raises
    ------
    ParameterError
        If there are fewer than two moods, one has fewer than 5 pictures that can be read or only
        near duplicates of one, or no point.
    OutputError
        If the model cannot be written.
    """
    began = time.monotonic()
    folds = whole_number("folds", folds, low=2)
    check_output(output, overwrite=overwrite)
    files = mood_folders(pictures)
    names = tuple(files)
    known = _known_points(names, points or {}, can_guess=plane_of is not None)
    for name, paths in files.items():
        _check_count(name, len(paths), 0)
    network = embedded_network() if network is None else network
    every = [path for paths in files.values() for path in paths]
    mood_of = {path: place for place, paths in enumerate(files.values()) for path in paths}
    looked = look_at(every, network, on_progress)
    targets = np.array([mood_of[path] for path in looked.paths], np.int64)
    for place, name in enumerate(names):
        _check_count(name, int((targets == place).sum()), len(files[name]))
    groups = near_duplicate_groups(looked.features, looked.hashes)
    _check_groups(names, targets, groups)
    duplicates = _told_duplicates(looked.paths, targets, groups, names)
    if looked.skipped:
        path, why = looked.skipped[0]
        notify(f"left out {len(looked.skipped)} files, such as {str(path)!r}: {why}")

    def on_step(done: int, total: int) -> None:
        tell(on_progress, "train", done, total + 1)

    found = cross_validate(
        looked.features, targets, groups, len(names), folds=folds, on_step=on_step
    )
    head = fit_best(looked.features, targets, len(names), found)
    moods = _moods(names, known, targets, looked, plane_of)
    report = TrainingReport(
        output=Path(output),
        moods=moods,
        confusion=confusion_matrix(targets, found.probabilities.argmax(axis=1), len(names)),
        distinct=len(np.unique(groups)),
        folds=len(np.unique(found.folds)),
        wrong=_wrong(looked.paths, targets, found, names),
        duplicates=duplicates,
        skipped=looked.skipped,
        strength=found.strength,
        temperature=found.temperature,
        log_loss=log_loss(
            np.log(np.maximum(found.probabilities, _SMALLEST)),
            targets,
            class_weights(targets, len(names)),
        ),
        seconds=time.monotonic() - began,
    )
    model = MoodModel(moods, head, found.temperature, network.feature_version, _kept(report))
    tell(on_progress, "train", len(STRENGTHS) + 1, len(STRENGTHS) + 1)
    model.save(output, overwrite=overwrite)
    return report


def embedded_network() -> Network:
    """Load the network that comes with musify."""
    from musify.vision.network import PictureNetwork  # noqa: PLC0415 - loads onnxruntime

    return PictureNetwork()


def _known_points(
    names: Iterable[str], points: Mapping[str, tuple[float, float]], *, can_guess: bool
) -> dict[str, Mood]:
    given = {Mood(name, *point).name: Mood(name, *point) for name, point in points.items()}
    names = tuple(names)
    if surplus := [name for name in given if name not in names]:
        raise ParameterError(
            f"a point is given for {surplus[0]!r}, but the moods are {', '.join(names)}"
        )
    found = {}
    for name in names:
        if name in given:
            found[name] = given[name]
            continue
        try:
            found[name] = known_mood(name)
        except ParameterError:
            if not can_guess:
                raise ParameterError(
                    f"no mood is called {name!r}; say where it stands by its valence and arousal, "
                    f"each from -1 to 1: points={{{name!r}: (0.2, -0.3)}} (--point {name}=0.2,-0.3)"
                ) from None
    return found


def _moods(
    names: tuple[str, ...],
    known: Mapping[str, Mood],
    targets: NDArray[np.int64],
    looked: Looked,
    plane_of: PlaneOf | None,
) -> MoodSpace:
    moods = []
    for place, name in enumerate(names):
        mood = known.get(name)
        if mood is None:
            assert plane_of is not None  # or it would have been refused at the beginning
            points = np.asarray(plane_of(looked.probabilities[targets == place]), np.float64)
            valence, arousal = np.clip(points.mean(axis=0), -1, 1)
            mood = Mood(name, float(valence), float(arousal))
            notify(
                f"no mood is called {name!r}: by what its pictures show it stands at valence "
                f"{valence:+.2f}, arousal {arousal:+.2f}; --point {name}=V,A moves it"
            )
        # By the name of the folder, even if a mood is known by another.
        moods.append(Mood(name, mood.valence, mood.arousal))
    return MoodSpace(moods)


def _check_count(name: str, readable: int, files: int) -> None:
    if readable < FEWEST:
        of = f"of {files} files " if files else ""
        can = " that can be read" if files else ""
        raise ParameterError(
            f"the mood {name!r} has {readable} pictures {of}{can}".rstrip().replace("  ", " ")
            + f"; it needs at least {FEWEST}"
        )


def _check_groups(
    names: tuple[str, ...], targets: NDArray[np.int64], groups: NDArray[np.int64]
) -> None:
    for place, name in enumerate(names):
        if len(np.unique(groups[targets == place])) < 2:
            raise ParameterError(
                f"the pictures of the mood {name!r} are all near duplicates of one another; "
                "give pictures that differ"
            )


def _told_duplicates(
    paths: tuple[Path, ...],
    targets: NDArray[np.int64],
    groups: NDArray[np.int64],
    names: tuple[str, ...],
) -> tuple[tuple[Path, ...], ...]:
    found = []
    for group in np.unique(groups):
        places = np.flatnonzero(groups == group)
        if len(places) < 2:
            continue
        found.append(tuple(paths[place] for place in places))
        moods = np.unique(targets[places])
        if len(moods) > 1:
            first, second = (places[targets[places] == mood][0] for mood in moods[:2])
            notify(
                f"nearly the same picture is {names[moods[0]]!r} ({str(paths[first])!r}) and "
                f"{names[moods[1]]!r} ({str(paths[second])!r}); keep it in one folder"
            )
    return tuple(found)


def _wrong(
    paths: tuple[Path, ...],
    targets: NDArray[np.int64],
    found: CrossValidation,
    names: tuple[str, ...],
) -> tuple[WrongPicture, ...]:
    taken = found.probabilities.argmax(axis=1)
    sure = found.probabilities.max(axis=1)
    places = np.flatnonzero(taken != targets)
    return tuple(
        WrongPicture(paths[place], names[targets[place]], names[taken[place]], float(sure[place]))
        for place in places[np.argsort(-sure[places], kind="stable")]
    )


def _kept(report: TrainingReport) -> dict[str, Any]:
    """Leave out of the model's own report what names the user's files, and what time it took."""
    private = ("output", "wrong", "duplicates", "skipped", "seconds")
    kept = {key: value for key, value in report.to_dict().items() if key not in private}
    return kept | {"skipped": len(report.skipped), "duplicates": len(report.duplicates)}
