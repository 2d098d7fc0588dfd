"""Signals to the shell, at places where the process is held until they come."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from thinned import thinned

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(sys.platform == "win32", reason="other signals there"),
]

CODES = [("SIGHUP", 129), ("SIGINT", 130), ("SIGTERM", 143)]

# What the process does before the shell begins. `here` tells the test that a place is reached, and
# waits there for a signal.
BEGIN = """
import os, signal, sys, time
from pathlib import Path

def here(name="here"):
    os.write(1, (name + "\\n").encode())
    time.sleep(60)

# As a terminal has them, however the tests were started.
for name in ("SIGHUP", "SIGTERM"):
    signal.signal(getattr(signal, name), signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
"""
HOLD_WHILE_PROBING = """
from musify import _ffmpeg
begin = _ffmpeg.FFmpegProcess.__init__
def held(self, *args, **kwargs):
    begin(self, *args, **kwargs)
    here()
_ffmpeg.FFmpegProcess.__init__ = held
"""
# All sound is handed over, and the file is not yet finished.
HOLD_WHILE_WRITING = """
from musify import _ffmpeg
finish = _ffmpeg.FFmpegProcess.finish
def held(self):
    if "-movflags" in self.command:
        while not list(Path().iterdir()):
            time.sleep(0.01)
        wait_here()
    finish(self)
_ffmpeg.FFmpegProcess.finish = held
def wait_here():
    here()
"""


class Shell:
    """A process that runs the shell after some code of the test."""

    def __init__(
        self, code: str, *args: str | os.PathLike[str], cwd: Path, temporary: Path
    ) -> None:
        code = f"{BEGIN}\n{textwrap.dedent(code)}\nfrom musify._entry import main\nmain()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *map(os.fspath, args)],
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(temporary)},
        )
        self.temporary = temporary
        self.children: list[psutil.Process] = []

    def wait_until(self, name: str = "here") -> None:
        assert self.process.stdout is not None
        said = self.process.stdout.readline().decode().strip()
        assert said == name, self.process.communicate()[1].decode()
        with contextlib.suppress(psutil.NoSuchProcess):
            self.children += psutil.Process(self.process.pid).children()

    def send(self, name: str) -> None:
        self.process.send_signal(getattr(signal, name))

    def end(self) -> tuple[int, str]:
        _, err = self.process.communicate(timeout=60)
        assert not any(child.is_running() for child in self.children)
        assert list(self.temporary.glob("musify-*")) == []
        return self.process.returncode, err.decode()


@pytest.fixture
def shells() -> Iterator[list[Shell]]:
    made: list[Shell] = []
    yield made
    for shell in made:
        shell.process.kill()
        shell.process.communicate()


@pytest.fixture
def start(
    shells: list[Shell],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    silent_video: Path,
    songs: Path,
):
    """Start ``musify add``, held where the code says."""

    def begin(code: str, *args: str | os.PathLike[str]) -> Shell:
        wanted = args or ("add", silent_video, "out.mp4", "-l", songs)
        temporary = tmp_path_factory.mktemp("temporary")
        shells.append(Shell(code, *wanted, cwd=tmp_path, temporary=temporary))
        return shells[-1]

    return begin


@pytest.mark.parametrize(("name", "code"), thinned(CODES, every=3))
@pytest.mark.parametrize("place", [HOLD_WHILE_PROBING, HOLD_WHILE_WRITING], ids=["probe", "mux"])
def test_a_signal_leaves_nothing_behind(start, name, code, place, tmp_path, silent_video) -> None:
    before = silent_video.read_bytes()
    shell = start(place)
    shell.wait_until()
    assert shell.children
    assert place != HOLD_WHILE_WRITING or list(tmp_path.iterdir())
    shell.send(name)
    assert shell.end() == (code, "interrupted\n" if name == "SIGINT" else "")
    assert list(tmp_path.iterdir()) == []
    assert silent_video.read_bytes() == before


@pytest.mark.parametrize(("name", "code"), CODES)
@pytest.mark.parametrize("module", ["numpy", "musify.pipeline"])
def test_a_signal_while_modules_are_loaded(start, name, code, module) -> None:
    shell = start(f"""
        class Slow:
            def find_spec(self, name, path=None, target=None):
                if name == {module!r}:
                    here()
        sys.meta_path.insert(0, Slow())
    """)
    shell.wait_until()
    shell.send(name)
    assert shell.end() == (code, "interrupted\n" if name == "SIGINT" else "")


def test_a_signal_that_a_module_takes_for_a_fault_of_its_own(start) -> None:
    shell = start("""
        class Slow:
            def find_spec(self, name, path=None, target=None):
                if name == "numpy":
                    try:
                        here()
                    except BaseException:
                        raise ImportError("numpy was not built well") from None
        sys.meta_path.insert(0, Slow())
    """)
    shell.wait_until()
    shell.send("SIGINT")
    assert shell.end() == (130, "interrupted\n")


@pytest.mark.parametrize("second", thinned(["SIGINT", "SIGTERM"], every=2))
def test_a_second_signal_does_not_stop_the_cleaning_up(start, second, tmp_path) -> None:
    shell = start(
        HOLD_WHILE_WRITING
        + """
def wait_here():
    try:
        here()
    finally:
        os.write(1, b"cleaning\\n")
        time.sleep(1)
"""
    )
    shell.wait_until()
    shell.send("SIGINT")
    shell.wait_until("cleaning")
    shell.send(second)
    assert shell.end() == (130, "interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_a_signal_where_exceptions_are_dropped_comes_again(start, tmp_path) -> None:
    shell = start(
        HOLD_WHILE_WRITING
        + """
class Dropped:
    def __del__(self):
        here()

def wait_here():
    Dropped()
    time.sleep(60)
"""
    )
    shell.wait_until()
    shell.send("SIGTERM")
    assert shell.end() == (143, "")
    assert list(tmp_path.iterdir()) == []


def test_what_is_to_be_ignored_is_ignored(start, tmp_path) -> None:
    """As after nohup."""
    shell = start(
        HOLD_WHILE_WRITING
        + """
signal.signal(signal.SIGHUP, signal.SIG_IGN)
def wait_here():
    os.write(1, b"here\\n")
    time.sleep(1)
"""
    )
    shell.wait_until()
    shell.send("SIGHUP")
    shell.process.stdout.read()
    assert shell.end() == (0, "")
    assert [file.name for file in tmp_path.iterdir()] == ["out.mp4"]


@pytest.mark.slow
def test_a_demo_that_is_ended_takes_away_what_it_made(start, songs, tmp_path) -> None:
    shell = start(
        """
        import musify._pipeline_shell as shell
        make = shell.make_demo_video
        def held(*args, **kwargs):
            make(*args, **kwargs)
            here()
        shell.make_demo_video = held
        """,
        *("demo", "new/er", "-l", songs),
    )
    shell.wait_until()
    assert list((tmp_path / "new/er").iterdir())
    shell.send("SIGTERM")
    assert shell.end() == (143, "")
    assert list(tmp_path.iterdir()) == []
