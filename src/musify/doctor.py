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
from musify._registry import BUILTIN, DISABLE_VARIABLE, Registry, broken_ones_too
from musify._version import __version__
from musify.errors import FFmpegError
from musify.plugins import BackendInfo, list_backends

__all__ = ["Finding", "diagnose"]

_DISTRIBUTION: Final = "musify-video"
_NAMESAKE: Final = "musify"
# A requirement and the version it has to be, and what conditions say: extra == "plot".
_REQUIREMENT: Final = re.compile(r"^([A-Za-z0-9._-]+)[^>]*(?:>=\s*([\d.]+))?")
_EXTRA: Final = re.compile(r"\bextra\s*==\s*['\"]([A-Za-z0-9._-]+)['\"]")
_PYTHON: Final = re.compile(r"\bpython_version\s*>=\s*['\"]([\d.]+)['\"]")
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
    for line in metadata.requires(_DISTRIBUTION) or ():
        needed = _Needed.of(line)
        if needed is None or needed.extra or not needed.applies:
            continue
        fault = needed.fault()
        fix = f"pip install --upgrade '{needed.wanted}'" if fault else ""
        found.append(Finding(needed.name, fault or needed.version(), ok=not fault, fix=fix))
    return found


@dataclass(frozen=True, slots=True)
class _Needed:
    """A distribution that musify needs: always, with an extra, or on some Pythons."""

    name: str
    least: str
    extra: str
    least_python: str

    @classmethod
    def of(cls, line: str) -> "_Needed | None":
        requirement, _, condition = line.partition(";")
        match = _REQUIREMENT.match(requirement)
        if match is None:
            return None
        extra, python = _EXTRA.search(condition), _PYTHON.search(condition)
        least = match[2] or ""
        return cls(match[1], least, extra[1] if extra else "", python[1] if python else "0")

    @property
    def applies(self) -> bool:
        return sys.version_info >= _numbers(self.least_python)

    @property
    def wanted(self) -> str:
        return f"{self.name}>={self.least}" if self.least else self.name

    def version(self) -> str:
        return metadata.version(self.name)

    def fault(self) -> str:
        """Say what is wrong with it; nothing where all is well."""
        try:
            version = self.version()
        except metadata.PackageNotFoundError:
            return "missing"
        if _numbers(version) < _numbers(self.least):
            return f"{version} is older than {self.least}"
        return ""


def _numbers(version: str) -> tuple[int, ...]:
    """Read a version as numbers, as far as it is made of them; zeros at its end say nothing."""
    match = re.match(r"\d+(?:\.\d+)*", version)
    numbers = [int(part) for part in match[0].split(".")] if match else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


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
    of_extra: dict[str, list[_Needed]] = {}
    for line in metadata.requires(_DISTRIBUTION) or ():
        needed = _Needed.of(line)
        if needed and needed.extra and needed.extra not in _FOR_DEVELOPERS and needed.applies:
            of_extra.setdefault(needed.extra, []).append(needed)
    return [_extra(extra, needed) for extra, needed in sorted(of_extra.items())]


def _extra(extra: str, needed: Sequence[_Needed]) -> Finding:
    faults = {one: one.fault() for one in needed}
    missing = [one.name for one, fault in faults.items() if fault == "missing"]
    old = [f"{one.name} {fault}" for one, fault in faults.items() if fault not in ("", "missing")]
    if not missing and not old:
        found = ", ".join(f"{one.name} {one.version()}" for one in needed)
        return Finding(f"extra {extra}", f"installed: {found}")
    fix = f"pip install '{_DISTRIBUTION}[{extra}]'"
    said = [f"absent: {', '.join(missing)}"] * bool(missing) + old
    return Finding(f"extra {extra}", "; ".join(said), fix=fix)


def _plugins() -> list[Finding]:
    # Where broken plugins are to be errors, the doctor still tells which they are.
    with broken_ones_too() as seen:
        return _plugins_of(seen, list_backends())


def _plugins_of(seen: Registry, backends: Sequence[BackendInfo]) -> list[Finding]:
    providers: dict[str, list[str]] = {}
    offers: dict[tuple[str, str], list[str]] = {}
    for backend in backends:
        providers.setdefault(backend.provider, []).append(backend.name)
        offers.setdefault((backend.kind, backend.name), []).append(backend.provider)
    versions = seen.versions
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
    for (kind, name), by in offers.items():
        if len(by) > 1:
            last = next(one for one in reversed(by) if one != BUILTIN).partition(":")[0]
            found.append(
                Finding(
                    f"clash over {name}",
                    f"the {kind} {name!r} is offered by {' and '.join(by)}, and cannot be chosen",
                    ok=False,
                    fix=f"pip uninstall {last}, or set {DISABLE_VARIABLE}={last}",
                )
            )
    for failure in seen.failures:
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
