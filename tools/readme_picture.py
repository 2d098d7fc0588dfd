"""Makes docs/images/result.svg, the picture in the README, from a real run on the demo video."""

import base64
import subprocess
import sys
import tempfile
from pathlib import Path

import musify
from musify import _ffmpeg
from musify._svg import LEFT, PLOT
from musify._timeline_picture import timeline_svg
from musify.demo import make_demo_video

THUMBNAILS = 8
STRIP = 52
"""Height of the strip of pictures above the timeline."""


def thumbnail(video: Path, time: float) -> str:
    """Take a small picture out of a video, as a data URI."""
    command = [_ffmpeg.executable(), "-v", "error", "-ss", f"{time}", "-i", str(video)]
    command += ["-frames:v", "1", "-vf", "scale=160:-1", "-f", "image2pipe", "-c:v", "mjpeg", "-"]
    picture = subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode("ascii")


def main(target: Path) -> None:
    """Run the demo and draw it."""
    with tempfile.TemporaryDirectory() as folder:
        video = make_demo_video(Path(folder) / "demo.mp4")
        result = musify.add_music(video, Path(folder) / "music.mp4")
        assert result.timeline is not None
        width = PLOT / THUMBNAILS
        step = result.video.duration / THUMBNAILS
        strip = "".join(
            f'<image x="{LEFT + place * width:.1f}" y="6" width="{width - 1:.1f}" height="46" '
            f'preserveAspectRatio="xMidYMid slice" href="{thumbnail(video, time)}"/>'
            for place, time in enumerate((place + 0.5) * step for place in range(THUMBNAILS))
        )
    inner = timeline_svg(result.timeline, result.cues)
    body = inner[inner.index(">") + 1 : inner.rindex("</svg>")].replace("currentColor", "#222")
    height = int(inner.split('viewBox="0 0 760 ')[1].split('"')[0]) + STRIP
    target.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {height}">'
        f'<rect width="760" height="{height}" fill="#fff"/>{strip}'
        f'<g transform="translate(0 {STRIP})">{body}</g></svg>\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images/result.svg"))
