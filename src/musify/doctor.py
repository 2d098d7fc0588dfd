"""What is installed, what works, and the command that mends what does not."""

import os
import platform
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Final

from musify import _ffmpeg
from musify._registry import DISABLE_VARIABLE, plugin_failures, registry
from musify._version import __version__
from musify.errors import FFmpegError
from musify.plugins import list_backends

__all__ = ["Finding", "diagnose"]

_DISTRIBUTION: Final = "musify-video"
_NAMESAKE: Final = "musify"
# What a requirement begins with; those of extras and of other Pythons carry a condition.
_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)[^;]*$")
# ... extra == "plot"; what else a condition says (a version of Python) is left to pip.
_OF_EXTRA = re.compile(r"^([A-Za-z0-9._-]+)[^;]*;.*\bextra\s*==\s*['\"]([A-Za-z0-9._-]+)['\"]")
# What those need who work on musify itself.
_FOR_DEVELOPERS: Final = {"test", "docs"}
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
    needed: dict[str, list[str]] = {}
    for line in metadata.requires(_DISTRIBUTION) or ():
        if (match := _OF_EXTRA.match(line)) and match[2] not in _FOR_DEVELOPERS:
            needed.setdefault(match[2], []).append(match[1])
    return [_extra(extra, names) for extra, names in sorted(needed.items())]


def _extra(extra: str, names: Sequence[str]) -> Finding:
    found, missing = [], []
    for name in names:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    if not missing:
        return Finding(f"extra {extra}", f"installed: {', '.join(found)}")
    fix = f"pip install '{_DISTRIBUTION}[{extra}]'"
    return Finding(f"extra {extra}", f"absent: {', '.join(missing)}", fix=fix)


def _plugins() -> list[Finding]:
    providers: dict[str, list[str]] = {}
    for backend in list_backends():
        providers.setdefault(backend.provider, []).append(backend.name)
    versions = registry().versions
    found = [
        Finding(
            f"plugin {provider}",
            " ".join(filter(None, ("loaded", versions.get(provider), f"({', '.join(names)})"))),
        )
        for provider, names in sorted(providers.items())
    ]
    if left_out := os.environ.get(DISABLE_VARIABLE):
        fix = f"unset {DISABLE_VARIABLE} to load them again"
        found.append(Finding("plugins left out", f"{DISABLE_VARIABLE}={left_out}", fix=fix))
    for failure in plugin_failures():
        distribution = failure.plugin.partition(":")[0]
        fix = f"pip install --upgrade {distribution}, or set {DISABLE_VARIABLE}={distribution}"
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
