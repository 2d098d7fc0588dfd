"""Training a model on Clarifai with the user's own pictures.

Nothing is written down on this machine: what is done already is asked of the service. A picture's
id is made from its bytes, and a version carries a name of the pictures it was made of; so running
it again, after a crash or somewhere else, goes on where it stopped.
"""

import os
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from musify._checks import number
from musify._ffmpeg import StrPath
from musify._iterators import ended
from musify.clarifai.access import APP_VARIABLE, USER_VARIABLE, Address, ApiKey
from musify.clarifai.app import TRAINED, UNDER_WAY, App, Kept, Upload, Version
from musify.clarifai.batches import LONGEST_SIDE, batched, to_be_sent
from musify.clarifai.connection import Connection, service_error
from musify.clarifai.examples import Example, concept_id, find_examples, fingerprint
from musify.clarifai.status import meaning_of
from musify.clarifai.training_report import ClarifaiTraining
from musify.errors import ParameterError, ServiceError
from musify.notices import notify
from musify.progress import ProgressCallback, tell
from musify.vision.letterbox import without_bars
from musify.vision.pictures import read_pictures
from musify.vision.training import FEWEST, mood_folders

__all__ = ["train_clarifai"]

_GROWTH: Final = 1.5
_SLOWEST_ASKING: Final = 15.0
_COMING: Final = frozenset({30_001, 30_003})
_INGESTED: Final = frozenset({0, 10_000, 30_000})


def train_clarifai(
    pictures: StrPath,
    *,
    app: str | None = None,
    model: str = "moods",
    user: str | None = None,
    api_key: str | None = None,
    base: str | None = None,
    timeout: float = 60.0,
    patience: float = 300.0,
    first_wait: float = 0.5,
    per_second: float = 15.0,
    ask_every: float = 2.0,
    longest: float = 3600.0,
    on_progress: ProgressCallback | None = None,
) -> ClarifaiTraining:
    """Train a model on Clarifai with folders of example pictures.

    Pictures are uploaded with their moods as concepts, upright, without metadata, at most 640
    pixels a side; then a model of the type ``embedding-classifier`` learns from them. After a
    failure, run it again: nothing that has arrived is uploaded twice, and a training that is under
    way is waited for.

    Parameters
    ----------
    pictures : path-like
        A folder whose sub-folders are named after moods and hold pictures of them: jpg, png, webp,
        gif, bmp or tiff, at least 5 a mood. Some tens are better.
    app : str, optional
        Id of an app of yours whose base workflow is one for classification; by default the variable
        ``CLARIFAI_APP_ID``.
    model : str, default "moods"
        Id of the model; made if it is not there, else it gets a new version.
    user : str, optional
        Id of the owner of the app; by default the variable ``CLARIFAI_USER_ID``, else whoever the
        key belongs to.
    api_key : str, optional
        A personal access token; by default the variable ``CLARIFAI_PAT``.
    base : str, optional
        Address of the service; by default the variable ``CLARIFAI_GRPC_BASE``, else
        ``api.clarifai.com``.
    timeout, patience, first_wait, per_second : float
        Of the calls, in seconds; as for the classifier.
    ask_every : float, default 2
        Seconds before it is asked again how far the service is; more and more, up to 15.
    longest : float, default 3600
        Seconds to wait for the pictures to be taken in, and again for the training.
    on_progress : callable, optional
        Called with :class:`Progress` now and then: stages ``"upload"`` and ``"ingest"``, in
        pictures, and ``"train"``.

    Returns
    -------
    ClarifaiTraining
        What to use it by, and which pictures were left out.

    Raises
    ------
    AuthenticationError
        If there is no key, or it is refused.
    ParameterError
        If there are fewer than two moods or too few pictures, one picture shows two moods, or the
        app is not there.
    ServiceError
        If the service fails, the training too, or waiting takes too long.
    """
    began = time.monotonic()
    app = app or os.environ.get(APP_VARIABLE, "")
    if not app:
        raise ParameterError(
            f"name the app to train in: app=... (--app), or {APP_VARIABLE}; make one on "
            "clarifai.com, with a base workflow for classification such as Universal"
        )
    user = user or os.environ.get(USER_VARIABLE) or "me"
    key = ApiKey(api_key)
    address = Address.parsed(base)
    ask_every = number("ask_every", ask_every, above=0)
    longest = number("longest", longest, above=0)
    examples = find_examples(mood_folders(pictures))
    _check_counts(examples, {})
    with Connection(
        key,
        address,
        timeout=timeout,
        patience=patience,
        first_wait=first_wait,
        per_second=per_second,
    ) as connection:
        work = _Training(App(connection, user, app), ask_every, longest, on_progress)
        uploaded, moved = work.upload(examples)
        work.wait_for_pictures(examples)
        failed = work.failed
        _check_counts(examples, failed)
        learnt = [example for example in examples if example.id not in failed]
        version = work.train(model, learnt)
    paths = {example.id: example.path for example in examples}
    return ClarifaiTraining(
        user=user,
        app=app,
        model=model,
        version=version.id,
        moods=tuple(dict.fromkeys(example.mood for example in learnt)),
        pictures=len(learnt),
        uploaded=len(uploaded - failed.keys()),
        moved=moved,
        failed=tuple((paths[name], why) for name, why in failed.items()),
        seconds=time.monotonic() - began,
    )


def _check_counts(examples: Sequence[Example], failed: dict[str, str]) -> None:
    counts = dict.fromkeys((example.mood for example in examples), 0)
    for example in examples:
        counts[example.mood] += example.id not in failed
    for mood, count in counts.items():
        if count < FEWEST:
            why = f" ({next(iter(failed.values()))})" if failed else ""
            raise ParameterError(
                f"the mood {mood!r} has {count} pictures that can be learnt from; it needs at "
                f"least {FEWEST}{why}"
            )


class _Training:
    """The steps of a training, and what they found out."""

    def __init__(
        self, app: App, ask_every: float, longest: float, on_progress: ProgressCallback | None
    ) -> None:
        self.failed: dict[str, str] = {}
        self._app = app
        self._ask_every = ask_every
        self._longest = longest
        self._on_progress = on_progress
        self._job = ""

    def upload(self, examples: Sequence[Example]) -> tuple[set[str], int]:
        """Send what is not there; give the ids of it, and how many showed another mood before."""
        there = self._app.kept(example.id for example in examples)
        self._tell("upload", len(there), len(examples))
        moved = [one for one in examples if one.id in there and not _shows(there[one.id], one)]
        self._app.relabel(moved)
        new = [example for example in examples if example.id not in there]
        sent: set[str] = set()
        if new:
            self._job = f"musify-{uuid.uuid4().hex}"
            for batch in batched(self._read(new)):
                self.failed |= self._app.upload(batch, self._job)
                sent.update(upload.example.id for upload in batch)
                self._tell("upload", len(there) + len(sent), len(examples))
        self._tell("upload", len(examples), len(examples))
        return sent, len(moved)

    def _read(self, examples: Sequence[Example]) -> Iterator[Upload]:
        by_path = {example.path: example for example in examples}

        def left_out(path: Path, why: str) -> None:
            self.failed[by_path[path].id] = why

        with ended(
            read_pictures(by_path, longest_side=LONGEST_SIDE, on_unread=left_out)
        ) as pictures:
            for path, image in pictures:
                yield Upload(by_path[path], to_be_sent(without_bars(image)))

    def wait_for_pictures(self, examples: Sequence[Example]) -> None:
        """Wait until the service has taken all pictures in; note those that it could not."""
        wanted = [example.id for example in examples if example.id not in self.failed]
        for _ in self._asking("take in the pictures"):
            coming = self._app.still_coming(self._job) if self._job else 0
            if not coming:
                kept = self._app.kept(wanted)
                coming = sum(one.code in _COMING for one in kept.values())
            self._tell("ingest", max(0, len(wanted) - coming), len(wanted))
            if not coming:
                break
        for name in wanted:
            if name not in kept:
                self.failed[name] = "it did not arrive; run it again"
            elif kept[name].code not in _INGESTED:
                self.failed[name] = kept[name].why
        if self.failed:
            notify(
                f"left out {len(self.failed)} pictures, such as one for which Clarifai said: "
                f"{next(iter(self.failed.values()))}"
            )

    def train(self, model: str, examples: Sequence[Example]) -> Version:
        """Train a version on these pictures, or find the one that was."""
        note = fingerprint(examples)
        self._app.make_model(model)
        version = self._app.find_version(model, note)
        if version is None:
            moods = list(dict.fromkeys(example.mood for example in examples))
            version = self._app.make_version(model, moods, note)
        self._tell("train", 0, 1)
        for _ in self._asking(f"train the model {model!r}"):
            version = self._app.version(model, version.id)
            if version.code not in UNDER_WAY:
                break
        if version.code != TRAINED:
            meaning = meaning_of(version.code)
            raise service_error(
                meaning.verdict, version.words, meaning.advice, f"train the model {model!r}"
            )
        self._tell("train", 1, 1)
        return version

    def _asking(self, doing: str) -> Iterator[None]:
        """Give a turn now and then, until it has taken too long."""
        end = time.monotonic() + self._longest
        wait = self._ask_every
        while True:
            yield
            if time.monotonic() + wait > end:
                raise ServiceError(
                    f"Clarifai did not {doing} within {self._longest:g} s; run it again later to "
                    "go on where it stands, or wait longer with longest=...",
                    retryable=True,
                )
            self._app.connection.pause(wait)
            wait = min(wait * _GROWTH, _SLOWEST_ASKING)

    def _tell(self, stage: str, done: int, total: int) -> None:
        tell(self._on_progress, stage, done, total)


def _shows(kept: Kept, example: Example) -> bool:
    return kept.concepts == {concept_id(example.mood)}
