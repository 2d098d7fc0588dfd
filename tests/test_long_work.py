"""Whatever may last tells how far it is and can be cancelled: no public name is forgotten."""

import importlib
import inspect
from pathlib import Path
from typing import Any

import musify
from long_work import LONG, SHORT, TOLD_OTHERWISE, Elsewhere, Long
from musify.progress import Progress, tell

TESTS = Path(__file__).parent


def public_callables() -> dict[str, Any]:
    """Find what can be called: functions, classes and their methods, but errors."""
    found = {}
    for name in musify.__all__:
        value = getattr(musify, name)
        if not callable(value) or (isinstance(value, type) and issubclass(value, BaseException)):
            continue
        found[name] = value
        if isinstance(value, type):
            for member, own in vars(value).items():
                function = getattr(own, "__func__", own)
                if not member.startswith("_") and inspect.isroutine(function):
                    found[f"{name}.{member}"] = function
    return found


CALLABLES = public_callables()


def named(name: str) -> Any:
    """Find a function that is not in ``musify`` itself by its place below it."""
    if name in CALLABLES:
        return CALLABLES[name]
    module, _, last = name.rpartition(".")
    if module.rpartition(".")[2][:1].isupper():  # a method
        module, _, kind = module.rpartition(".")
        return getattr(getattr(importlib.import_module(f"musify.{module}"), kind), last)
    return getattr(importlib.import_module(f"musify.{module}"), last)


def test_each_public_name_is_long_or_short_for_a_reason():
    """A name that is new here goes into a table of tests/long_work.py, with a job or a reason."""
    tables = [LONG.keys(), SHORT.keys(), TOLD_OTHERWISE.keys()]
    listed = [name for table in tables for name in table]
    assert len(listed) == len(set(listed)), "a name stands in two tables"
    assert set(CALLABLES) - set(listed) == set(), "neither long nor short"
    gone = [name for name in listed if name[:1].isupper() and name not in CALLABLES]
    assert gone == [], "no longer there"
    assert all(len(reason) > 10 for reason in [*SHORT.values(), *TOLD_OTHERWISE.values()])


def test_what_lasts_takes_on_progress():
    for name in LONG:
        # The methods of a pipeline tell whom its constructor was given.
        owner = CALLABLES["Pipeline"] if name.startswith("Pipeline.") else named(name)
        taken = inspect.signature(owner).parameters.get("on_progress")
        assert taken is not None, name
        assert taken.kind is inspect.Parameter.KEYWORD_ONLY, name
        assert taken.default is None, name
        assert "\non_progress : callable, optional\n" in inspect.cleandoc(owner.__doc__), name


def test_what_does_not_last_takes_none():
    for name in {*SHORT, *TOLD_OTHERWISE} - {"Pipeline", "hookimpl", "Soundtrack.told"}:
        assert "on_progress" not in inspect.signature(named(name)).parameters, name


def test_what_needs_a_service_is_cancelled_where_there_is_one():
    for name, job in LONG.items():
        if isinstance(job, Elsewhere):
            file, _, function = job.test.partition("::")
            assert f"\ndef {function}(" in (TESTS.parent / file).read_text("utf-8"), name


def test_each_job_names_the_stages_it_is_cancelled_in():
    known = inspect.getdoc(Progress)
    for name, job in LONG.items():
        if isinstance(job, Long):
            assert job.stages, name
            assert all(f'``"{stage}"``' in known for stage in job.stages), name


def test_progress_is_never_beyond_its_end():
    told: list[Progress] = []
    tell(told.append, "mux", 12.5, 12.0)
    tell(told.append, "mux", -0.5, 12.0)
    assert [progress.done for progress in told] == [12.0, 0.0]
