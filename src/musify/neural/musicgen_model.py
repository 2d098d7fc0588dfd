"""The only module that imports torch and transformers: a model of the MusicGen kind."""

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import transformers
from numpy.typing import NDArray

from musify._ffmpeg import StrPath
from musify.errors import BackendError, ParameterError, ServiceError
from musify.neural.prompts import Prompt

__all__ = ["MusicgenModel", "Windows"]

log = logging.getLogger(__name__)

_JOINT_SECONDS: Final = 0.25
"""Crossfade where a window takes over from the one before: both hold the same music there."""


@dataclass(frozen=True, slots=True)
class Windows:
    """How long music is made of pieces.

    Parameters
    ----------
    window : float
        Seconds that are generated at once; MusicGen was taught with 30.
    overlap : float
        Seconds of what there is already that the model hears before it goes on.
    """

    window: float = 30.0
    overlap: float = 10.0

    def __post_init__(self) -> None:
        if not 1 <= self.window <= 300 or not 0.5 <= self.overlap <= self.window - 0.5:
            raise ParameterError(
                "windows must be from 1 to 300 s and overlap by 0.5 s or more, but not wholly, got "
                f"window={self.window}, overlap={self.overlap}"
            )


class MusicgenModel:
    """A model that makes music from words and from the music before.

    Parameters
    ----------
    name : str or path-like
        A folder with a model, or its name on the Hugging Face hub.
    revision : str, optional
        Which version of it.
    device : str, default "cpu"
        Where it runs, as torch names it.
    is_local : bool, default False
        Whether the hub may not be asked.

    Raises
    ------
    BackendError
        If there is no such model, or it is of another kind.
    ServiceError
        If the hub cannot be reached.
    """

    def __init__(
        self,
        name: StrPath,
        *,
        revision: str | None = None,
        device: str = "cpu",
        is_local: bool = False,
    ) -> None:
        self.name = str(name)
        where: dict[str, Any] = {"revision": revision, "local_files_only": is_local}
        if Path(self.name).is_dir():
            where = {"local_files_only": True}
        try:
            self._processor = transformers.AutoProcessor.from_pretrained(self.name, **where)
            self._model = transformers.MusicgenForConditionalGeneration.from_pretrained(
                self.name, **where
            ).to(device)
        except OSError as error:
            kind = BackendError if is_local or Path(self.name).exists() else ServiceError
            raise kind(
                f"the model {self.name!r} cannot be had: {str(error).splitlines()[0]}; give the "
                "folder of a model of the MusicGen kind, or its name on the hub"
            ) from error
        except (ValueError, KeyError, RuntimeError, TypeError, AttributeError) as error:
            raise BackendError(
                f"{self.name!r} is no model of the MusicGen kind: {error}"
            ) from error
        self._model.eval()
        self._device = device
        sound = self._model.config.audio_encoder
        self.sample_rate = int(sound.sampling_rate)
        self.channels = int(getattr(self._model.config.decoder, "audio_channels", 1))
        self._frame_rate = float(sound.frame_rate)

    def licence(self) -> str | None:
        """Return the licence that the card of the model names; None if there is no card."""
        card = Path(self.name) / "README.md"
        if Path(self.name).is_dir():
            text = card.read_text(encoding="utf-8", errors="replace") if card.is_file() else ""
        else:
            try:
                text = Path(transformers.utils.cached_file(self.name, "README.md") or "").read_text(
                    encoding="utf-8", errors="replace"
                )
            except (OSError, ValueError):
                return None
        for line in text.splitlines():
            key, colon, value = line.partition(":")
            if key.strip() == "license" and colon and value.strip():
                return value.strip().strip("'\"")
        return None

    def generate(
        self,
        prompts: Sequence[Prompt],
        seconds: float,
        *,
        seed: int,
        guidance: float = 3.0,
        windows: Windows | None = None,
        on_seconds: Callable[[float], None] | None = None,
    ) -> NDArray[np.float32]:
        """Make music.

        Parameters
        ----------
        prompts : sequence of Prompt
            What to ask for, from when on.
        seconds : float
            How much.
        seed : int
            The same seed, model and versions give the same music.
        guidance : float, default 3
            How closely words are followed (classifier-free guidance).
        windows : Windows, optional
            How it is made of pieces.
        on_seconds : callable, optional
            Called with the seconds there are; what it raises stops the making.

        Returns
        -------
        ndarray of float32, shape (n, channels)
            ``ceil(seconds * sample_rate)`` PCM frames.
        """
        windows = windows or Windows()
        wanted = math.ceil(seconds * self.sample_rate)
        made = np.zeros((0, self.channels), np.float32)
        with torch.random.fork_rng(devices=[]), torch.inference_mode():
            torch.manual_seed(seed)
            while len(made) < wanted:
                heard = made[-round(windows.overlap * self.sample_rate) :]
                start = (len(made) - len(heard)) / self.sample_rate
                length = min(windows.window, seconds + 1 - start)
                words = _at(prompts, len(made) / self.sample_rate)
                log.info("%.0f s: %s", len(made) / self.sample_rate, words)
                piece = self._window(words, heard, length, guidance)
                made = _continued(made, piece, len(heard), self.sample_rate)
                if on_seconds is not None:
                    on_seconds(min(seconds, len(made) / self.sample_rate))
        return made[:wanted]

    def _window(
        self, words: str, heard: NDArray[np.float32], length: float, guidance: float
    ) -> NDArray[np.float32]:
        given: dict[str, Any] = {"text": [words], "padding": True, "return_tensors": "pt"}
        if len(heard):
            sound = heard[:, 0] if self.channels == 1 else heard.T
            given |= {"audio": sound, "sampling_rate": self.sample_rate}
        inputs = self._processor(**given).to(self._device)
        fresh = max(1, math.ceil((length - len(heard) / self.sample_rate) * self._frame_rate))
        # The decoder delays each codebook by a step more, which costs as many tokens.
        fresh += int(self._model.config.decoder.num_codebooks)
        out = self._model.generate(
            **inputs, do_sample=True, guidance_scale=guidance, max_new_tokens=fresh
        )
        pcm: NDArray[np.float32] = out[0].float().cpu().numpy().T
        if not len(pcm) > len(heard):
            raise BackendError(f"the model {self.name!r} made nothing new of {words!r}")
        return pcm


def _at(prompts: Sequence[Prompt], seconds: float) -> str:
    return [prompt.words for prompt in prompts if prompt.start <= seconds + 1e-9][-1]


def _continued(
    made: NDArray[np.float32], piece: NDArray[np.float32], heard: int, sample_rate: int
) -> NDArray[np.float32]:
    """Put a window, which begins with what the model heard, behind what there is."""
    if not heard:
        return piece
    fade = min(heard, round(_JOINT_SECONDS * sample_rate))
    # The same music on both sides, so gains that add up to 1 keep it even.
    rise = ((np.arange(fade) + 0.5) / fade)[:, None].astype(np.float32)
    joint = made[-fade:] * (1 - rise) + piece[heard - fade : heard] * rise
    return np.concatenate([made[:-fade], joint, piece[heard:]])
