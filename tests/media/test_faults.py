"""Whatever breaks, wherever: one clear error, nothing half-written, nothing left running."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

import musify
from musify import Pipeline, Progress, SongLibrary, Track
from thinned import thinned

pytestmark = pytest.mark.media

STAGES = ("probe", "sample", "shots", "aggregate", "select", "level", "mux", "audit")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for outputs; what else a test makes lies elsewhere."""
    path = tmp_path / "out"
    path.mkdir()
    return path


@pytest.fixture
def video(tiny_video: Path, tmp_path: Path) -> Path:
    """A copy that a test may harm."""
    return Path(shutil.copyfile(tiny_video, tmp_path / "video.mp4"))


@pytest.fixture(scope="session")
def long_video(make_clip: Callable) -> Path:
    """Takes a few seconds to give music to."""
    return make_clip(
        "minutes.mp4",
        *("-f", "lavfi", "-i", "testsrc2=s=160x90:r=10:d=150"),
        *("-f", "lavfi", "-i", "sine=220:d=150:r=48000"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-g", "20", "-pix_fmt", "yuv420p"),
    )


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def at_stage(stage: str, act: Callable[[], None]) -> Callable[[Progress], None]:
    """Make a progress callback that acts at the first report of a stage."""
    acted: list[bool] = []

    def callback(progress: Progress) -> None:
        if progress.stage == stage and not acted:
            acted.append(True)
            act()

    return callback


def kill_children(word: str) -> None:
    """Kill the ffmpegs that have a word in their command."""

    def command(child: psutil.Process) -> list[str]:
        try:
            return child.cmdline()
        except psutil.Error:  # it has just ended
            return []

    hit = [
        child
        for child in psutil.Process().children()
        if any(word in argument for argument in command(child))
    ]
    assert hit
    for child in hit:
        child.kill()  # waiting for it would take its exit status from the library


def raise_interrupt() -> None:
    raise KeyboardInterrupt


# ffmpeg itself


@pytest.mark.parametrize("kind", ["missing", "not executable", "a folder", "no program"])
def test_no_ffmpeg(
    kind: str,
    tiny_video: Path,
    songs: Path,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    program = tmp_path / "ffmpeg"
    if kind == "a folder":
        program.mkdir()
    elif kind != "missing":
        program.write_bytes(b"no program at all")
        program.chmod(0o755 if kind == "no program" else 0o644)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
    with pytest.raises(musify.FFmpegError, match="IMAGEIO_FFMPEG_EXE"):
        musify.add_music(tiny_video, folder / "out.mp4", library=songs)
    assert names(folder) == []


def test_killed_while_sampling(long_video: Path, songs: Path, folder: Path):
    callback = at_stage("sample", lambda: kill_children("minutes.mp4"))
    with pytest.raises(musify.FFmpegError, match="killed by signal 9") as caught:
        musify.add_music(long_video, folder / "out.mp4", library=songs, on_progress=callback)
    assert caught.value.returncode == -9
    assert names(folder) == []


@pytest.mark.parametrize(
    ("word", "error"), thinned([(".part.", "FFmpegError"), ("-af", "AudioDecodeError")], every=2)
)
def test_killed_while_muxing(word: str, error: str, long_video: Path, songs: Path, folder: Path):
    """Kill what writes the output, then what decodes the sound that goes into it."""
    callback = at_stage("mux", lambda: kill_children(word))
    with pytest.raises(getattr(musify, error), match="killed by signal 9"):
        musify.add_music(long_video, folder / "out.mp4", library=songs, on_progress=callback)
    assert names(folder) == []


@pytest.mark.slow
def test_killed_while_overwriting(long_video: Path, songs: Path, folder: Path):
    output = folder / "out.mp4"
    output.write_bytes(b"old")
    callback = at_stage("mux", lambda: kill_children(".part."))
    with pytest.raises(musify.FFmpegError):
        musify.add_music(long_video, output, library=songs, overwrite=True, on_progress=callback)
    assert names(folder) == ["out.mp4"]
    assert output.read_bytes() == b"old"


# Where the output goes


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_disk_full(ending: str, tiny_video: Path, songs: Path, small_disk: Path):
    with pytest.raises(musify.OutputError, match="no space"):
        musify.add_music(tiny_video, small_disk / f"out.{ending}", library=songs)
    assert names(small_disk) == []


def test_disk_full_at_the_very_end(silent_video: Path, songs: Path, small_disk: Path):
    """The last bytes are the index, and moving it to the front needs room as well."""
    room = os.statvfs(small_disk)
    output = small_disk / "out.mp4"
    whole = musify.add_music(silent_video, small_disk.parent / "whole.mp4", library=songs).output
    left = whole.stat().st_size - 2 * room.f_bsize
    ballast = small_disk / "ballast"
    if room.f_bavail * room.f_bsize > left:
        ballast.write_bytes(bytes(room.f_bavail * room.f_bsize - left))
    with pytest.raises(musify.OutputError, match="no space"):
        musify.add_music(silent_video, output, library=songs)
    assert set(names(small_disk)) <= {"ballast"}


def test_file_size_limit(tiny_video: Path, songs: Path, folder: Path, run_python: Callable):
    code = """
import resource, sys, musify
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    musify.add_music(sys.argv[1], sys.argv[2], library=sys.argv[3])
except musify.MediaError as error:
    print(error)
    sys.exit(7)
"""
    done = run_python(code, str(tiny_video), str(folder / "out.mp4"), str(songs))
    assert done.returncode == 7, done.stderr
    assert names(folder) == []


def test_read_only_disk(tiny_video: Path, songs: Path, small_disk: Path):
    remount = ["mount", "-o", "remount,ro", small_disk]
    if subprocess.run(remount, capture_output=True, check=False).returncode:
        pytest.skip("cannot remount read-only")
    seen: list[Progress] = []
    with pytest.raises(musify.OutputError, match="cannot write into"):
        musify.add_music(tiny_video, small_disk / "out.mp4", library=songs, on_progress=seen.append)
    assert not seen  # told before the work, not after it


def test_folder_without_permission(tiny_video: Path, songs: Path, folder: Path):
    if os.geteuid() == 0:
        pytest.skip("permissions do not bind root")
    folder.chmod(0o500)
    try:
        with pytest.raises(musify.OutputError, match="cannot write into"):
            musify.add_music(tiny_video, folder / "out.mp4", library=songs)
    finally:
        folder.chmod(0o700)


@pytest.mark.parametrize(
    ("name", "words"),
    [("missing/out.mp4", "does not exist"), (".", "is a folder"), ("video.mp4/x.mp4", "folder")],
)
def test_no_place_for_the_output(name: str, words: str, video: Path, songs: Path, tmp_path: Path):
    before = names(tmp_path)
    seen: list[Progress] = []
    with pytest.raises(musify.OutputError, match=words):
        musify.add_music(video, tmp_path / name, library=songs, on_progress=seen.append)
    assert not seen
    assert names(tmp_path) == before


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("way", ["itself", "symbolic link", "hard link", "other spelling"])
def test_output_is_the_input(way: str, overwrite: bool, video: Path, songs: Path, folder: Path):
    content = video.read_bytes()
    output = folder / "out.mp4"
    if way == "symbolic link":
        output.symlink_to(video)
    elif way == "hard link":
        output.hardlink_to(video)
    else:
        output = video if way == "itself" else folder / ".." / video.name
    before = names(folder)
    with pytest.raises(musify.OutputError, match="input"):
        musify.add_music(video, output, library=songs, overwrite=overwrite)
    assert video.read_bytes() == content
    assert names(folder) == before


def test_input_is_a_link_to_the_output(video: Path, songs: Path, folder: Path):
    content = video.read_bytes()
    link = folder / "link.mp4"
    link.symlink_to(video)
    with pytest.raises(musify.OutputError, match="input"):
        musify.add_music(link, video, library=songs, overwrite=True)
    assert video.read_bytes() == content


def test_output_exists(tiny_video: Path, songs: Path, folder: Path):
    output = folder / "out.mp4"
    output.write_bytes(b"precious")
    with pytest.raises(musify.OutputError, match="overwrite"):
        musify.add_music(tiny_video, output, library=songs)
    assert output.read_bytes() == b"precious"
    musify.add_music(tiny_video, output, library=songs, overwrite=True)
    assert musify.probe(output).has_audio
    assert names(folder) == ["out.mp4"]


def test_output_appears_meanwhile(tiny_video: Path, songs: Path, folder: Path):
    output = folder / "out.mp4"
    callback = at_stage("mux", lambda: output.write_bytes(b"faster"))
    with pytest.raises(musify.OutputError):
        musify.add_music(tiny_video, output, library=songs, on_progress=callback)
    assert output.read_bytes() == b"faster"
    assert names(folder) == ["out.mp4"]


class OneSong(SongLibrary):
    def __init__(self, path: Path) -> None:
        self.path = path

    def __iter__(self) -> Iterator[Track]:
        yield Track(self.path, 4.0, mood=musify.DEFAULT_MOODS["calm"])


def test_output_is_a_song(tiny_video: Path, folder: Path, ffmpeg: Callable):
    song = folder / "song.mp4"
    ffmpeg("-f", "lavfi", "-i", "sine=300:d=4", song)
    content = song.read_bytes()
    with pytest.raises(musify.OutputError, match="input"):
        musify.add_music(tiny_video, song, library=OneSong(song), overwrite=True)
    assert song.read_bytes() == content
    assert names(folder) == ["song.mp4"]


# The input goes away


@pytest.mark.parametrize("stage", ["sample", "mux"])
def test_input_deleted_while_running(
    stage: str, video: Path, songs: Path, folder: Path, stream_hashes: Callable
):
    """An open file can be read on: then the output is whole. Otherwise there is none."""
    film = stream_hashes(video)[0]
    length = musify.probe(video).duration
    try:
        output = musify.add_music(
            video, folder / "out.mp4", library=songs, on_progress=at_stage(stage, video.unlink)
        ).output
    except musify.MediaError as error:
        assert "video.mp4" in str(error)  # noqa: PT017 - either end is right
        assert names(folder) == []
    else:
        assert stream_hashes(output)[0] == film
        assert musify.probe(output).duration == length
    assert not video.exists()


# Interruptions


def test_every_stage_reports(tiny_video: Path, songs: Path, folder: Path):
    seen: list[str] = []
    musify.add_music(
        tiny_video,
        folder / "out.mp4",
        library=songs,
        on_progress=lambda progress: seen.append(progress.stage),
    )
    assert tuple(dict.fromkeys(stage for stage in seen if stage in STAGES)) == STAGES
    assert set(seen) - set(STAGES) <= {"index", "fit", "speech", "measure"}, "steps within them"


@pytest.mark.parametrize("stage", ["sample", "mux"])
@pytest.mark.parametrize("error", thinned([KeyboardInterrupt, RuntimeError, SystemExit], every=3))
def test_callback_that_raises(
    stage: str, error: type[BaseException], video: Path, songs: Path, folder: Path
):
    content = video.read_bytes()

    def stop() -> None:
        raise error("enough")

    with pytest.raises(error, match="enough"):
        musify.add_music(
            video, folder / "out.mp4", library=songs, on_progress=at_stage(stage, stop)
        )
    assert names(folder) == []
    assert video.read_bytes() == content
    assert not psutil.Process().children()


@pytest.mark.parametrize("stage", ["sample", "mux"])
def test_interrupt_from_the_callback_of_an_overwrite(
    stage: str, video: Path, songs: Path, folder: Path
):
    output = folder / "out.mp4"
    output.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        musify.add_music(
            video,
            output,
            library=songs,
            overwrite=True,
            on_progress=at_stage(stage, raise_interrupt),
        )
    assert names(folder) == ["out.mp4"]
    assert output.read_bytes() == b"old"


RUN = """
import sys, musify
# numpy makes an ImportError of an interrupt that comes while it is being imported.
add_music = musify.add_music
print("ready", flush=True)
add_music(*sys.argv[1:3], library=sys.argv[3])
"""


@pytest.mark.parametrize("seconds", thinned([0.1, 0.25, 0.45, 0.7, 1.0, 1.4, 0.0], every=3))
def test_ctrl_c(seconds: float, long_video: Path, songs: Path, folder: Path):
    """A terminal sends the signal to the whole group in front."""
    size = long_video.stat().st_size
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, long_video, folder / "out.mp4", songs],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
        # Whoever started the tests in the background may have had it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with run:
        assert run.stdout.readline() == "ready\n"
        time.sleep(seconds)
        known = psutil.Process(run.pid).children(recursive=True)
        os.killpg(run.pid, signal.SIGINT)
        _, said = run.communicate(timeout=20)
    assert run.returncode == -signal.SIGINT, said
    assert said.rstrip().endswith("KeyboardInterrupt")
    assert names(folder) == []
    assert long_video.stat().st_size == size
    _, left = psutil.wait_procs(known, timeout=2)
    # Who waits for the dead of a dead parent is the system's business.
    assert not [child for child in left if child.status() != psutil.STATUS_ZOMBIE]
    in_use = str(folder)
    assert not [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any(in_use in part for part in process.info["cmdline"] or ())
    ]


# Songs


@pytest.fixture
def own_songs(songs: Path, tmp_path: Path) -> Path:
    """A copy of the songs that a test may harm."""
    return Path(shutil.copytree(songs, tmp_path / "songs"))


def test_damaged_song_is_left_out(
    tiny_video: Path, own_songs: Path, folder: Path, rng: np.random.Generator
):
    (own_songs / "calm" / "broken.mp3").write_bytes(rng.bytes(20_000))
    (own_songs / "calm" / "empty.wav").write_bytes(b"")
    result = musify.add_music(tiny_video, folder / "out.mp4", library=own_songs)
    told = [warning for warning in result.warnings if "left out" in warning]
    assert [name in " ".join(told) for name in ("broken.mp3", "empty.wav")] == [True, True]
    assert len(told) == 2
    assert not {"broken.mp3", "empty.wav"} & {track.path.name for track in result.cues.tracks}


def test_no_song_is_whole(tiny_video: Path, tmp_path: Path, folder: Path, rng: np.random.Generator):
    library = tmp_path / "broken"
    library.mkdir()
    (library / "a.mp3").write_bytes(rng.bytes(20_000))
    with pytest.raises(musify.EmptyLibraryError):
        musify.add_music(tiny_video, folder / "out.mp4", library=library)
    assert names(folder) == []


def only_song(library: Path, name: str, make: Callable[[Path], None]) -> Path:
    """Replace all songs by one."""
    shutil.rmtree(library)
    path = library / "calm" / name
    path.parent.mkdir(parents=True)
    make(path)
    return path


def test_song_shorter_than_it_says(
    tiny_video: Path, own_songs: Path, folder: Path, ffmpeg: Callable
):
    """The header of a FLAC file holds its length; the half of it that is left cannot."""

    def make(path: Path) -> None:
        ffmpeg("-f", "lavfi", "-i", "anoisesrc=d=5:r=48000:a=0.1:seed=1", path)
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])

    only_song(own_songs, "half.flac", make)
    result = musify.add_music(tiny_video, folder / "out.mp4", library=own_songs)
    assert any("half.flac is damaged" in words for words in result.warnings)
    assert result.audit.ok


def test_holes_in_a_song_are_told(
    tiny_video: Path, own_songs: Path, folder: Path, ffmpeg: Callable, decode_pcm: Callable
):
    def make(path: Path) -> None:
        ffmpeg("-f", "lavfi", "-i", "anoisesrc=d=5:r=48000:a=0.1:seed=1", path)
        content = bytearray(path.read_bytes())
        middle = len(content) // 2
        content[middle : middle + 4000] = np.random.default_rng(3).bytes(4000)
        path.write_bytes(content)

    song = only_song(own_songs, "holes.mp3", make)
    try:
        result = musify.add_music(tiny_video, folder / "out.mp4", library=own_songs)
    except musify.AudioDecodeError as error:
        assert song.name in str(error)  # noqa: PT017 - either end is right
        assert names(folder) == []
    else:
        assert any(song.name in warning for warning in result.warnings)
        assert np.isfinite(decode_pcm(result.output)).all()


def test_song_vanishes_after_planning(tiny_video: Path, own_songs: Path, folder: Path):
    pipeline = Pipeline(library=own_songs)
    plan = pipeline.plan(tiny_video)
    for track in plan.tracks:
        track.path.unlink()
    with pytest.raises(musify.AudioDecodeError, match=plan.tracks[0].path.name):
        pipeline.render(plan, folder / "out.mp4")
    assert names(folder) == []


@pytest.mark.parametrize("odd", thinned([np.nan, np.inf, -np.inf, 1e30], every=4))
def test_song_with_values_that_are_no_sound(
    odd: float,
    tiny_video: Path,
    own_songs: Path,
    folder: Path,
    ffmpeg: Callable,
    decode_pcm: Callable,
    tmp_path: Path,
):
    def make(path: Path) -> None:
        pcm = 0.1 * np.sin(np.arange(4 * 48_000) / 20, dtype=np.float32)
        pcm[100_000:100_003] = odd
        raw = tmp_path / "raw.f32"
        raw.write_bytes(pcm.astype("<f4").tobytes())
        ffmpeg("-f", "f32le", "-ar", "48000", "-i", raw, "-c:a", "pcm_f32le", path)

    song = only_song(own_songs, "odd.wav", make)
    result = musify.add_music(tiny_video, folder / "out.mp4", library=own_songs)
    pcm = result.soundtrack.render()
    assert np.isfinite(pcm).all()
    assert np.abs(pcm).max() <= 10 ** (-1 / 20)
    assert np.isfinite(decode_pcm(result.output)).all()
    # A second on either side of the fault there is music, not silence.
    assert np.abs(pcm[48_000:96_000]).max() > 0.01
    if not np.isfinite(odd):
        assert any(song.name in warning for warning in result.warnings)


def test_a_song_that_is_silent_is_told(tiny_video: Path, tmp_path: Path, folder: Path, make_clip):
    (tmp_path / "songs" / "calm").mkdir(parents=True)
    silence = make_clip("silence.wav", "-f", "lavfi", "-i", "anullsrc=r=48000:d=5")
    shutil.copyfile(silence, tmp_path / "songs" / "calm" / "hush.wav")
    result = musify.add_music(tiny_video, folder / "out.mp4", library=tmp_path / "songs")
    (words,) = [words for words in result.warnings if "silent" in words]
    assert words.startswith("hush.wav is silent from its beginning to its end")


def test_an_ffmpeg_that_was_chosen_and_is_not_there(monkeypatch: pytest.MonkeyPatch, video: Path):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/nowhere/ffmpeg")
    words = "IMAGEIO_FFMPEG_EXE is set to '/nowhere/ffmpeg'"
    with pytest.raises(musify.FFmpegError, match=words) as caught:
        musify.probe(video)
    assert "unset it" in str(caught.value)
    assert "pip install" not in str(caught.value)  # which would change nothing
