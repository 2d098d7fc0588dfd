"""The network that hears speech: Silero VAD.

It is version 6 of Silero VAD (Silero Team, 2021-2026, MIT): a short-time Fourier transform, some
convolutions and an LSTM, 1.2 MB; where it comes from stands in NOTICE, and
``tools/take_speech_network.py`` takes it. It runs in onnxruntime, which is loaded on the first use.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._onnx_file import OnnxFile

__all__ = ["RATE", "WINDOW", "SpeechNetwork"]

RATE: Final = 16_000
"""PCM frames a second that the network hears."""

WINDOW: Final = 512
"""PCM frames that each probability is about: 32 ms."""

_CONTEXT: Final = 64
_STATE: Final = 128
_FILE: Final = "silero_vad_16k_sequence.onnx"
_SHA256: Final = "9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85"
# Windows in a run: more is no faster, and takes memory.
_MOST: Final = 512


class SpeechNetwork:
    """Tells how likely each 32 ms of sound are speech, given all that was heard before.

    Sound comes in blocks of any size; results do not depend on it. An instance can be copied and
    pickled with its memory of what it heard.
    """

    def __init__(self) -> None:
        self._network = OnnxFile("musify.audio", _FILE, _SHA256, threads=1)
        self._hidden = np.zeros((1, 1, _STATE), np.float32)
        self._cell = np.zeros((1, 1, _STATE), np.float32)
        # The network also hears the 4 ms before a window; before the beginning is silence.
        self._waiting = np.zeros(_CONTEXT, np.float32)

    def hear(self, mono: NDArray[np.float32]) -> NDArray[np.float32]:
        """Listen on.

        Parameters
        ----------
        mono : ndarray of float32, shape (n,)
            PCM at 16 kHz, full scale [-1, 1].

        Returns
        -------
        ndarray of float32, shape (m,)
            Probabilities of the windows that are whole by now, in [0, 1].

        Raises
        ------
        BackendError
            When the network or onnxruntime is missing, damaged or fails.
        """
        self._waiting = np.concatenate([self._waiting, mono])
        found = [np.zeros(0, np.float32)]
        while (count := min(_MOST, (len(self._waiting) - _CONTEXT) // WINDOW)) > 0:
            windows = np.lib.stride_tricks.sliding_window_view(self._waiting, _CONTEXT + WINDOW)
            probabilities, self._hidden, self._cell = self._network.run(
                ["speech_probs", "hn", "cn"],
                {
                    "input": np.ascontiguousarray(windows[: count * WINDOW : WINDOW]),
                    "h": self._hidden,
                    "c": self._cell,
                },
            )
            found.append(probabilities)
            self._waiting = self._waiting[count * WINDOW :]
        return np.concatenate(found)

    def finish(self) -> NDArray[np.float32]:
        """Return the probability of what is left, as if silence followed; empty if nothing is."""
        left = len(self._waiting) - _CONTEXT
        return (
            self.hear(np.zeros(WINDOW - left, np.float32)) if left else self.hear(self._waiting[:0])
        )
