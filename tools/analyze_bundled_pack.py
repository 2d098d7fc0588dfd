"""Listen to the songs of the extra 'songs' ahead, so that nobody's first run waits for it.

Run it whenever ``ANALYSIS_VERSION`` is raised or the pack has a new version::

    python tools/analyze_bundled_pack.py

It reads the package immich-memories-music that is installed (MIT; 28 songs) and writes
``src/musify/data/bundled_songs.jsonl``: numbers about the songs, no sound.
"""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import immich_memories_music

from musify.audio.analyze_song import analyze_song
from musify.index.packed_songs import PackedSong, dump_songs
from musify.index.song_files import content_hash, find_songs, read_facts

OUTPUT = Path(__file__).parents[1] / "src" / "musify" / "data" / "bundled_songs.jsonl"


def listen(folder: Path, name: str) -> PackedSong:
    """Find out all there is to know of a song."""
    path = folder / name
    song = PackedSong(name, content_hash(path), read_facts(path), analyze_song(path))
    print(f"{name}: {song.analysis}")
    return song


def main() -> int:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--workers", type=int, default=2, help="songs at a time")
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    folder = Path(immich_memories_music.tracks_dir())
    begin = time.process_time()
    with ThreadPoolExecutor(options.workers) as pool:
        names = [file.path for file in find_songs(folder).files]
        songs = list(pool.map(lambda name: listen(folder, name), names))
    text = dump_songs(songs)
    options.output.write_text(text, encoding="ascii")
    print(
        f"{len(songs)} songs in {time.process_time() - begin:.1f} s cpu; {len(text)} bytes in "
        f"{options.output}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
