import copy
import pickle

import pytest

from musify import MusifyError, MusifyWarning, errors
from musify.errors import FFmpegError, ServiceError

ALL = [getattr(errors, name) for name in errors.__all__ if name != "MusifyWarning"]


@pytest.mark.parametrize(
    ("error", "parent", "builtin"),
    [
        ("ParameterError", "MusifyError", ValueError),
        ("BackendError", "MusifyError", None),
        ("UnknownBackendError", "BackendError", LookupError),
        ("MissingExtraError", "BackendError", ImportError),
        ("PluginConflictError", "BackendError", None),
        ("PluginLoadError", "BackendError", None),
        ("MediaError", "MusifyError", None),
        ("VideoOpenError", "MediaError", OSError),
        ("AudioDecodeError", "MediaError", OSError),
        ("OutputError", "MediaError", OSError),
        ("FFmpegError", "MediaError", None),
        ("ServiceError", "MusifyError", None),
        ("AuthenticationError", "ServiceError", None),
        ("SelectionError", "MusifyError", None),
        ("EmptyLibraryError", "SelectionError", None),
        ("NoSuitableTrackError", "SelectionError", None),
    ],
)
def test_the_tree(error, parent, builtin):
    bases = getattr(errors, error).__bases__
    assert bases == (getattr(errors, parent), *([builtin] if builtin else []))


def test_every_error_is_in_the_tree_that_the_module_shows():
    assert set(ALL) == {
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, MusifyError)
    }
    assert all(error.__name__ in errors.__doc__ for error in ALL)
    assert issubclass(MusifyWarning, UserWarning)


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
@pytest.mark.parametrize("copied", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_travel_between_processes(error, copied):
    travelled = copied(error("no 'x'\ndid you mean 'y'?"))
    assert type(travelled) is error
    assert str(travelled) == "no 'x'\ndid you mean 'y'?"


def test_what_an_error_knows_travels_with_it():
    failed = FFmpegError("no", command=["ffmpeg", "-i"], returncode=-9, stderr_tail=["a", "b"])
    travelled = pickle.loads(pickle.dumps(failed))
    assert travelled.command == ("ffmpeg", "-i")
    assert travelled.returncode == -9
    assert travelled.stderr_tail == ("a", "b")
    assert pickle.loads(pickle.dumps(ServiceError("no", retryable=True))).retryable


def test_an_error_knows_nothing_by_default():
    assert vars(FFmpegError("no")) == {"command": (), "returncode": None, "stderr_tail": ()}
    assert not ServiceError("no").retryable
