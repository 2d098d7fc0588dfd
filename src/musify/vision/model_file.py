"""The file of a trained classifier, ``*.musify``: data only, nothing that could run.

A zip of two members: ``model.json``, which says what it is, and ``head.f32``, the weights as
little-endian float32, features by moods in rows, then a row of biases. Sizes are checked before
anything is unpacked.
"""

import json
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from musify._ffmpeg import StrPath
from musify._json import Node, parse
from musify._output import finished_file
from musify._version import __version__
from musify.errors import BackendError, OutputError, ParameterError
from musify.moods import Mood, MoodSpace
from musify.vision.linear_head import LinearHead

__all__ = ["MoodModel"]

FORMAT: Final = "musify mood model"
FORMAT_VERSION: Final = 1
_ABOUT: Final = "model.json"
_HEAD: Final = "head.f32"
_MOST_BYTES: Final = {_ABOUT: 4_000_000, _HEAD: 64_000_000}
# Those whose unpacking zipfile can stop: the others may fill the memory in one go.
_PACKINGS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MOST_FEATURES: Final = 100_000
_EARLY: Final = (1980, 1, 1, 0, 0, 0)  # the same model gives the same file


@dataclass(frozen=True, slots=True, eq=False)
class MoodModel:
    """Moods learnt from pictures.

    Parameters
    ----------
    moods : MoodSpace
        In the order of the head's classes.
    head : LinearHead
        From features to moods.
    temperature : float
        What the head's scores are divided by; above 0.
    feature_version : str
        Which network, and which of its outputs, the features came from.
    report : dict
        What training found, as JSON; shown, never used.
    """

    moods: MoodSpace
    head: LinearHead
    temperature: float
    feature_version: str
    report: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.head.weights.shape[1] != len(self.moods):
            raise ParameterError(
                f"the head tells {self.head.weights.shape[1]} moods apart, not {len(self.moods)}"
            )
        if not self.temperature > 0:
            raise ParameterError(f"temperature must be above 0, got {self.temperature!r}")

    def save(self, path: StrPath, *, overwrite: bool = False) -> Path:
        """Write the model, whole or not at all.

        Parameters
        ----------
        path : path-like
            Where to.
        overwrite : bool, default False
            Whether a file that stands there may be replaced.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        about = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "musify_version": __version__,
            "feature_version": self.feature_version,
            "features": len(self.head.weights),
            "moods": [
                {"name": mood.name, "valence": mood.valence, "arousal": mood.arousal}
                for mood in self.moods
            ],
            "temperature": self.temperature,
            "report": self.report,
        }
        numbers = np.vstack([self.head.weights, self.head.bias[None]]).astype("<f4")
        path = Path(path)
        with finished_file(path, overwrite=overwrite) as partial:
            try:
                with zipfile.ZipFile(partial, "w") as archive:
                    # Names of files need not be text; their odd bytes are kept as escapes.
                    text = json.dumps(about, indent=1, allow_nan=False)
                    for name, data in ((_ABOUT, text.encode()), (_HEAD, numbers.tobytes())):
                        member = zipfile.ZipInfo(name, _EARLY)
                        archive.writestr(member, data, zipfile.ZIP_DEFLATED)
            except OSError as error:
                why = error.strerror or error
                raise OutputError(f"cannot write {str(path)!r}: {why}") from error
        return path

    @classmethod
    def load(cls, path: StrPath) -> "MoodModel":
        """Read a model.

        Parameters
        ----------
        path : path-like
            A file that :meth:`save` wrote.

        Returns
        -------
        MoodModel
            The model.

        Raises
        ------
        ParameterError
            If there is no such file, or it is damaged or no model.
        BackendError
            If it was made by a newer musify.
        """
        path = Path(path)
        what = f"the mood model {str(path)!r}"
        members = _read_members(path, what)
        try:
            text = members[_ABOUT].decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParameterError(f"{what} is damaged: {_ABOUT} is not text") from error
        return _model(parse(text, f"{_ABOUT} of {what}"), members[_HEAD], what)

    def check_features(self, feature_version: str, path: StrPath) -> None:
        """Refuse to work on features that the model was not trained on.

        Parameters
        ----------
        feature_version : str
            Of the features that there are.
        path : path-like
            What to call the model.

        Raises
        ------
        BackendError
            If they are others.
        """
        if self.feature_version != feature_version:
            raise BackendError(
                f"the mood model {str(path)!r} was trained on the features "
                f"{self.feature_version!r}, and this musify has {feature_version!r}: train it "
                "again with: musify train local PICTURES/ -o MODEL"
            )


def _read_members(path: Path, what: str) -> dict[str, bytes]:
    """Unpack both members, no more of them than they may hold."""
    members = {}
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            if sorted(archive.namelist()) != sorted(_MOST_BYTES):
                raise ParameterError(
                    f"{what} must hold {' and '.join(_MOST_BYTES)} and nothing else; "
                    "make one with: musify train local PICTURES/"
                )
            if any(member.compress_type not in _PACKINGS for member in archive.infolist()):
                raise ParameterError(f"{what} is packed in a way that musify never packs")
            for name, most in _MOST_BYTES.items():
                # What the directory says of the size may be a lie: no more is unpacked than fits.
                with archive.open(name) as member:
                    data = member.read(most + 1)
                if len(data) > most:
                    raise ParameterError(f"{what} is damaged: {name} is over {most} bytes")
                members[name] = data
    except ParameterError:
        raise
    except zipfile.BadZipFile as error:
        raise ParameterError(f"{what} is damaged, or no mood model: {error}") from error
    # Unknown compression, a password, a truncated member; and what OSError does not cover.
    except (NotImplementedError, RuntimeError, EOFError, zlib.error, ValueError) as error:
        raise ParameterError(f"{what} is damaged: {error}") from error
    except OSError as error:
        raise ParameterError(f"cannot read {what}: {error.strerror or error}") from error
    return members


_KEYS: Final = (
    "format",
    "format_version",
    "musify_version",
    "feature_version",
    "features",
    "moods",
    "temperature",
    "report",
)


def _model(about: Node, numbers: bytes, what: str) -> MoodModel:
    # The version first: a newer one may have other keys.
    raw = about.value if isinstance(about.value, dict) else {}
    version = raw.get("format_version")
    if raw.get("format") != FORMAT:
        raise ParameterError(f"{what} is no mood model: its format is {raw.get('format')!r}")
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise BackendError(
            f"{what} has the format version {version}, made by musify "
            f"{raw.get('musify_version')!r}; this one reads up to {FORMAT_VERSION}: update musify "
            "with: pip install --upgrade musify-video"
        )
    keys = about.keys(_KEYS)
    keys["format_version"].integer(1, FORMAT_VERSION)
    moods = []
    for node in keys["moods"].items():
        mood = node.keys(("name", "valence", "arousal"))
        point = (mood["valence"].number(-1, 1), mood["arousal"].number(-1, 1))
        moods.append(Mood(mood["name"].text(), *point))
    space = MoodSpace(moods)
    features = keys["features"].integer(1, _MOST_FEATURES)
    if len(numbers) != (features + 1) * len(space) * 4:
        raise ParameterError(
            f"{what} is damaged: {_HEAD} holds {len(numbers)} bytes, not the "
            f"{(features + 1) * len(space) * 4} of {features} features and {len(space)} moods"
        )
    table = np.frombuffer(numbers, "<f4").reshape(features + 1, len(space))
    if not np.isfinite(table).all():
        raise ParameterError(f"{what} is damaged: {_HEAD} holds numbers that are not finite")
    return MoodModel(
        moods=space,
        head=LinearHead(table[:-1], table[-1]),
        temperature=keys["temperature"].number(1e-6, 1e6),
        feature_version=keys["feature_version"].text(),
        report=keys["report"].value if isinstance(keys["report"].value, dict) else {},
    )
