"""What is installed, what works, and the command that mends what does not."""

import json
import os
import platform
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module, metadata
from typing import Final

from musify import _ffmpeg
from musify._conflicts import conflicts
from musify._factories import check_whole
from musify._registry import (
    DISABLE_VARIABLE,
    NAMESAKE,
    PluginFailure,
    broken_ones_too,
    namesake,
    plugin_failures,
    registry,
)
from musify._version import __version__
from musify.errors import FFmpegError, PluginLoadError

__all__ = ["Finding", "diagnose"]

_DISTRIBUTION: Final = "musify-video"
# Every command waits so long before it does anything; more is worth a word.
_SLOW_SECONDS: Final = 0.5
# A requirement and the version it has to be, and what conditions say: extra == "plot".
_REQUIREMENT: Final = re.compile(r"^([A-Za-z0-9._-]+)[^>]*(?:>=\s*([\d.]+))?")
_EXTRA: Final = re.compile(r"\bextra\s*==\s*['\"]([A-Za-z0-9._-]+)['\"]")
_PYTHON: Final = re.compile(r"\bpython_version\s*>=\s*['\"]([\d.]+)['\"]")


def _load_onnxruntime() -> object:
    return import_module("musify._onnx_file").load_onnxruntime()


# Made of machine code, or of parts of Python that were dropped: they may be installed and yet not
# work. How each is loaded, and what helps besides installing it again.
_LOADED: Final[dict[str, tuple[Callable[[], object], str]]] = {
    "numpy": (partial(import_module, "numpy"), ""),
    "onnxruntime": (
        _load_onnxruntime,
        "on Windows it needs the Visual C++ Redistributable of 2019 or later"
        if sys.platform == "win32"
        else "",
    ),
    "pydub": (partial(import_module, "musify._pydub"), ""),
}
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
    commands : tuple of str, default ()
        Commands that do it, each to be copied to a shell.
    """

    name: str
    detail: str
    ok: bool = True
    fix: str = ""
    commands: tuple[str, ...] = ()


def diagnose() -> tuple[Finding, ...]:
    """Look at everything that musify needs.

    Returns
    -------
    tuple of Finding
        In the order of a table: versions, ffmpeg, extras, plugins, names that two of them offer.
        Where another distribution has our name that comes first, and alone: whatever else is amiss
        follows from it.
    """
    if clash := namesake():
        return (_clashes(clash), *_programs())
    looks: tuple[Callable[[], list[Finding]], ...] = (
        _versions,
        _ffmpeg_findings,
        _extras,
        _plugins,
        _conflicts,
    )
    with broken_ones_too():  # what failed is told here, and not also as a warning or an error
        return tuple(finding for look in looks for finding in look())


def _programs() -> list[Finding]:
    return [
        Finding("musify", __version__),
        Finding("python", f"{sys.version.split()[0]} on {platform.platform(terse=True)}"),
    ]


def _versions() -> list[Finding]:
    found = _programs()
    for line in metadata.requires(_DISTRIBUTION) or ():
        needed = _Needed.of(line)
        if needed is None or needed.extra or not needed.applies:
            continue
        fault = needed.fault()
        if fault:
            commands = (f"pip install --upgrade '{needed.wanted}'",)
            found.append(Finding(needed.name, fault, ok=False, commands=commands))
        else:
            found.append(_imported(needed))
    return found


def _imported(needed: "_Needed") -> Finding:
    """Look whether a distribution can be used, where that is often what is wrong."""
    version = needed.version()
    fault = _fault_of_import(needed.name)
    if not fault:
        return Finding(needed.name, version)
    if needed.name != "numpy" and _fault_of_import("numpy"):
        return Finding(needed.name, f"{version}, which needs numpy", ok=False)
    _, fix = _LOADED[needed.name]
    detail = f"{version} cannot be imported: {fault}"
    commands = (f"pip install --force-reinstall '{needed.wanted}'",)
    return Finding(needed.name, detail, ok=False, fix=fix, commands=commands)


def _fault_of_import(name: str) -> str:
    """Say in a line why a distribution cannot be imported; nothing where it can."""
    load, _ = _LOADED.get(name, (None, ""))
    try:
        if load is not None:
            load()
    except Exception as error:  # noqa: BLE001 - an extension that does not fit raises anything
        first: BaseException = error
        while first.__cause__ is not None:  # around it stand words of advice, a page of them
            first = first.__cause__
        return (str(first).strip() or type(first).__name__).splitlines()[0]
    return ""


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
        if os.environ.get("IMAGEIO_FFMPEG_EXE"):
            fix = "unset IMAGEIO_FFMPEG_EXE, or set it to the path of an ffmpeg that runs"
            return [Finding("ffmpeg", str(error), ok=False, fix=fix)]
        install = "pip install --force-reinstall imageio-ffmpeg"
        return [Finding("ffmpeg", str(error), ok=False, commands=(install,))]
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
    install = f"pip install '{_DISTRIBUTION}[{extra}]'"
    said = [f"absent: {', '.join(missing)}"] * bool(missing) + old
    return Finding(f"extra {extra}", "; ".join(said), commands=(install,))


def _plugins() -> list[Finding]:
    found = [
        _loaded(name) for name in sorted(name for name, _ in registry().manager.list_name_plugin())
    ]
    if left_out := os.environ.get(DISABLE_VARIABLE):
        fix = f"unset {DISABLE_VARIABLE} to load them again"
        found.append(Finding("plugins left out", f"{DISABLE_VARIABLE}={left_out}", fix=fix))
    return found + [_failed(failure) for failure in plugin_failures()]


def _loaded(name: str) -> Finding:
    plugins = registry()
    offered = [spec.name for _, provider, spec in plugins.offers if provider == name]
    words = " ".join(filter(None, ("loaded", plugins.versions.get(name))))
    if offered:
        words += f" ({', '.join(offered)})"
    else:
        callers = plugins.manager.get_hookcallers(plugins.manager.get_plugin(name)) or []
        hooks = [caller.name for caller in callers]
        if not hooks:
            fix = "let it implement a hook, marked with @musify.hookimpl, or take it out"
            detail = f"{words}, but offers nothing: it has no hook of musify"
            commands = (f"pip uninstall -y {_distribution(name)}",)
            return Finding(f"plugin {name}", detail, ok=False, fix=fix, commands=commands)
        words += f"; offers nothing ({', '.join(hooks)})"
    if broken := _broken_offers(name):
        fix = "mend what it was installed from"
        return Finding(f"plugin {name}", f"{words}, but {broken}", ok=False, fix=fix)
    seconds = plugins.seconds.get(name, 0.0)
    if seconds < _SLOW_SECONDS:
        return Finding(f"plugin {name}", words)
    fix = (
        "every command waits for it: let it import what is slow on first use, and name its "
        "backends by text, BackendSpec(name, 'package.module:Class')"
    )
    return Finding(f"plugin {name}", f"{words}; took {seconds:.1f} s to load", fix=fix)


def _broken_offers(plugin: str) -> str:
    """Say what of a plugin could never be made, as far as that shows without making it."""
    for kind, provider, spec in registry().offers:
        if provider == plugin and not isinstance(spec.factory, str):
            try:
                check_whole(f"the {kind} {spec.name!r}", spec.factory)
            except PluginLoadError as error:
                return str(error).replace("\n", "; ")
    return ""


def _failed(failure: PluginFailure) -> Finding:
    name = _distribution(failure.plugin)
    leave = f"leave it out with {DISABLE_VARIABLE}={name}, or take it out"
    commands = [f"pip uninstall -y {name}"]
    source = _installed_from(name)
    if source is None:  # of an index, which may have a better one
        fix = f"take a newer version, if there is one; or {leave}"
        commands.insert(0, f"pip install --upgrade {name}")
    else:
        fix = f"mend what it was installed from{source}; or {leave}"
    detail = (failure.reason or str(failure.error)).removeprefix(f"the plugin {failure.plugin} ")
    return Finding(f"plugin {failure.plugin}", detail, ok=False, fix=fix, commands=tuple(commands))


def _distribution(plugin: str) -> str:
    return plugin.partition(":")[0]


def _installed_from(distribution: str) -> str | None:
    """Say where a distribution was installed from, if not from an index.

    References
    ----------
    PEP 610, "Recording the Direct URL Origin of installed distributions", 2019.
    """
    try:
        text = metadata.distribution(distribution).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return ""
    url = str(json.loads(text).get("url", "")) if text else None
    return None if url is None else f", {url.removeprefix('file://')}"


def _conflicts() -> list[Finding]:
    return [
        Finding(
            f"{clash.kind} {clash.name}",
            f"cannot be had: {' and '.join(clash.providers)} both offer it",
            ok=False,
            fix=f"{clash.mend}, give one another name, or take one of them out",
            commands=tuple(
                f"pip uninstall -y {name}"
                for name in dict.fromkeys(map(_distribution, clash.removable))
            ),
        )
        for clash in conflicts()
    ]


def _clashes(detail: str) -> Finding:
    return Finding(
        "name clash",
        f"{detail}; what else is amiss follows from that, and was not looked at",
        ok=False,
        fix="take both out and install musify again; to keep both, give each a virtual "
        "environment of its own",
        commands=(
            f"pip uninstall -y {NAMESAKE} {_DISTRIBUTION}",
            f"pip install {_DISTRIBUTION}",
        ),
    )
