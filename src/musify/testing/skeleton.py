"""The skeleton of a plugin: a package that is small and whole, to begin with."""

import errno
import re
import shutil
from importlib import resources
from pathlib import Path
from string import Template
from typing import Final

from musify._ffmpeg import StrPath
from musify._output import partial_name
from musify.errors import OutputError, ParameterError
from musify.plugins import INTERFACES, Kind, list_backends
from musify.testing.isolation import only_builtin_plugins

__all__ = ["new_plugin"]

_DISTRIBUTION: Final = "musify-video"
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def new_plugin(name: str, kind: Kind = "mood_classifier", *, folder: StrPath = ".") -> Path:
    """Write a package that offers one backend, with tests that pass.

    What it does is an example to be replaced.

    Parameters
    ----------
    name : str
        What users will call the backend: a letter, then lower case letters, digits and single
        hyphens. The package is called ``musify-NAME``.
    kind : str, default "mood_classifier"
        What it offers; see :func:`musify.list_backends`.
    folder : path-like, default "."
        Where the folder ``musify-NAME`` is made.

    Returns
    -------
    Path
        The folder of the package.

    Raises
    ------
    ParameterError
        If the name cannot be one or is one of musify's own, or there is no such kind.
    OutputError
        If the folder exists already, or cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     package = new_plugin("grey", folder=folder)
    ...     sorted(file.name for file in package.iterdir())
    ['README.md', 'musify_grey.py', 'pyproject.toml', 'tests']
    """
    if not _NAME.fullmatch(name):
        raise ParameterError(
            "a plugin's name begins with a letter, then come lower case letters, digits and "
            f"single hyphens, such as 'warm-hue'; got {name!r}"
        )
    if f"musify-{name}" == _DISTRIBUTION:
        raise ParameterError(f"{_DISTRIBUTION} is what musify itself is called; take another name")
    if kind not in INTERFACES:
        raise ParameterError(f"no kind is called {kind!r}; there are {', '.join(INTERFACES)}")
    with only_builtin_plugins():
        taken = [backend.name for backend in list_backends(kind)]
    if name in taken:
        raise ParameterError(
            f"musify has a {kind} {name!r}, and two of one name cannot be had; take another name "
            f"than {', '.join(taken)}"
        )
    target = Path(folder) / f"musify-{name}"
    draft = partial_name(target)
    try:
        if target.exists():
            raise FileExistsError(errno.EEXIST, "it exists already; take another name or folder")
        for place, text in _files(name, kind).items():
            file = draft / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        draft.rename(target)
    except OSError as error:
        raise OutputError(f"cannot write {str(target)!r}: {error.strerror}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _files(name: str, kind: str) -> dict[str, str]:
    """Fill in the templates: the text of each file, by its place in the package."""
    camel = "".join(word.capitalize() for word in name.split("-"))
    interface = INTERFACES[kind].__name__
    word = name.replace("-", "_")
    # A MoodClassifier called hue is a HueClassifier; one called mood would hide its base.
    own = camel + re.findall("[A-Z][a-z]+", interface)[-1]
    values = {
        "name": name,
        "kind": kind,
        "module": f"musify_{word}",
        "camel": camel,
        "backend": f"My{own}" if own == interface or own.startswith("Test") else own,
        "contract": f"{interface}Contract",
    }
    templates = resources.files("musify.testing") / "templates"
    own_test = templates / f"test_{kind}.py.txt"
    sources = {
        "pyproject.toml": templates / "pyproject.toml.txt",
        "README.md": templates / "README.md.txt",
        f"musify_{word}.py": templates / f"{kind}.py.txt",
        f"tests/test_{word}.py": own_test if own_test.is_file() else templates / "test.py.txt",
    }
    return {
        place: Template(source.read_text("utf-8")).substitute(values)
        for place, source in sources.items()
    }
