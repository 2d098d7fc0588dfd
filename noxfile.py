"""Checks, each in an environment of its own: ``pip install nox && nox``."""

import nox

nox.needs_version = ">=2024.4.15"
nox.options.sessions = ["lint", "types", "tests", "docs", "build"]
nox.options.default_venv_backend = "uv|virtualenv"

PYTHONS = nox.project.python_versions(nox.project.load_toml("pyproject.toml"))


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests on the installed wheel; ``nox -s tests -- -m 'slow or not slow'`` for all."""
    session.install(".[test]")
    session.run("python", "-m", "pytest", "-n", "auto", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    session.install("ruff>=0.12")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly, of the library and of what users write."""
    session.install(".[test]", "nox")
    session.run("mypy")
    session.run("basedpyright")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error."""
    session.install(".[docs,songs]")
    session.run("sphinx-build", "-nW", "--keep-going", "-b", "html", "docs", "docs/_build/html")


@nox.session
def build(session: nox.Session) -> None:
    """Build the wheel and the source distribution."""
    session.install("build")
    session.run("python", "-m", "build")


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure against the method of 2016, numpy and the limits; takes minutes."""
    session.install(".[test]")
    session.run("python", "benchmarks/import_time.py")
    session.run("python", "benchmarks/whole_job.py", *session.posargs)
