"""Add music to a video and say what was done: ``python first_soundtrack.py IN OUT [SONGS]``."""

import sys

import musify


def main(video: str, output: str, songs: str | None = None) -> None:
    """Add music from a folder of songs, or music that is composed."""
    result = musify.add_music(video, output, library=songs, on_progress=musify.print_progress)
    assert result.timeline is not None
    for segment in result.timeline:
        print(f"{segment.start:7.1f} s  {segment.label:8} {segment.confidence:.0%} sure")
    for cue in result.cues.cues:
        print(f"{cue.start:7.1f} s  {cue.track.credit}")


if __name__ == "__main__":
    main(*sys.argv[1:])
