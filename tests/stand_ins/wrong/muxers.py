"""Muxers, each with one fault."""

from pathlib import Path

from musify import AudioMuxer, _ffmpeg, get_backend
from musify._ffmpeg import file_url


class Right(AudioMuxer):
    """Does as the built-in muxer does."""

    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        inner = get_backend("audio_muxer", "ffmpeg")
        return inner.mux(video, soundtrack, output, original=original, overwrite=overwrite)


def rewritten(path, *options):
    """Let ffmpeg copy a file onto itself."""
    draft = path.with_stem("draft")
    _ffmpeg.run(
        ["-v", "error", "-i", file_url(path), "-map", "0", "-c", "copy", *options, file_url(draft)]
    )
    draft.replace(path)
    return path


class Elsewhere(Right):
    def mux(self, video, soundtrack, output, **options):
        return super().mux(video, soundtrack, output, **options).with_stem("elsewhere")


class NewSoundLast(Right):
    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        original = "second-track" if original == "keep" else original
        return super().mux(video, soundtrack, output, original=original, overwrite=overwrite)


class Stretched(Right):
    def mux(self, video, soundtrack, output, **options):
        path = super().mux(video, soundtrack, output, **options)
        return rewritten(path, "-bsf:v", "setts=ts=TS*1.02")


class NewPackets(Right):
    def mux(self, video, soundtrack, output, **options):
        path = super().mux(video, soundtrack, output, **options)
        note = "086f3693-b7b3-4f2c-9653-21492feee5b8+a note in each picture"
        return rewritten(path, "-bsf:v", f"h264_metadata=sei_user_data='{note}'")


class DropsOwnSound(Right):
    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        original = "replace" if original == "keep" else original
        return super().mux(video, soundtrack, output, original=original, overwrite=overwrite)


class KeepsOwnSound(Right):
    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        original = "keep" if original == "replace" else original
        return super().mux(video, soundtrack, output, original=original, overwrite=overwrite)


class AlwaysFirst(Right):
    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        original = "keep" if original == "second-track" else original
        return super().mux(video, soundtrack, output, original=original, overwrite=overwrite)


class OntoTheInput(Right):
    def mux(self, video, soundtrack, output, **options):
        if Path(output) != video.path:
            return super().mux(video, soundtrack, output, **options)
        draft = super().mux(video, soundtrack, video.path.with_stem("draft"), **options)
        return draft.replace(output)


class Overwrites(Right):
    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        return super().mux(video, soundtrack, output, original=original, overwrite=True)


class NeverOverwrites(Right):
    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        path = Path(output)
        if overwrite and path.is_file() and path != video.path:
            return path
        return super().mux(video, soundtrack, output, original=original, overwrite=overwrite)


class WithLog(Right):
    def mux(self, video, soundtrack, output, **options):
        path = super().mux(video, soundtrack, output, **options)
        path.with_suffix(".log").write_text("done")
        return path


class LeavesADraft(Right):
    def mux(self, video, soundtrack, output, **options):
        try:
            return super().mux(video, soundtrack, output, **options)
        except (RuntimeError, KeyboardInterrupt):
            Path(output).with_suffix(".part").write_text("half")
            raise


class MakesFolders(Right):
    def mux(self, video, soundtrack, output, **options):
        Path(output).parent.mkdir(parents=True, exist_ok=True)
        return super().mux(video, soundtrack, output, **options)


WRONG = {
    "the_output_is_returned": Elsewhere,
    "the_new_sound_is_the_first_and_default_one": NewSoundLast,
    "the_length_stays": Stretched,
    "other_streams_are_copied": NewPackets,
    "the_own_sound_is_kept": DropsOwnSound,
    "the_own_sound_can_be_replaced": KeepsOwnSound,
    "the_new_sound_can_be_the_last": AlwaysFirst,
    "the_input_is_never_changed": OntoTheInput,
    "an_existing_file_is_kept": Overwrites,
    "an_existing_file_can_be_replaced": NeverOverwrites,
    "nothing_but_the_output_is_left": WithLog,
    "nothing_is_left_after_an_error": LeavesADraft,
    "a_place_that_cannot_be_written_is_refused": MakesFolders,
}
