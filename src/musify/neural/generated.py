"""Songs that a model made: kept, so that the same wish costs nothing the second time."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musify._ffmpeg import StrPath
from musify.audio.audio_file import write_audio
from musify.audio.pcm import BLOCK_FRAMES
from musify.errors import OutputError
from musify.index.places import data_folder
from musify.neural.musicgen_model import MusicgenModel, Windows
from musify.neural.prompts import Prompt
from musify.notices import notify
from musify.soundtrack import Soundtrack
from musify.tracks import Licence, Track

__all__ = ["generated_song"]


def generated_song(
    model: StrPath,
    prompts: Sequence[Prompt],
    seconds: float,
    *,
    seed: int,
    guidance: float,
    windows: Windows,
    device: str,
    is_local: bool,
) -> Track:
    """Let a model make a song, unless it has made it before.

    The parameters are those of :class:`musify.neural.musicgen_model.MusicgenModel` and of its
    ``generate``.

    Returns
    -------
    Track
        In musify's data folder, with the licence of the model.

    Raises
    ------
    BackendError
        If the model cannot be had or is of another kind.
    OutputError
        If the song cannot be written.
    """
    loaded = MusicgenModel(model, device=device, is_local=is_local)
    named = loaded.licence()
    told = named or "unknown"
    notify(
        f"the music is made by {loaded.name}, whose licence is {told}: "
        + ("see to it that your use is allowed" if named else "ask who made the model")
    )
    wish = {
        "model": loaded.name,
        "prompts": [[prompt.start, prompt.words] for prompt in prompts],
        "seconds": seconds,
        "seed": seed,
        "guidance": guidance,
        "windows": [windows.window, windows.overlap],
        "files": _state(Path(loaded.name)),
    }
    digest = hashlib.blake2b(json.dumps(wish).encode(), digest_size=12).hexdigest()
    file = data_folder() / "generated" / f"{digest}.flac"
    if not file.is_file():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"cannot make {str(file.parent)!r}: {error.strerror or error}"
            ) from error
        pcm = loaded.generate(prompts, seconds, seed=seed, guidance=guidance, windows=windows)
        peak = float(np.abs(pcm).max(initial=0.0))
        pcm = pcm / np.float32(max(1.0, peak))
        write_audio(
            file,
            Soundtrack(loaded.sample_rate, loaded.channels, len(pcm), _Blocks(pcm)),
            overwrite=True,
        )
    title = f"Generated from seed {seed}"
    return Track(
        file,
        seconds,
        title,
        artist=loaded.name,
        licence=Licence(told, attribution=f"“{title}”, made by {loaded.name} (licence: {told})"),
        instrumental=True,
    )


def _state(folder: Path) -> list[list[str | int]]:
    """Tell two models in one folder apart, without reading gigabytes."""
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    states = [(file.name, file.stat()) for file in files]
    return [[name, state.st_size, state.st_mtime_ns] for name, state in states]


@dataclass(frozen=True, slots=True, eq=False)
class _Blocks:
    pcm: NDArray[np.float32]

    def __call__(self) -> Iterator[NDArray[np.float32]]:
        for start in range(0, len(self.pcm), BLOCK_FRAMES):
            yield self.pcm[start : start + BLOCK_FRAMES]
