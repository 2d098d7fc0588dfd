"""What training on pictures found out, for people and for machines."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from musify._arrays import FrozenArrays
from musify._ffmpeg import StrPath
from musify._output import finished_file
from musify._plot_file import check_plot
from musify.errors import OutputError
from musify.moods import MoodSpace
from musify.vision.validation import balanced_accuracy, wilson_interval

__all__ = ["TrainingReport", "WrongPicture", "confusion_text", "plot_confusion"]

_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class WrongPicture:
    """A picture that was held out and taken for another mood.

    Parameters
    ----------
    path : Path
        The file.
    true, predicted : str
        The mood of its folder, and the one it was taken for.
    probability : float
        How sure that was, in [0, 1].
    """

    path: Path
    true: str
    predicted: str
    probability: float


@dataclass(frozen=True, slots=True, eq=False)
class TrainingReport(FrozenArrays):
    """How well moods learnt from pictures are told apart.

    All figures are of held-out pictures: each was judged by a head that had seen neither it nor a
    near duplicate of it, and whose settings were chosen on others.

    Parameters
    ----------
    output : Path
        The model that was written; it has learnt from all pictures.
    moods : MoodSpace
        The moods, each at its point in the plane.
    confusion : ndarray of int, shape (k, k)
        Pictures by true mood (rows) and predicted mood (columns).
    distinct : int
        Groups of near duplicates, a picture of its own being one.
    folds : int
        Into how many parts the pictures were dealt.
    wrong : tuple of WrongPicture
        Those taken for another mood, the surest first.
    duplicates : tuple of tuple of Path
        Pictures that show nearly the same, in groups of two or more.
    skipped : tuple of (Path, str)
        Files that cannot be read, and why.
    strength : float
        Of the regularisation that was chosen.
    temperature : float
        What makes the probabilities mean what they say.
    log_loss : float
        Class-balanced mean surprise in nats; guessing gives ``log(k)``.
    seconds : float
        How long training took.
    """

    output: Path
    moods: MoodSpace
    confusion: NDArray[np.int64]
    distinct: int
    folds: int
    wrong: tuple[WrongPicture, ...]
    duplicates: tuple[tuple[Path, ...], ...]
    skipped: tuple[tuple[Path, str], ...]
    strength: float
    temperature: float
    log_loss: float
    seconds: float

    def __post_init__(self) -> None:
        confusion = np.array(self.confusion, dtype=np.int64)
        confusion.setflags(write=False)
        object.__setattr__(self, "confusion", confusion)

    @property
    def pictures(self) -> int:
        """How many were learnt from."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """Share of held-out pictures given their own mood."""
        return float(np.trace(self.confusion) / self.pictures)

    @property
    def accuracy_interval(self) -> tuple[float, float]:
        """95 % interval of the accuracy (Wilson), counting near duplicates as one picture."""
        return wilson_interval(self.accuracy, self.distinct)

    @property
    def balanced_accuracy(self) -> float:
        """Mean over the moods of the share that is right."""
        return balanced_accuracy(self.confusion)

    def to_dict(self) -> dict[str, Any]:
        """Give everything as JSON holds it."""
        return {
            "output": str(self.output),
            "pictures": self.pictures,
            "distinct": self.distinct,
            "folds": self.folds,
            "accuracy": self.accuracy,
            "accuracy_interval": list(self.accuracy_interval),
            "balanced_accuracy": self.balanced_accuracy,
            "log_loss": self.log_loss,
            "moods": [
                {"name": mood.name, "valence": mood.valence, "arousal": mood.arousal}
                for mood in self.moods
            ],
            "confusion": self.confusion.tolist(),
            "strength": self.strength,
            "temperature": self.temperature,
            "wrong": [
                {
                    "path": str(wrong.path),
                    "true": wrong.true,
                    "predicted": wrong.predicted,
                    "probability": wrong.probability,
                }
                for wrong in self.wrong
            ],
            "duplicates": [[str(path) for path in group] for group in self.duplicates],
            "skipped": [{"path": str(path), "why": why} for path, why in self.skipped],
            "seconds": self.seconds,
        }

    def __str__(self) -> str:
        low, high = self.accuracy_interval
        learnt = f"{self.pictures} pictures of {len(self.moods)} moods, {self.distinct} distinct"
        right = f"{self.accuracy:.1%} (95 % interval {low:.1%} to {high:.1%})"
        lines = [
            f"{learnt}; {len(self.skipped)} files left out",
            f"right on held-out pictures: {right}; mean over moods {self.balanced_accuracy:.1%}",
            f"measured in {self.folds} parts, near duplicates in the same one",
            "",
            "true mood (rows) against what it was taken for (columns):",
            confusion_text(self.confusion, self.moods.names),
        ]
        if self.wrong:
            lines += ["", "furthest wrong (look whether they lie in the right folder):"]
            lines += [
                f"  {one.path}: {one.true}, taken for {one.predicted} ({one.probability:.0%} sure)"
                for one in self.wrong[:_SHOWN]
            ]
        return "\n".join(lines)

    def plot(self, path: StrPath, *, overwrite: bool = False) -> Path:
        """Draw the confusion matrix.

        Parameters
        ----------
        path : path-like
            What to write: .png, .svg or .pdf.
        overwrite : bool, default False
            Whether a file that stands there may be replaced.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        ParameterError
            If the ending is another.
        OutputError
            If it cannot be written.
        """
        return plot_confusion(self.confusion, self.moods.names, path, overwrite=overwrite)


def confusion_text(confusion: NDArray[np.int64], names: tuple[str, ...]) -> str:
    """Write a confusion matrix as a table of text."""
    widths = [
        max(len(name), len(str(column.max())))
        for name, column in zip(names, confusion.T, strict=True)
    ]
    first = max(map(len, names))
    rows = [" " * first + "".join(f"  {name:>{w}}" for name, w in zip(names, widths, strict=True))]
    for name, counts in zip(names, confusion, strict=True):
        cells = "".join(f"  {count:>{w}}" for count, w in zip(counts, widths, strict=True))
        rows.append(f"{name:<{first}}{cells}")
    return "\n".join(rows)


def plot_confusion(
    confusion: NDArray[np.int64],
    names: tuple[str, ...],
    path: StrPath,
    *,
    overwrite: bool = False,
) -> Path:
    """Draw a confusion matrix: colours by the share of the true mood, numbers are pictures.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    ParameterError
        If the ending is not .png, .svg or .pdf.
    OutputError
        If the file cannot be written.
    """
    path = check_plot(path)
    # Without pyplot, which would choose a window system for the whole program.
    from matplotlib.figure import Figure  # noqa: PLC0415 - an extra, and slow to import

    size = 2.5 + 0.6 * len(names)
    figure = Figure(figsize=(size + 0.8, size), layout="constrained")
    axes = figure.add_subplot()
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("taken for")
    axes.set_ylabel("mood of the folder")
    for row, column in np.ndindex(confusion.shape):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, str(confusion[row, column]), ha="center", va="center", color=colour)
    figure.colorbar(image, label="share of the mood of the folder")
    with finished_file(path, overwrite=overwrite) as partial:
        try:
            figure.savefig(partial, dpi=120)
        except OSError as error:
            why = error.strerror or error
            raise OutputError(f"cannot write {str(path)!r}: {why}") from error
    return path
