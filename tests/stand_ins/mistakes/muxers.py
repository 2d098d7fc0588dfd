"""Mistakes that are easily made in a muxer."""

import contextlib
import os
import random
import shlex
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from musify import OutputError, _ffmpeg
from musify._ffmpeg import file_url
from musify.testing import as_soundtrack
from stand_ins.right import RightMuxer


def rewritten(path, *options):
    """Let ffmpeg copy a file onto itself."""
    draft = Path(path).with_stem("draft")
    args = ["-v", "error", "-i", file_url(path), "-map", "0:v?", "-map", "0:a?", "-map", "0:s?"]
    _ffmpeg.run([*args, "-c", "copy", *options, file_url(draft)])
    draft.replace(path)
    return Path(path)


class Rewritten(RightMuxer):
    """Lets a subclass change what was written."""

    options = ()

    def mux(self, video, soundtrack, output, **options):
        path = super().mux(video, soundtrack, output, **options)
        return rewritten(path, *self.options)


class Encodes(Rewritten):
    """Encodes the picture anew, as moviepy does."""

    options = ("-c:v", "libx264", "-preset", "ultrafast")


class LosesSubtitles(Rewritten):
    options = ("-sn",)


class FirstSounds(RightMuxer):
    """Maps the picture, the new sound and the first sound."""

    def mux(self, video, soundtrack, output, **options):
        path = super().mux(video, soundtrack, output, **options)
        draft = path.with_stem("draft")
        args = ["-v", "error", "-i", file_url(path), "-map", "0:v", "-map", "0:a:0", "-map"]
        args += ["0:a:1?", "-map", "0:s?", "-c", "copy"]
        _ffmpeg.run([*args, file_url(draft)])
        return draft.replace(path)


class LosesTags(Rewritten):
    options = ("-map_metadata", "-1")


class LosesChapters(Rewritten):
    options = ("-map_chapters", "-1")


class LosesLanguages(Rewritten):
    options = ("-metadata:s:a", "language=", "-metadata:s:s", "language=")


class LosesTheTurn(RightMuxer):
    """Takes the picture for what is stored."""

    def mux(self, video, soundtrack, output, **options):
        path = super().mux(video, soundtrack, output, **options)
        draft = path.with_stem("draft")
        args = ["-v", "error", "-display_rotation", "0", "-i", file_url(path), "-map", "0:v"]
        _ffmpeg.run([*args, "-map", "0:a?", "-c", "copy", file_url(draft)])
        return draft.replace(path)


class EvenFrames(Rewritten):
    """Gives the frames the times that their number by the frame rate would be."""

    options = ("-bsf:v", "setts=ts=STARTPTS+N*0.1/TB:duration=0.1/TB")


class NeedsOwnSound(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        video.stream(video.audio_index)
        return super().mux(video, soundtrack, output, **options)


class FixedRate(RightMuxer):
    """Takes sound for 48 kHz, whatever it is."""

    def mux(self, video, soundtrack, output, **options):
        pcm = soundtrack.render()
        if soundtrack.sample_rate != 48_000:
            pcm = np.vstack([pcm, np.zeros((round(48_000 * video.duration) - len(pcm), 2))])
        pcm = pcm.astype(np.float32)
        return super().mux(video, as_soundtrack(pcm, 48_000), output, **options)


class Mono(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        pcm = soundtrack.render().mean(axis=1, keepdims=True)
        return super().mux(video, as_soundtrack(pcm, soundtrack.sample_rate), output, **options)


class SwapsSides(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        pcm = np.ascontiguousarray(soundtrack.render()[:, ::-1])
        return super().mux(video, as_soundtrack(pcm, soundtrack.sample_rate), output, **options)


class HalfASecondLate(RightMuxer):
    """Forgets that a video may begin late, or waits for a device."""

    def mux(self, video, soundtrack, output, **options):
        pcm = np.roll(soundtrack.render(), soundtrack.sample_rate // 2, axis=0)
        return super().mux(video, as_soundtrack(pcm, soundtrack.sample_rate), output, **options)


class NoSound(RightMuxer):
    """Writes silence where blocks were read before."""

    def mux(self, video, soundtrack, output, **options):
        pcm = 0 * soundtrack.render()
        return super().mux(video, as_soundtrack(pcm, soundtrack.sample_rate), output, **options)


class Shortest(RightMuxer):
    """Ends with the shorter of picture and sound."""

    def mux(self, video, soundtrack, output, **options):
        path = super().mux(video, soundtrack, output, **options)
        return rewritten(path, "-t", f"{video.duration - 0.5}")


class NeedsAPath(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        output.with_suffix(".tmp.mp4")
        return super().mux(video, soundtrack, output, **options)


class NeedsAStr(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        output + ".tmp"
        return super().mux(video, soundtrack, output, **options)


class GivesAStr(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        return str(super().mux(video, soundtrack, output, **options))


class GivesNothing(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        super().mux(video, soundtrack, output, **options)


class CallsTheShell(RightMuxer):
    """Splits a line of words where names hold spaces."""

    def mux(self, video, soundtrack, output, **options):
        with contextlib.suppress(ValueError):
            _, name = shlex.split(f"ffmpeg {output}")
            return super().mux(video, soundtrack, name, **options)


class TriesTheOutput(RightMuxer):
    """Sees whether it can write by writing, in ``check``."""

    def check(self, video, output, *, original="keep"):
        Path(output).touch()


class RefusesAll(RightMuxer):
    def check(self, video, output, *, original="keep"):
        raise OutputError("cannot write")


class Interrupted(RightMuxer):
    """Makes do with the sound that came before Ctrl-C."""

    def mux(self, video, soundtrack, output, **options):
        try:
            return super().mux(video, soundtrack, output, **options)
        except KeyboardInterrupt:
            return Path(output)


class OverwritesAlways(RightMuxer):
    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        return super().mux(video, soundtrack, output, original=original, overwrite=True)


class LeavesWav(RightMuxer):
    """Hands the sound to ffmpeg in a temporary file, and leaves it."""

    def mux(self, video, soundtrack, output, **options):
        file, _ = tempfile.mkstemp(".wav")
        os.write(file, soundtrack.render().tobytes())
        os.close(file)
        return super().mux(video, soundtrack, output, **options)


class LeavesWavBeside(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        path = super().mux(video, soundtrack, output, **options)
        path.with_suffix(".wav").write_bytes(soundtrack.render().tobytes())
        return path


class Talks(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        print(f"writing {output}")
        return super().mux(video, soundtrack, output, **options)


class Wanders(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        path = super().mux(video, soundtrack, output, **options)
        os.chdir(path.parent)
        return path


class Seeds(RightMuxer):
    """Dithers."""

    def mux(self, video, soundtrack, output, **options):
        random.seed(0)
        return super().mux(video, soundtrack, output, **options)


class LeavesAThread(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        threading.Thread(target=time.sleep, args=(4,), daemon=True).start()
        return super().mux(video, soundtrack, output, **options)


class Replaces(RightMuxer):
    """Knows one way to treat own sound."""

    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        return super().mux(video, soundtrack, output, original="replace", overwrite=overwrite)


class OntoTheInput(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        if Path(output) == video.path:
            draft = super().mux(video, soundtrack, video.path.with_stem("draft"), **options)
            return draft.replace(output)
        return super().mux(video, soundtrack, output, **options)


MISTAKES = {
    Encodes: "other_streams_are_copied",
    LosesSubtitles: "subtitles_and_other_sounds_stay",
    FirstSounds: "subtitles_and_other_sounds_stay",
    LosesTags: "tags_and_chapters_stay",
    LosesChapters: "tags_and_chapters_stay",
    LosesLanguages: "tags_and_chapters_stay",
    LosesTheTurn: "the_picture_stays_upright",
    EvenFrames: "frames_keep_their_times",
    NeedsOwnSound: "a_video_may_be_silent",
    FixedRate: "the_sound_is_in_time",
    Mono: "the_sound_is_in_time",
    SwapsSides: "the_sound_is_in_time",
    HalfASecondLate: "the_sound_is_in_time",
    NoSound: "the_sound_is_in_time",
    Shortest: "the_length_stays",
    NeedsAPath: "the_output_is_returned",
    NeedsAStr: "the_length_stays",
    GivesAStr: "the_output_is_returned",
    GivesNothing: "the_output_is_returned",
    CallsTheShell: "names_may_be_odd",
    TriesTheOutput: "check_lets_pass_what_can_be_written",
    RefusesAll: "check_lets_pass_what_can_be_written",
    Interrupted: "nothing_is_left_after_an_error",
    OverwritesAlways: "an_existing_file_is_kept",
    LeavesWav: "nothing_else_changes",
    LeavesWavBeside: "nothing_but_the_output_is_left",
    Talks: "nothing_else_changes",
    Wanders: "nothing_else_changes",
    Seeds: "nothing_else_changes",
    LeavesAThread: "nothing_else_changes",
    Replaces: "the_own_sound_is_kept",
    OntoTheInput: "the_input_is_never_changed",
}
