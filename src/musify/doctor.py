"""What is installed, what works, and the command that mends what does not."""

import json
import os
import platform
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Final

from musify import _ffmpeg
from musify._conflicts import conflicts
from musify._registry import (
    DISABLE_VARIABLE,
    NAMESAKE,
    PluginFailure,
    namesake,
    plugin_failures,
    registry,
)
from musify._version import __version__
from musify.errors import FFmpegError

__all__ = ["Finding", "diagnose"]

_DISTRIBUTION: Final = "musify-video"
# Every command waits so long before it does anything; more is worth a word.
_SLOW_SECONDS: Final = 0.5
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
    registry(told=False)  # what failed is told here
    if clash := namesake():
        return (_clashes(clash), *_programs())
    looks: tuple[Callable[[], list[Finding]], ...] = (
        _versions,
        _ffmpeg_findings,
        _extras,
        _plugins,
        _conflicts,
    )
    return tuple(finding for look in looks for finding in look())


def _programs() -> list[Finding]:
    return [
        Finding("musify", __version__),
        Finding("python", f"{sys.version.split()[0]} on {platform.platform(terse=True)}"),
    ]


def _versions() -> list[Finding]:
    found = _programs()
    required = (_REQUIREMENT.match(line) for line in metadata.requires(_DISTRIBUTION) or ())
    for name in (match[1] for match in required if match):
        try:
            found.append(Finding(name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            found.append(Finding(name, "missing", ok=False, commands=(f"pip install {name}",)))
    return found


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
    install = f"pip install '{_DISTRIBUTION}[{extra}]'"
    return Finding(f"extra {extra}", f"absent: {', '.join(missing)}", commands=(install,))


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
    seconds = plugins.seconds.get(name, 0.0)
    if seconds < _SLOW_SECONDS:
        return Finding(f"plugin {name}", words)
    fix = (
        "every command waits for it: let it import what is slow on first use, and name its "
        "backends by text, BackendSpec(name, 'package.module:Class')"
    )
    return Finding(f"plugin {name}", f"{words}; took {seconds:.1f} s to load", fix=fix)


def _failed(failure: PluginFailure) -> Finding:
    name = _distribution(failure.plugin)
    leave = f"leave it out with {DISABLE_VARIABLE}={name}, or take it out"
    commands = [f"pip uninstall -y {name}"]
    source = _installed_from(name)
    if source is None:  # of an index, which may have a better one
        fix = f"take a newer version, if there is one; or {leave}"
        commands.insert(0, f"pip install --upgrade {name}")
    else:
        fix = f"mend it{source}, {leave}"
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
    return None if url is None else f" in {url.removeprefix('file://')}"


def _conflicts() -> list[Finding]:
    return [
        Finding(
            f"{clash.kind} {clash.name}",
            f"cannot be had: {' and '.join(clash.providers)} both offer it",
            ok=False,
            fix=f"{clash.mend}, or take one of them out",
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
