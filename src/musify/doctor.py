"""What is installed, what works, and the command that mends what does not."""

import os
import platform
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata, util
from typing import Final

from musify import _ffmpeg
from musify._registry import plugin_failures
from musify._version import __version__
from musify.errors import FFmpegError
from musify.plugins import list_backends

__all__ = ["Finding", "diagnose"]

_DISTRIBUTION: Final = "musify-video"
_NAMESAKE: Final = "musify"
# What a requirement begins with; those of extras and of other Pythons carry a condition.
_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)[^;]*$")
_EXTRAS: Final = {"songs": "immich_memories_music", "plot": "matplotlib", "online": "httpx"}
_ENCODERS: Final = {"aac": ".mp4, .mov and .mkv", "libopus": ".webm", "libmp3lame": "previews"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    name : str
        What.
    detail : str
        What was found.
    ok : bool, default True
        Whether musify can do its main job with it.
    fix : str, default ""
        What to do when it is not, or to have more.
    """

    name: str
    detail: str
    ok: bool = True
    fix: str = ""


def diagnose() -> tuple[Finding, ...]:
    """Look at everything that musify needs.

    Returns
    -------
    tuple of Finding
        In the order of a table: versions, ffmpeg, extras, plugins, the name clash.
    """
    looks: tuple[Callable[[], list[Finding]], ...] = (
        _versions,
        _ffmpeg_findings,
        _extras,
        _plugins,
        _namesake,
    )
    return tuple(finding for look in looks for finding in look())


def _versions() -> list[Finding]:
    found = [
        Finding("musify", __version__),
        Finding("python", f"{sys.version.split()[0]} on {platform.platform(terse=True)}"),
    ]
    required = (_REQUIREMENT.match(line) for line in metadata.requires(_DISTRIBUTION) or ())
    for name in (match[1] for match in required if match):
        try:
            found.append(Finding(name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            found.append(Finding(name, "missing", ok=False, fix=f"pip install {name}"))
    return found


def _ffmpeg_findings() -> list[Finding]:
    try:
        path = _ffmpeg.executable()
        text, _ = _ffmpeg.run(["-version"])
        encoders, _ = _ffmpeg.run(["-v", "error", "-encoders"])
    except FFmpegError as error:
        fix = "pip install --force-reinstall imageio-ffmpeg"
        if os.environ.get("IMAGEIO_FFMPEG_EXE"):
            fix = "unset IMAGEIO_FFMPEG_EXE, or set it to the path of an ffmpeg that runs"
        return [Finding("ffmpeg", str(error), ok=False, fix=fix)]
    version = text.decode("utf-8", "replace").split(" Copyright")[0].removeprefix("ffmpeg version ")
    found = [Finding("ffmpeg", f"{version} at {path}")]
    names = set(re.findall(r"^ [VASFXBD.]{6} (\S+)", encoders.decode("utf-8", "replace"), re.M))
    for encoder, use in _ENCODERS.items():
        if encoder not in names:
            fix = "unset IMAGEIO_FFMPEG_EXE, to use the ffmpeg that imageio-ffmpeg brings"
            found.append(Finding(f"encoder {encoder}", f"missing: no {use}", ok=False, fix=fix))
    return found


def _extras() -> list[Finding]:
    return [
        Finding(f"extra {extra}", "installed")
        if util.find_spec(module)
        else Finding(f"extra {extra}", "absent", fix=f"pip install '{_DISTRIBUTION}[{extra}]'")
        for extra, module in _EXTRAS.items()
    ]


def _plugins() -> list[Finding]:
    providers = sorted({backend.provider for backend in list_backends()})
    found = [Finding("plugins", ", ".join(providers))]
    for failure in plugin_failures():
        distribution = failure.plugin.partition(":")[0]
        fix = f"pip install --upgrade {distribution}, or set MUSIFY_DISABLE_PLUGINS={distribution}"
        found.append(Finding(f"plugin {failure.plugin}", str(failure.error), ok=False, fix=fix))
    return found


def _namesake() -> list[Finding]:
    try:
        version = metadata.version(_NAMESAKE)
    except metadata.PackageNotFoundError:
        return []
    fix = (
        f"pip uninstall -y {_NAMESAKE} {_DISTRIBUTION}, then: pip install {_DISTRIBUTION}; "
        "to keep both, give each a virtual environment of its own"
    )
    detail = f"{_NAMESAKE} {version}, a music-library manager, installs a package of the same name"
    return [Finding("name clash", detail, ok=False, fix=fix)]
