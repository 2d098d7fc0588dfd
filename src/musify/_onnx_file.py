"""The edge to onnxruntime: a network in a file that musify ships, loaded when it is first run."""

import hashlib
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from musify._checks import whole_number
from musify.cancelling import checkpoint
from musify.errors import BackendError

__all__ = ["OnnxFile", "load_onnxruntime"]

# onnxruntime's levels are 0 verbose, 1 info, 2 warning, 3 error, 4 fatal; it writes to the error
# output, and what goes wrong is raised as well. Its default, which others use too, is left alone.
_ONLY_FATAL: Final = 4
_SILENT: Final = "ORT_DISABLE_TELEMETRY"


class OnnxFile:
    """A network in the folder ``data`` of a package.

    It can be copied and pickled; the copy loads the file again.

    Parameters
    ----------
    package : str
        Such as ``"musify.vision"``.
    name : str
        Name of the file.
    sha256 : str
        What its SHA-256 has to be.
    threads : int
        How many threads a run may use, at least 1.

    Raises
    ------
    ParameterError
        When `threads` is below 1.
    """

    def __init__(self, package: str, name: str, sha256: str, *, threads: int) -> None:
        self._package = package
        self._name = name
        self._sha256 = sha256
        self._threads = whole_number("threads", threads, low=1)
        self._session: Any = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_session": None}

    def run(
        self, outputs: list[str], inputs: Mapping[str, NDArray[Any]]
    ) -> list[NDArray[np.float32]]:
        """Return the outputs of these names for inputs by name.

        Raises
        ------
        BackendError
            When the file is missing or is not the one that was shipped, or when onnxruntime is
            missing or cannot run it.
        """
        checkpoint()
        try:
            if self._session is None:
                self._session = _session(self._content(), self._threads)
            results: list[NDArray[np.float32]] = self._session.run(outputs, dict(inputs))
        except BackendError:
            raise
        except Exception as error:
            # The exceptions of onnxruntime have no common class but this one.
            raise BackendError(
                f"onnxruntime cannot run the network {self._name} ({type(error).__name__}: "
                f"{error}); if memory is not short, install it again: "
                "pip install --force-reinstall onnxruntime"
            ) from error
        return results

    def _content(self) -> bytes:
        path = files(self._package) / "data" / self._name
        remedy = "install musify-video again: pip install --force-reinstall musify-video"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise BackendError(f"the network {path} cannot be read ({error}); {remedy}") from error
        if (found := hashlib.sha256(content).hexdigest()) != self._sha256:
            raise BackendError(
                f"the network {path} is damaged: its SHA-256 is {found}, not {self._sha256}; "
                f"{remedy}"
            )
        return content


def load_onnxruntime() -> Any:
    """Import onnxruntime; only who uses a network pays for that."""
    # Some builds report to their maker what they run, and leave a file in the temporary folder
    # that names the session, unless this is set before they are imported.
    os.environ.setdefault(_SILENT, "1")
    import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415

    return onnxruntime


def _session(content: bytes, threads: int) -> Any:
    # In a thread of its own, where Ctrl-C does not come: half imported, it could not be used until
    # Python is started anew, and it would make an ImportError of the interrupt.
    with ThreadPoolExecutor(1) as pool:
        onnxruntime = pool.submit(load_onnxruntime).result()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ONLY_FATAL
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Without it, processors that lack VNNI add pairs of 8-bit products in 16 bits, which overflows:
    # the same picture would have another mood on another machine.
    options.add_session_config_entry("session.x64quantprecision", "1")
    # Threads that wait by spinning would take the processor from ffmpeg.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
