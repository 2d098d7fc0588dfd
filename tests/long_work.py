"""Which public functions may last, how each is put to work, and why the others do not last.

What may take more than about 2 s with a film of an hour or 1000 songs, of one core, is long: it
takes ``on_progress=``, and a ``CancelToken`` ends it. A new public name goes into one of the three.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import musify
from musify import Cue, CueSheet, Pipeline, Score, SourceRange, Track
from musify.audio.loudness import measure_file
from musify.audio.speech_report import speech_to_music
from musify.index.song_folder import SongFolder
from musify.progress import ProgressCallback


@dataclass(frozen=True)
class Media:
    """What there is to work on, and a folder for what comes out."""

    video: Path
    songs: Path
    pictures: Path
    out: Path

    @property
    def song(self) -> Path:
        return self.songs / "sad" / "sad.wav"

    def copied_song(self) -> Path:
        """A song that nobody has listened to: what was is remembered."""
        return Path(shutil.copy(self.song, self.out.parent / "song.wav"))

    def copied_video(self) -> Path:
        return Path(shutil.copy(self.video, self.out.parent / "before.mp4"))

    @property
    def sheet(self) -> CueSheet:
        track = Track(self.song, 5.0)
        cue = Cue(0, 5, track, [SourceRange(0, 5)])
        duration = musify.probe(self.video).duration
        return CueSheet([cue], duration, video=self.video, loudness_lufs=-20.0)

    @property
    def mixed(self) -> musify.Soundtrack:
        return musify.mix(self.sheet, musify.probe(self.video))

    @property
    def score(self) -> Score:
        return musify.compose("happy 2s", style="piano")

    @property
    def composed_sheet(self) -> CueSheet:
        cue = Cue(0, 2, Track.of_score(self.score), [SourceRange(0, 2)])
        return CueSheet([cue], 12.0, video=self.video)

    def unheard_songs(self) -> Path:
        """A folder that has no index yet."""
        return Path(shutil.copytree(self.songs, self.out.parent / "songs", dirs_exist_ok=True))

    def pipeline(self, on_progress: ProgressCallback) -> Pipeline:
        return Pipeline(on_progress=on_progress, library=self.songs, dynamics="fast")

    @property
    def finder(self) -> musify.ShotFinder:
        finder = musify.ShotFinder(musify.probe(self.video))
        finder.finish()
        return finder


Work = Callable[[Media, ProgressCallback], object]


@dataclass(frozen=True)
class Long:
    """How a long function is put to work, and the stages in which it is cancelled."""

    work: Work
    stages: tuple[str, ...]
    # Takes long itself, so that its tests are slow ones.
    slow: bool = False


@dataclass(frozen=True)
class Elsewhere:
    """A long function whose cancelling is tested where there is a stand-in for its service."""

    test: str


def _settled(media: Media, told: ProgressCallback) -> object:
    finder = media.finder
    return finder.settle(finder.finish(), [(2.0, 3.5)], on_progress=told)


SPEECH = musify.Speech([[1.0, 2.0]], duration=12.0)

LONG: Final[dict[str, Long | Elsewhere]] = {
    "add_music": Long(
        lambda m, told: musify.add_music(
            m.video, m.out / "o.mp4", library=m.unheard_songs(), on_progress=told
        ),
        ("probe", "sample", "index", "level", "mux", "audit"),
        slow=True,
    ),
    "analyze_song": Long(
        lambda m, told: musify.analyze_song(m.song, on_progress=told), ("analyze",)
    ),
    "audit_file": Long(
        lambda m, told: musify.audit_file(m.video, against=m.copied_video(), on_progress=told),
        ("audit",),
    ),
    "compose": Long(
        lambda m, told: musify.compose("happy 20s, sad 20s", on_progress=told), ("compose",)
    ),
    "duck": Long(
        lambda m, told: musify.duck(SPEECH, own=m.video, music=m.song, on_progress=told),
        ("measure",),
    ),
    "find_shots": Long(lambda m, told: musify.find_shots(m.video, on_progress=told), ("shots",)),
    "find_speech": Long(lambda m, told: musify.find_speech(m.video, on_progress=told), ("speech",)),
    "fit_song": Long(
        lambda m, told: musify.fit_song(m.copied_song(), 3, on_progress=told), ("analyze", "fit")
    ),
    "mix": Long(
        lambda m, told: musify.mix(m.sheet, on_progress=told).render(), ("level", "render")
    ),
    "mood_from_pictures": Long(
        lambda m, told: musify.mood_from_pictures("cosy", m.pictures / "cosy", on_progress=told),
        ("look",),
    ),
    "suggest": Long(
        lambda m, told: musify.suggest(m.video, m.songs, on_progress=told),
        ("sample", "aggregate"),
        slow=True,
    ),
    "train_local": Long(
        lambda m, told: musify.train_local(m.pictures, m.out / "m.musify", on_progress=told),
        ("look", "train"),
    ),
    "write_otio": Long(
        lambda m, told: musify.write_otio(m.composed_sheet, m.out / "o.otio", on_progress=told),
        ("play", "render"),
    ),
    "write_stems": Long(
        lambda m, told: musify.write_stems(m.sheet, m.out / "stems", on_progress=told),
        ("stems",),
    ),
    "collect_pictures": Elsewhere("tests/unit/test_collect.py::test_it_can_be_cancelled"),
    "fetch_video": Elsewhere("tests/media/test_fetch_video.py::test_it_can_be_cancelled"),
    "train_clarifai": Elsewhere("tests/test_train_clarifai.py::test_it_can_be_cancelled"),
    "Pipeline.analyze": Long(
        lambda m, told: m.pipeline(told).analyze(m.video), ("probe", "shots"), slow=True
    ),
    "Pipeline.plan": Long(lambda m, told: m.pipeline(told).plan(m.video), ("speech",), slow=True),
    "Pipeline.render": Long(
        lambda m, told: m.pipeline(told).render(m.sheet, m.out / "o.mp4"),
        ("level", "mux", "audit"),
    ),
    "Pipeline.run": Long(
        lambda m, told: Pipeline(on_progress=told).run(m.video, m.out / "o.mp4"),
        ("compose", "play", "measure"),
        slow=True,
    ),
    "Pipeline.suggest": Long(
        lambda m, told: m.pipeline(told).suggest(m.video), ("sample",), slow=True
    ),
    "Score.lead": Long(lambda m, told: m.score.lead(on_progress=told), ("play",)),
    "Score.rewritten": Long(
        lambda m, told: m.score.rewritten(0, 5, on_progress=told), ("compose",)
    ),
    "Score.to_midi": Long(
        lambda m, told: m.score.to_midi(m.out / "o.mid", on_progress=told), ("save",)
    ),
    "Score.write_stems": Long(
        lambda m, told: m.score.write_stems(m.out / "stems", on_progress=told),
        ("play", "stems"),
    ),
    "ShotFinder.finish": Long(
        lambda m, told: musify.ShotFinder(musify.probe(m.video), "exact").finish(on_progress=told),
        ("shots",),
    ),
    "ShotFinder.settle": Long(_settled, ("shots",)),
    "Soundtrack.plot": Long(lambda m, told: m.mixed.plot(on_progress=told), ("level", "render")),
    "Soundtrack.render": Long(
        lambda m, told: m.mixed.render(on_progress=told), ("level", "render")
    ),
    "Soundtrack.save": Long(
        lambda m, told: m.mixed.save(m.out / "o.flac", on_progress=told), ("level", "render")
    ),
    "Soundtrack.sha256": Long(
        lambda m, told: m.mixed.sha256(on_progress=told), ("level", "render")
    ),
    "Soundtrack.to_pydub": Long(
        lambda m, told: m.mixed.to_pydub(on_progress=told), ("level", "render")
    ),
    "audio.loudness.measure_file": Long(
        lambda m, told: measure_file(m.video, on_progress=told), ("audit",)
    ),
    "audio.speech_report.speech_to_music": Long(
        lambda m, told: speech_to_music(SPEECH, m.video, m.song, on_progress=told), ("measure",)
    ),
    "index.song_folder.SongFolder.update": Long(
        lambda m, told: SongFolder(m.copied_song().parent).update(on_progress=told), ("index",)
    ),
    "make_demo_video": Long(
        lambda m, told: musify.make_demo_video(m.out / "o.mp4", seconds=2, on_progress=told),
        ("render",),
    ),
}
"""Each with a small job of its own. Those below a module are not in ``musify`` itself."""

TOLD_OTHERWISE: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "AudioMuxer.check",
            "AudioMuxer.left_out",
            "AudioMuxer.mux",
            "FrameSampler.sample",
            "MoodAggregator.aggregate",
            "MoodClassifier.classify",
            "SongLibrary.suited_to",
            "TrackSelector.select",
        ),
        "written by others: what a backend reads and gives tells for it, and ends it",
    ),
    "Pipeline": "takes what the methods tell",
    "Pipeline.classic": "makes a Pipeline, which takes it among the options",
    "Score.soundtrack": "returns at once; the sound tells when it is rendered: Soundtrack.told",
    "Soundtrack.blocks": "an iterator: it ends when it is closed, and tells by Soundtrack.told",
    "Soundtrack.told": "returns at once; what it is for",
    "ShotFinder.watch": "an iterator: whoever feeds it knows how far it is",
    "print_progress": "what is told",
}
"""Those that take no ``on_progress=``, and yet somebody may wait for: why not."""

_DATA = "makes what it is given into a value, and checks it"
_READS_A_FILE = "reads or writes one file of some megabytes at most"

SHORT: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "Analysis",
            "Audit",
            "AuditFinding",
            "BackendInfo",
            "BackendSpec",
            "CancelToken",
            "Candidate",
            "ClarifaiTraining",
            "CollectReport",
            "CollectedMood",
            "Cue",
            "CueSheet",
            "Evidence",
            "FetchedVideo",
            "Fit",
            "FrameSample",
            "GainCurve",
            "Licence",
            "Mood",
            "MoodScores",
            "MoodSegment",
            "MoodSpace",
            "MoodTimeline",
            "Progress",
            "Reason",
            "RunResult",
            "SceneTags",
            "Score",
            "ShotFinder",
            "Shots",
            "SongAnalysis",
            "Soundtrack",
            "SourceRange",
            "Speech",
            "SpeechReport",
            "StreamAudit",
            "StreamInfo",
            "Track",
            "TrainingReport",
            "VideoInfo",
            "VideoOrigin",
            "WrongPicture",
        ),
        _DATA,
    ),
    **dict.fromkeys(
        (
            "AudioMuxer",
            "FrameSampler",
            "MoodAggregator",
            "MoodClassifier",
            "SongLibrary",
            "TrackSelector",
        ),
        "an interface: it is not made",
    ),
    **dict.fromkeys(
        (
            "Candidate.reason",
            "ClarifaiTraining.to_dict",
            "CollectReport.to_dict",
            "CueSheet.credits",
            "Fit.cue",
            "Fit.heard",
            "Fit.sheet",
            "GainCurve.apply",
            "GainCurve.at",
            "GainCurve.from_json",
            "GainCurve.from_node",
            "GainCurve.to_csv",
            "GainCurve.to_dict",
            "GainCurve.to_json",
            "Mood.from_words",
            "Mood.named",
            "MoodScores.top",
            "MoodSpace.nearest",
            "MoodSpace.score",
            "MoodTimeline.at",
            "SpeechReport.to_dict",
            "Track.of_score",
            "Track.settled_in",
            "TrainingReport.to_dict",
            "VideoInfo.fitted_size",
            "VideoInfo.stream",
            "VideoInfo.with_sound",
            "cue_report",
            "explain",
            "scene_tags",
        ),
        "computes with what is in memory: thousands of cues or segments at most",
    ),
    **dict.fromkeys(
        (
            "CueSheet.from_json",
            "CueSheet.load",
            "CueSheet.save",
            "CueSheet.to_json",
            "Score.from_dict",
            "Score.load",
            "Score.save",
            "Score.to_dict",
        ),
        f"{_READS_A_FILE}: an hour of composed music, 70,000 notes, takes 1 s",
    ),
    **dict.fromkeys(
        (
            "CueSheet.plot",
            "GainCurve.plot",
            "MoodScores.plot",
            "MoodTimeline.plot",
            "Score.plot",
            "TrainingReport.plot",
        ),
        "draws what is known, of which 1.5 s for 70,000 notes are the most",
    ),
    "CancelToken.cancel": "sets a flag, and kills processes",
    "CancelToken.raise_if_cancelled": "looks at a flag",
    "get_backend": "loads a module; networks are loaded when they are used",
    "hookimpl": "marks a function",
    "list_backends": "reads what plugins say of themselves",
    "checkpoint": "looks at a flag",
    "list_styles": "reads eight short files",
    "notify": "writes a line into the log",
    "probe": "reads the head of a file; of a raw stream, which has none, its packets",
}
"""Those that do not last, and why."""
