"""Every error musify raises, and the one warning class it uses.

::

    MusifyError
    ├─ ParameterError            (ValueError)
    ├─ CancelledError
    ├─ BackendError
    │  ├─ UnknownBackendError    (LookupError)
    │  ├─ MissingExtraError      (ImportError)
    │  ├─ PluginConflictError
    │  └─ PluginLoadError
    ├─ MediaError
    │  ├─ VideoOpenError         (OSError)
    │  ├─ AudioDecodeError       (OSError)
    │  ├─ OutputError            (OSError)
    │  ├─ AuditError             .audit .kept
    │  └─ FFmpegError            .command .returncode .stderr_tail
    ├─ ServiceError              .retryable
    │  └─ AuthenticationError
    └─ SelectionError
       ├─ EmptyLibraryError
       └─ NoSuitableTrackError

A message says what went wrong, with which value, and what to do next. Errors that Python has a
class for derive from it too, so ``except OSError`` and ``except ValueError`` work as expected.
"""

from collections.abc import Sequence

__all__ = [
    "AudioDecodeError",
    "AuditError",
    "AuthenticationError",
    "BackendError",
    "CancelledError",
    "EmptyLibraryError",
    "FFmpegError",
    "MediaError",
    "MissingExtraError",
    "MusifyError",
    "MusifyWarning",
    "NoSuitableTrackError",
    "OutputError",
    "ParameterError",
    "PluginConflictError",
    "PluginLoadError",
    "SelectionError",
    "ServiceError",
    "UnknownBackendError",
    "VideoOpenError",
]


class MusifyWarning(UserWarning):
    """Something the user can change, such as a plugin that does not load."""


class MusifyError(Exception):
    """The root of every error raised by musify."""


class ParameterError(MusifyError, ValueError):
    """An argument, an option or a key of a plan has a value that cannot be used."""


class CancelledError(MusifyError):
    """A :class:`musify.CancelToken` was cancelled; nothing is left of what was begun."""


class BackendError(MusifyError):
    """A backend cannot be had, or broke the rules of its interface."""


class UnknownBackendError(BackendError, LookupError):
    """No backend of this kind has this name."""


class MissingExtraError(BackendError, ImportError):
    """A backend needs a package that is not installed."""


class PluginConflictError(BackendError):
    """Two plugins offer a backend of one kind under one name."""


class PluginLoadError(BackendError):
    """A plugin cannot be imported, or does not follow the hooks."""


class MediaError(MusifyError):
    """A media file cannot be read, decoded or written."""


class VideoOpenError(MediaError, OSError):
    """A file cannot be read as a video."""


class AudioDecodeError(MediaError, OSError):
    """Sound cannot be decoded from a file."""


class OutputError(MediaError, OSError):
    """The output cannot be written where, or as, it was asked for."""


class AuditError(MediaError):
    """A file that was written does not measure as it should.

    Attributes
    ----------
    audit : Audit
        Everything that was measured.
    kept : Path or None
        Where the file stands now, for whoever wants to look into it.
    """

    def __init__(self, message: str, *, audit: object = None, kept: object = None) -> None:
        super().__init__(message)
        self.audit = audit
        self.kept = kept

    def __reduce__(self) -> tuple[object, ...]:
        # The default would call the class with the message alone and lose the rest.
        return (_rebuild_audit_error, (str(self), self.audit, self.kept))


def _rebuild_audit_error(message: str, audit: object, kept: object) -> AuditError:
    return AuditError(message, audit=audit, kept=kept)


class FFmpegError(MediaError):
    """ffmpeg is missing, failed or was killed.

    Attributes
    ----------
    command : tuple of str
        What was run; empty when ffmpeg could not be started at all.
    returncode : int or None
        The exit status; negative for a signal, None when it did not start.
    stderr_tail : tuple of str
        The last lines ffmpeg wrote to its error output, oldest first.
    """

    def __init__(
        self,
        message: str,
        *,
        command: Sequence[str] = (),
        returncode: int | None = None,
        stderr_tail: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.command = tuple(command)
        self.returncode = returncode
        self.stderr_tail = tuple(stderr_tail)

    def __reduce__(self) -> tuple[object, ...]:
        # The default would call the class with the message alone and lose the rest.
        rest = (self.command, self.returncode, self.stderr_tail)
        return (_rebuild_ffmpeg_error, (type(self), str(self), *rest))


def _rebuild_ffmpeg_error(
    kind: type[FFmpegError],
    message: str,
    command: Sequence[str],
    returncode: int | None,
    stderr_tail: Sequence[str],
) -> FFmpegError:
    return kind(message, command=command, returncode=returncode, stderr_tail=stderr_tail)


class ServiceError(MusifyError):
    """A service on the network failed.

    Attributes
    ----------
    retryable : bool
        Whether the same call may work later.
    """

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class AuthenticationError(ServiceError):
    """A service refused the key, or no key was given."""


class SelectionError(MusifyError):
    """No music could be chosen."""


class EmptyLibraryError(SelectionError):
    """The song library holds no track that can be used."""


class NoSuitableTrackError(SelectionError):
    """The library holds tracks, but none fits what was asked for."""
