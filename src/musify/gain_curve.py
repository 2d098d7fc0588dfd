"""How loud the music is over time: points that can be seen, edited and kept in the plan."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify._json import Node, parse
from musify.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["GAINS_DB", "GainCurve", "Shape"]

Shape = Literal["cosine", "linear"]

GAINS_DB: Final = (-120.0, 40.0)
FORMAT: Final = "musify-gain-curve"
VERSION: Final = 1
_WHAT: Final = "gain curve"


@dataclass(frozen=True, slots=True, eq=False)
class GainCurve(FrozenArrays):
    """A gain over time, given by points.

    Before the first point and after the last the gain stays as it is there; a curve without points
    changes nothing.

    Parameters
    ----------
    times : array_like, shape (n,)
        Seconds from the first presented frame, at least 0; ascending.
    gains_db : array_like, shape (n,)
        Gain at each time in decibels, in [-120, 40].
    shape : {"cosine", "linear"}, default "cosine"
        How the decibels go from one point to the next: in half a wave of a cosine, which sets out
        and arrives gently, or in a straight line.

    Raises
    ------
    ParameterError
        If the arrays do not fit, times do not ascend, or a number leaves its range.

    Examples
    --------
    >>> curve = GainCurve([1.0, 1.5, 4.0, 5.0], [0.0, -15.0, -15.0, 0.0])
    >>> curve.at([0.0, 1.25, 2.0, 9.0]).round(2).tolist()
    [0.0, -7.5, -15.0, 0.0]
    """

    times: NDArray[np.float64]
    gains_db: NDArray[np.float64]
    shape: Shape = "cosine"

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(
            self, times: ArrayLike, gains_db: ArrayLike, shape: Shape = "cosine"
        ) -> None: ...

    def __post_init__(self) -> None:
        times = frozen_floats("times", self.times, (None,))
        gains = frozen_floats("gains_db", self.gains_db, (None,))
        if len(times) != len(gains):
            raise ParameterError(
                f"every time needs a gain: there are {len(times)} times and {len(gains)} gains_db"
            )
        if (times < 0).any():
            raise ParameterError(f"times must be at least 0 s, got {times.min():g}")
        if (late := np.flatnonzero(np.diff(times) <= 0)).size:
            raise ParameterError(
                f"times must ascend, got {times[late[0]]:g} before {times[late[0] + 1]:g}"
            )
        low, high = GAINS_DB
        if (outside := gains[(gains < low) | (gains > high)]).size:
            raise ParameterError(f"gains_db must be in [{low:g}, {high:g}], got {outside[0]:g}")
        if self.shape not in get_args(Shape):
            raise ParameterError(f"shape must be one of {get_args(Shape)}, got {self.shape!r}")
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "gains_db", gains)

    def __eq__(self, other: object) -> bool:
        """Whether another curve has the same points and shape."""
        if not isinstance(other, GainCurve):
            return NotImplemented
        return (
            self.shape == other.shape
            and np.array_equal(self.times, other.times)
            and np.array_equal(self.gains_db, other.gains_db)
        )

    def __hash__(self) -> int:
        return hash((self.shape, self.times.tobytes(), self.gains_db.tobytes()))

    def __len__(self) -> int:
        """Count the points."""
        return len(self.times)

    def at(self, times: ArrayLike) -> NDArray[np.float64]:
        """Gain at any times.

        Parameters
        ----------
        times : array_like of float
            Seconds, of any shape.

        Returns
        -------
        ndarray of float64, the same shape
            Decibels.
        """
        asked = np.asarray(times, np.float64)
        if not len(self):
            return np.zeros(asked.shape)
        if self.shape == "linear" or len(self) == 1:
            return np.asarray(np.interp(asked, self.times, self.gains_db), np.float64)
        after = np.clip(np.searchsorted(self.times, asked, side="right"), 1, len(self) - 1)
        before = after - 1
        start, end = self.gains_db[before], self.gains_db[after]
        part = (asked - self.times[before]) / (self.times[after] - self.times[before])
        rise = (1 - np.cos(np.pi * np.clip(part, 0, 1))) / 2
        # Where nothing changes, rounding shall change nothing either.
        return np.where(start == end, start, start + (end - start) * rise)

    def apply(
        self, block: NDArray[np.float32], start_frame: int, sample_rate: int
    ) -> NDArray[np.float32]:
        """Apply the gain to a block of PCM.

        Parameters
        ----------
        block : ndarray of float32, shape (n, channels)
            PCM; it is not changed.
        start_frame : int
            Which PCM frame, counted from the first presented video frame, the block begins with.
        sample_rate : int
            PCM frames a second.

        Returns
        -------
        ndarray of float32, shape (n, channels)
            The block itself where the gain is 0 dB throughout.
        """
        if not len(block) or not len(self):
            return block
        first, last = start_frame / sample_rate, (start_frame + len(block) - 1) / sample_rate
        inside = self.gains_db[(self.times > first) & (self.times < last)]
        gains = np.concatenate([self.at([first, last]), inside])
        if (gains == gains[0]).all():  # most blocks: no gain moves
            return block if gains[0] == 0 else block * np.float32(10 ** (gains[0] / 20))
        times = np.arange(start_frame, start_frame + len(block)) / sample_rate
        return block * (10 ** (self.at(times) / 20)).astype(np.float32)[:, None]

    def to_dict(self) -> dict[str, Any]:
        """Describe the curve as it stands in JSON."""
        points = np.stack([self.times, self.gains_db], axis=1)
        return {"shape": self.shape, "points": points.tolist()}

    @classmethod
    def from_node(cls, node: Node) -> "GainCurve":
        """Read what :meth:`to_dict` gave out of a larger document."""
        keys = node.keys(required=("points",), optional=("shape",))
        points = []
        for item in keys["points"].items():
            pair = list(item.items())
            if len(pair) != 2:
                raise item.refuse("a pair [time, gain_db]")
            points.append((pair[0].number(low=0), pair[1].number(*GAINS_DB)))
        shape: Shape = keys["shape"].choice(get_args(Shape)) if "shape" in keys else "cosine"
        try:
            return cls([time for time, _ in points], [gain for _, gain in points], shape)
        except ParameterError as error:
            raise ParameterError(f"{node.what}: {keys['points'].path}: {error}") from error

    def to_json(self) -> str:
        """Write the curve as JSON; :meth:`from_json` reads it back, equal in every value."""
        head: dict[str, Any] = {"format": FORMAT, "version": VERSION}
        return json.dumps({**head, **self.to_dict()}, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "GainCurve":
        """Read a curve.

        Raises
        ------
        ParameterError
            If a key is unknown or missing, or a value wrong; the message gives its path.
        """
        document = parse(text, _WHAT)
        keys = document.keys(required=("format", "version", "points"), optional=("shape",))
        keys["format"].choice((FORMAT,))
        keys["version"].choice((VERSION,))
        rest = {key: keys[key].value for key in ("shape", "points") if key in keys}
        return cls.from_node(Node(rest, "", _WHAT))

    def to_csv(self) -> str:
        """Write the points as lines ``time,gain_db``, for spreadsheets and editors."""
        rows: Iterable[str] = (
            f"{time:.6f},{gain:.3f}" for time, gain in zip(self.times, self.gains_db, strict=True)
        )
        return "\n".join(["time,gain_db", *rows]) + "\n"

    def plot(self, ax: Any = None) -> Any:
        """Draw the gain over time.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default on a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        from musify._gain_picture import draw_gain  # noqa: PLC0415 - the extra "plot"

        return draw_gain(self, ax)

    def _repr_html_(self) -> str:
        from musify._gain_picture import gain_html  # noqa: PLC0415 - only notebooks need it

        return gain_html(self)
