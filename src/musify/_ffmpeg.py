"""The only module that starts a process: finds ffmpeg, runs it, and never leaves it behind.

Arguments are lists, never a shell line. The error output is drained by a thread, so that ffmpeg
never stalls on a full pipe, and its last lines become part of the error. Children get a process
group of their own: Ctrl-C reaches Python alone, which then ends them.
"""

import contextlib
import io
import logging
import os
import shlex
import shutil
import subprocess
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO, Any, Final, Self, TypeAlias

from musify._ffmpeg_words import InputFilterError, failure, own_words
from musify._weak_call import weak_call
from musify.cancelling import checkpoint, current_token
from musify.errors import FFmpegError

__all__ = ["FFmpegProcess", "StrPath", "executable", "file_url", "own_words", "run"]

log = logging.getLogger(__name__)

StrPath: TypeAlias = str | os.PathLike[str]

_OWN_GROUP: Final[dict[str, Any]] = (
    {"creationflags": 0x00000200 | 0x08000000}  # CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW
    if sys.platform == "win32"
    else {"process_group": 0}
)
_CHOICE: Final = "IMAGEIO_FFMPEG_EXE"
_TAIL_LINES: Final = 20
_STOP_SECONDS: Final = 2.0
_CHUNK_BYTES: Final = 1 << 16
_PIPE_BYTES: Final = 1 << 20


def executable() -> str:
    """Path of the ffmpeg to use.

    imageio-ffmpeg decides: ``IMAGEIO_FFMPEG_EXE``, then the binary in its wheel, then the
    environment's, then ``ffmpeg`` on the PATH.

    Returns
    -------
    str
        An absolute path where there is one.

    Raises
    ------
    FFmpegError
        If there is none.
    """
    import imageio_ffmpeg  # noqa: PLC0415 - `import musify` must not load it

    try:
        found = imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        raise FFmpegError(_missing("none was found")) from error
    return shutil.which(found) or str(found)


def _environment() -> dict[str, str]:
    # Colours would stand between us and what ffmpeg says.
    kept = {key: value for key, value in os.environ.items() if key != "AV_LOG_FORCE_COLOR"}
    return kept | {"AV_LOG_FORCE_NOCOLOR": "1"}


def _missing(why: str) -> str:
    chosen = os.environ.get(_CHOICE)
    if chosen:  # to install another would change nothing
        return (
            f"ffmpeg cannot be started: {why}; {_CHOICE} is set to {chosen!r}: set it to the path "
            "of an ffmpeg that runs, or unset it to use the one that imageio-ffmpeg brings"
        )
    return (
        f"ffmpeg cannot be started: {why}; install it with: pip install --force-reinstall "
        f"imageio-ffmpeg (it brings one along), or set {_CHOICE} to the path of yours"
    )


def file_url(path: StrPath) -> str:
    """Name a local file so that ffmpeg takes it for nothing else.

    With the ``file:`` protocol a leading ``-`` is no option and a colon no protocol.
    """
    return f"file:{os.fspath(path)}"


class _Child:
    """ffmpeg, and the thread that starts it and drains its error output.

    Python raises Ctrl-C, and whatever handlers of signals raise, in the main thread between any
    two steps: also inside ``Popen``, when the child is there and nobody holds it yet. In a thread
    of its own the start cannot be cut in two. The thread holds this object and not its owner, so
    that an owner that is dropped takes ffmpeg with it.
    """

    def __init__(
        self, args: Sequence[str], *, stdin: bool, on_line: Callable[[str], None] | None
    ) -> None:
        self.command = ["ffmpeg", "-hide_banner", "-nostdin", *args]
        self.tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self.process: subprocess.Popen[bytes] | None = None
        self.error: Exception | None = None
        self._stdin = subprocess.PIPE if stdin else subprocess.DEVNULL
        self._on_line = on_line
        self._settled = threading.Event()
        self._unwanted = threading.Event()
        self._asked = False
        self._thread = threading.Thread(target=self._live, name="ffmpeg", daemon=True)

    def start(self) -> None:
        """Start ffmpeg; afterwards there is a ``process`` or an ``error``."""
        try:
            self._asked = True
            self._thread.start()
            self._settled.wait()
        except BaseException:
            self.end()
            raise

    def _live(self) -> None:
        try:
            # To find ffmpeg, imageio-ffmpeg starts it too.
            self.command[0] = executable()
            log.debug("%s", shlex.join(self.command))
            process = subprocess.Popen(  # noqa: S603 - a list, never a shell
                self.command,
                stdin=self._stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_environment(),
                **_OWN_GROUP,
            )
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            self.error = error
            self._settled.set()
            return
        for pipe in (process.stdin, process.stdout):
            _widen(pipe)
        self.process = process
        self._settled.set()
        if self._unwanted.is_set():  # given up before it was there to be ended
            self.end()
        assert process.stderr is not None
        # Closing the pipe from the main thread may end the read with an error; that is the end.
        with (
            contextlib.suppress(ValueError, OSError),
            io.TextIOWrapper(process.stderr, "utf-8", "replace", newline=None) as lines,
        ):
            for line in lines:
                text = line.rstrip()
                self.tail.append(text)
                if self._on_line is not None:
                    self._on_line(text)

    def join(self) -> None:
        """Wait until all that ffmpeg said has been read."""
        if self._thread is not threading.current_thread() and self._thread.ident is not None:
            self._thread.join(_STOP_SECONDS)

    def kill(self) -> None:
        """Kill ffmpeg, and leave it to its owner to free it: who reads or writes sees the end."""
        process = self.process
        if process is not None and process.poll() is None:
            process.kill()

    def end(self) -> None:
        """End ffmpeg now if it still runs, and free its pipes. Never raises."""
        self._unwanted.set()
        if self._asked:
            # A thread that is just starting it must be let: at exit it would be frozen half-way.
            self._settled.wait(_STOP_SECONDS)
        process = self.process
        if process is None:
            return
        if process.poll() is None:
            process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError, ValueError):
                    stream.close()
        process.wait()
        self.join()


def _widen(pipe: IO[bytes] | None) -> None:
    """Let both ends run ahead of each other, by several pictures, where the system allows."""
    if sys.platform == "linux" and pipe is not None:
        import fcntl  # noqa: PLC0415 - Windows has none

        with contextlib.suppress(OSError):  # beyond the quota of the user
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


class FFmpegProcess:
    """A running ffmpeg; use it in a ``with`` block, which ends it whatever happens.

    It also ends when the object is dropped, and when Python exits.

    Parameters
    ----------
    args : sequence of str
        Everything after ``ffmpeg -hide_banner -nostdin``.
    stdin : bool, default False
        Whether :meth:`write` will be used.
    on_line : callable, optional
        Called with every line of the error output, in a thread. A bound method does not keep its
        object alive.

    Raises
    ------
    FFmpegError
        If ffmpeg is missing or cannot be started.
    """

    def __init__(
        self,
        args: Sequence[str],
        *,
        stdin: bool = False,
        on_line: Callable[[str], None] | None = None,
    ) -> None:
        checkpoint()
        self._token = current_token()  # threads that read and write are none of its
        self._child = _Child(args, stdin=stdin, on_line=weak_call(on_line))
        self.command = self._child.command
        self._when_dropped = weakref.finalize(self, self._child.end)
        self._child.start()
        error = self._child.error
        if isinstance(error, OSError):
            message = _missing(f"{self.command[0]}: {error.strerror or error}")
            raise FFmpegError(message, command=self.command) from error
        if error is not None:
            raise error
        if self._token is not None:
            self._token._end_with(self, self._child.kill)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def _process(self) -> subprocess.Popen[bytes]:
        assert self._child.process is not None
        return self._child.process

    @property
    def tail(self) -> deque[str]:
        """Last lines of the error output, oldest first."""
        return self._child.tail

    @property
    def stdout(self) -> IO[bytes]:
        """What ffmpeg writes to its output, as a binary stream."""
        assert self._process.stdout is not None
        return self._process.stdout

    def read_exactly(self, size: int) -> bytes:
        """Read ``size`` bytes of output; fewer only at its end."""
        self._check()
        data = self.stdout.read(size)
        self._check()  # what was killed meanwhile gave less, which is not its end
        return data

    def read_some(self, size: int) -> bytes:
        """Read what there is of output, ``size`` bytes at most; none only at its end."""
        self._check()
        data: bytes = self.stdout.read1(size)  # type: ignore[attr-defined]
        self._check()
        return data

    def write(self, data: bytes | memoryview) -> None:
        """Feed ffmpeg's input.

        Raises
        ------
        FFmpegError
            If ffmpeg has ended before it took everything.
        """
        assert self._process.stdin is not None
        self._check()
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except (BrokenPipeError, OSError, ValueError) as error:
            raise self._failure("ended before it had read all of its input") from error

    def end_input(self) -> None:
        """Tell ffmpeg that nothing more comes; it then ends by itself."""
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError, OSError):
                self._process.stdin.close()

    def finish(self) -> None:
        """Wait for a good end.

        Raises
        ------
        FFmpegError
            If ffmpeg failed or was killed.
        """
        self.end_input()
        while self.stdout.read(_CHUNK_BYTES):
            self._check()
        if self._process.wait() != 0:
            raise self._failure("failed")
        self._child.join()

    def finish_or_damaged(self) -> None:
        """Wait for an end that damaged media may bring about, but nobody's kill.

        Raises
        ------
        FFmpegError
            If ffmpeg was killed, or refused to begin.
        """
        try:
            self.finish()
        except InputFilterError:
            raise
        except FFmpegError as error:
            # Killed is never the same as done, however little the caller cares how it ended.
            if (error.returncode or 0) < 0:
                raise

    def _failure(self, what: str) -> FFmpegError:
        self._check()  # it was killed for a reason that is none of its own
        code = self._wait_or_kill()
        self._child.join()
        return failure(what, code, self.command, list(self.tail))

    def _check(self) -> None:
        if self._token is not None:
            self._token.raise_if_cancelled()

    def _wait_or_kill(self) -> int:
        try:
            return self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def close(self) -> None:
        """End ffmpeg now if it still runs, and free its pipes. Never raises."""
        self._child.end()
        self._when_dropped.detach()


def run(args: Sequence[str], *, check: bool = True) -> tuple[bytes, list[str]]:
    """Run ffmpeg to its end.

    Parameters
    ----------
    args : sequence of str
        Everything after ``ffmpeg -hide_banner -nostdin``.
    check : bool, default True
        Whether a bad end is an error.

    Returns
    -------
    stdout : bytes
        Its output.
    lines : list of str
        Its error output.

    Raises
    ------
    FFmpegError
        If ffmpeg is missing or, with ``check``, failed.
    """
    lines: list[str] = []
    with FFmpegProcess(args, on_line=lines.append) as process:
        stdout = process.stdout.read()
        if check:
            process.finish()
        else:
            process.finish_or_damaged()
        process.close()
    return stdout, lines
