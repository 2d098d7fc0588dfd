"""Files that tools read and write, told with their checksums."""

import hashlib
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src/musify"


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def verified(path: Path, sha256: str) -> Path:
    """Return the path when the file is the one the tool was written for."""
    if (found := checksum(path)) != sha256:
        raise SystemExit(f"{path} has the SHA-256 {found}, not {sha256}")
    print(f"read    {path.name:40} {sha256}")
    return path


def tell_written(path: Path) -> None:
    """Print what was written."""
    print(f"written {path.name:40} {checksum(path)} {path.stat().st_size:,} bytes")
