"""Mood from the concepts that a model on Clarifai sees."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from typing_extensions import override

from musify._checks import number, whole_number
from musify._ffmpeg import StrPath
from musify._how_to import how_to
from musify.clarifai.access import USER_VARIABLE, Address, ApiKey
from musify.clarifai.batches import MOST_INPUTS, to_be_sent
from musify.clarifai.concepts import (
    GENERAL_MODELS,
    MoodsOfConcepts,
    Scored,
    general_table,
    moods_of_model,
    read_table,
    table_of,
)
from musify.clarifai.connection import Connection
from musify.clarifai.models import concepts_of
from musify.clarifai.predicting import Answer, Target, ask_about
from musify.clarifai.selector import Selector
from musify.errors import ParameterError, ServiceError
from musify.interfaces import MoodClassifier
from musify.moods import Mood, MoodSpace
from musify.notices import notify
from musify.samples import FrameSample
from musify.scores import MoodScores
from musify.vision.letterbox import without_bars

__all__ = ["ClarifaiClassifier"]

Moods: TypeAlias = Mapping[str, Mood | str] | Iterable[Mood | str] | StrPath

_TOLD: Final = 10


class ClarifaiClassifier(MoodClassifier):
    """Asks a model on Clarifai what is on each frame.

    Either a model whose concepts are the moods, such as ``musify train clarifai`` makes, or a model
    of things, with a table from its concepts to moods. For ``general-image-recognition``, which is
    there for every account, such a table is shipped, written by hand: each concept of which
    the model is more sure than not counts for its mood as much as the model is sure, and the frame
    is placed at the mean of their points.

    Frames go as JPEG, without black bars, at most 640 pixels a side: up to 128 in a request,
    several requests at a time, at most 15 a second as the service allows. What is throttled, busy
    or being deployed is asked again.

    Parameters
    ----------
    model : str, default "general-image-recognition"
        Id of the model.
    user, app : str, default "clarifai", "main"
        Who owns the model, and in which app.
    version : str, optional
        Of the model; by default its latest.
    moods : mapping of str to (str or Mood), iterable of (str or Mood), or path-like, optional
        A table from names of concepts to moods, or a CSV file that holds one in the columns
        ``concept`` and ``mood``; or the moods to tell apart. By default the shipped
        table for the general model; for any other, its concepts are the moods, and the service is
        asked for them when they are needed. A mood that musify does not know is given with its
        point, as ``Mood("spooky", -0.4, 0.5)``.
    api_key : str, optional
        A personal access token; by default the variable ``CLARIFAI_PAT``. Neither logs, errors nor
        pickles hold it: a copy in another process takes it from the variable.
    deployment : str, optional
        Where the model runs; by default Clarifai chooses.
    nodepool, cluster : str, optional
        The same by the name of a nodepool and of its compute cluster.
    compute_user : str, optional
        Who owns the deployment or the cluster; by default the variable ``CLARIFAI_USER_ID``, else
        ``user``.
    base : str, optional
        Address of the service: ``"host"``, ``"host:port"`` or ``"http://127.0.0.1:port"``; by
        default the variable ``CLARIFAI_GRPC_BASE``, else ``api.clarifai.com``.
    timeout : float, default 60
        Seconds that one call may take.
    patience : float, default 300
        Seconds that one request may take in all, with every try and wait.
    first_wait : float, default 0.5
        Seconds before the second try. Each wait is twice the one before, up to 15 s.
    per_second : float, default 15
        Calls that may begin in a second in this process.
    batch : int, default 128
        Frames in a request; at most 128.
    missing : {"error", "nearest"}, default "error"
        What happens when some frames got no answer even alone: an error that names them, or the
        scores of the nearest frame that got one, and a notice that names them.
    temperature : float, default 0.5
        Of :meth:`musify.MoodSpace.score`, for moods that a table does not hold; above 0.

    Raises
    ------
    AuthenticationError
        If there is no key.
    ParameterError
        If an option cannot be used.

    Examples
    --------
    >>> classifier = ClarifaiClassifier(api_key="secret")  # doctest: +SKIP
    >>> classifier.labels  # doctest: +SKIP
    ('action', 'happy', 'sad', 'calm')
    """

    def __init__(
        self,
        model: str = GENERAL_MODELS[0],
        *,
        user: str = "clarifai",
        app: str = "main",
        version: str | None = None,
        moods: Moods | None = None,
        api_key: str | None = None,
        deployment: str | None = None,
        nodepool: str | None = None,
        cluster: str | None = None,
        compute_user: str | None = None,
        base: str | None = None,
        timeout: float = 60.0,
        patience: float = 300.0,
        first_wait: float = 0.5,
        per_second: float = 15.0,
        batch: int = MOST_INPUTS,
        missing: Literal["error", "nearest"] = "error",
        temperature: float = 0.5,
    ) -> None:
        for name, value in (("model", model), ("user", user), ("app", app)):
            if not isinstance(value, str) or not value.strip():
                raise ParameterError(f"{name} must be the id of one on Clarifai, got {value!r}")
        if missing not in ("error", "nearest"):
            raise ParameterError(f"missing must be 'error' or 'nearest', got {missing!r}")
        self.batch = whole_number("batch", batch, low=1)
        if self.batch > MOST_INPUTS:
            raise ParameterError(f"batch must be in [1, {MOST_INPUTS}], got {batch}")
        self.missing = missing
        self.temperature = number("temperature", temperature, above=0)
        self._options = {
            "timeout": number("timeout", timeout, above=0),
            "patience": number("patience", patience, low=0),
            "first_wait": number("first_wait", first_wait, above=0),
            "per_second": number("per_second", per_second, above=0),
        }
        self._address = Address.parsed(base)
        self._target = Target(
            user,
            app,
            model,
            version or "",
            selector=Selector(
                deployment, nodepool, cluster, compute_user or os.environ.get(USER_VARIABLE) or user
            ),
        )
        self._reader = self._reader_of(moods)
        self._key: ApiKey | None = ApiKey(api_key)

    def __repr__(self) -> str:
        target = self._target
        version = f", version={target.version!r}" if target.version else ""
        return (
            f"ClarifaiClassifier({target.model!r}, user={target.user!r}, app={target.app!r}"
            f"{version})"
        )

    def __getstate__(self) -> dict[str, Any]:
        # A pickle may be written to disk or sent over a network.
        return self.__dict__ | {"_key": None}

    @property
    @override
    def mood_temperature(self) -> float:
        return self.temperature

    @property
    @override
    def labels(self) -> tuple[str, ...]:
        return self.mood_space.names

    @property
    @override
    def mood_space(self) -> MoodSpace:
        return self._moods().moods

    @override
    def classify(self, samples: Iterable[FrameSample]) -> MoodScores:
        moods = self._moods()
        with self._connection() as connection:
            answers = list(
                ask_about(
                    samples,
                    connection,
                    replace(self._target, most_concepts=moods.most_concepts),
                    moods.read,
                    encode=_encode,
                    batch=self.batch,
                )
            )
        times = np.array([answer.time for answer in answers])
        rows = self._rows(answers)
        if rows and not any(row.known for row in rows):
            self._tell_unknown(moods)
        return MoodScores(
            times,
            self.labels,
            np.array([row.values for row in rows]).reshape(-1, len(self.labels)),
            np.array([row.point for row in rows]).reshape(-1, 2),
            [row.evidence for row in rows],
        )

    def _rows(self, answers: Sequence[Answer[Scored]]) -> list[Scored]:
        unanswered = [answer for answer in answers if answer.value is None]
        if not unanswered:
            return list(_values(answers))
        times = ", ".join(f"{answer.time:g} s" for answer in unanswered[:_TOLD])
        more = f" and {len(unanswered) - _TOLD} more" if len(unanswered) > _TOLD else ""
        what = (
            f"Clarifai gave no answer for {len(unanswered)} of {len(answers)} frames: at {times}"
            f"{more} ({unanswered[0].why})"
        )
        if self.missing == "error" or len(unanswered) == len(answers):
            raise ServiceError(
                f"{what}; give "
                + how_to("missing='nearest'", "--option mood_classifier.missing=nearest")
                + " to give them the scores of the frames beside them"
                if len(unanswered) < len(answers)
                else what,
                retryable=True,
            )
        notify(f"{what}; they got the scores of the nearest frames that were answered")
        there = np.array([answer.time for answer in answers if answer.value is not None])
        values = list(_values(answers))
        return [
            values[int(np.abs(there - answer.time).argmin())]
            if answer.value is None
            else answer.value
            for answer in answers
        ]

    def _tell_unknown(self, moods: MoodsOfConcepts) -> None:
        model = self._target.model
        if moods.has_table:
            notify(
                f"no concept that {model!r} saw has a mood, so that all moods score alike; give a "
                "table of its concepts: moods={'beach': 'calm', ...}"
            )
            return
        raise ParameterError(
            f"no concept of the model {model!r} is one of the moods {', '.join(self.labels)}; name "
            "its own concepts, or give a table from them to moods: moods={'beach': 'calm', ...}"
        )

    def _reader_of(self, moods: Moods | None) -> MoodsOfConcepts | None:
        is_general = self._target.model in GENERAL_MODELS
        if isinstance(moods, str | os.PathLike):
            return MoodsOfConcepts(read_table(moods))
        if isinstance(moods, Mapping):
            return MoodsOfConcepts(table_of(moods))
        table = general_table() if is_general else None
        if moods is not None:
            space = moods_of_model(moods) if table is None else MoodSpace(moods)
            return MoodsOfConcepts(table, space, self.temperature)
        return MoodsOfConcepts(table) if is_general else None

    def _moods(self) -> MoodsOfConcepts:
        if self._reader is None:
            with self._connection() as connection:
                names = concepts_of(connection, self._target)
            self._reader = MoodsOfConcepts(None, _mood_space(names, self._target.model))
        return self._reader

    def _connection(self) -> Connection:
        key = ApiKey() if self._key is None else self._key
        return Connection(key, self._address, **self._options)


def _values(answers: Iterable[Answer[Scored]]) -> Iterator[Scored]:
    for answer in answers:
        if answer.value is not None:
            yield answer.value


def _mood_space(names: Sequence[str], model: str) -> MoodSpace:
    try:
        return moods_of_model(names)
    except ParameterError as error:
        raise ParameterError(
            f"the concepts of the model {model!r} are {', '.join(names[:_TOLD])}"
            f"{', ...' if len(names) > _TOLD else ''}, and not all of them can be taken for moods "
            f"({error}); say what they are, as moods=[Mood('spooky', -0.4, 0.5), ...] or as a "
            "table, moods={'beach': 'calm', ...}"
        ) from error


def _encode(sample: FrameSample) -> bytes:
    return to_be_sent(without_bars(sample.image))
