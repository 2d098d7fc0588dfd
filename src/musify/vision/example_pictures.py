"""A mood of one's own, from pictures that show it."""

from collections.abc import Iterator

from musify._ffmpeg import StrPath
from musify.errors import ParameterError
from musify.interfaces import MoodClassifier
from musify.moods import Mood
from musify.plugins import DEFAULTS, get_backend
from musify.progress import ProgressCallback, tell
from musify.samples import FrameSample
from musify.vision.pictures import find_pictures, read_pictures

__all__ = ["mood_from_pictures"]


def mood_from_pictures(
    name: str,
    folder: StrPath,
    classifier: MoodClassifier | str = DEFAULTS["mood_classifier"],
    *,
    on_progress: ProgressCallback | None = None,
) -> Mood:
    """Make a mood that stands where a classifier sees a folder of example pictures.

    Parameters
    ----------
    name : str
        What to call it.
    folder : path-like
        Pictures of the mood (jpg, png, webp, gif, bmp, tiff), in it and in folders below it; those
        that cannot be read are left out and told.
    classifier : MoodClassifier or str, optional
        What looks at them, or its name; by default the default classifier.
    on_progress : callable, optional
        Called with :class:`Progress`, stage ``"look"``.

    Returns
    -------
    Mood
        At the mean of their places in the plane.

    Raises
    ------
    ParameterError
        If there is no picture that can be read.

    Examples
    --------
    >>> mine = mood_from_pictures("cosy", "pictures/cosy")  # doctest: +SKIP
    >>> space = MoodSpace(["calm", "happy", mine])  # doctest: +SKIP
    """
    if isinstance(classifier, str):
        classifier = get_backend("mood_classifier", classifier)
    files = find_pictures(folder)

    def samples() -> Iterator[FrameSample]:
        # A classifier wants times that ascend; pictures have none.
        for index, (_, image) in enumerate(read_pictures(files)):
            yield FrameSample(float(index), image)
            tell(on_progress, "look", index + 1, len(files))
        tell(on_progress, "look", len(files), len(files))

    plane = classifier.classify(samples()).plane
    if not len(plane):
        raise ParameterError(
            f"{str(folder)!r} holds no picture that can be read (of {len(files)} files); "
            "give jpg, png, webp, gif, bmp or tiff files"
        )
    valence, arousal = plane.mean(axis=0)
    return Mood(name, float(valence), float(arousal))
