"""The file of an index: its tables, its versions, and what is done with a damaged one.

Every change is one small transaction that begins with ``BEGIN IMMEDIATE``, under SQLite's rollback
journal: after a crash the file is as it was after the last finished transaction, and two processes
wait for each other. The journal is chosen over the write-ahead log because folders of songs lie on
network drives and cards too, where the log's shared memory does not work (sqlite.org/wal.html).
"""

import contextlib
import datetime
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote_from_bytes

from musify._output import finished_file
from musify.errors import OutputError, ParameterError
from musify.notices import notify

__all__ = ["MIGRATIONS", "connect", "copy_index", "failures_told", "is_damage", "transaction"]

# "musi" as a number: tells an index from what else may lie under its name.
_APPLICATION: Final = 0x6D757369
_BUSY_SECONDS: Final = 30.0

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        # A path is relative to the folder, with slashes, in the bytes of the file system: names
        # need not be text. Times are nanoseconds since 1970.
        """CREATE TABLE files (
            id INTEGER PRIMARY KEY,
            path BLOB NOT NULL UNIQUE,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            seen_ns INTEGER NOT NULL,
            hash BLOB,
            fault TEXT,
            missing INTEGER NOT NULL DEFAULT 0,
            left_out INTEGER NOT NULL DEFAULT 0
        )""",
        "CREATE INDEX files_by_hash ON files (hash)",
        # What is in a file, whatever it is called and wherever it lies.
        """CREATE TABLE contents (
            hash BLOB PRIMARY KEY,
            facts_version INTEGER NOT NULL,
            duration REAL,
            tags TEXT NOT NULL,
            fault TEXT,
            note TEXT,
            heard_version INTEGER,
            heard_duration REAL,
            valence REAL,
            arousal REAL,
            loudness_lufs REAL,
            bpm REAL,
            song_key TEXT,
            instrumental REAL
        )""",
        # Apart, so that choosing among thousands need not turn their pages.
        """CREATE TABLE analyses (
            hash BLOB PRIMARY KEY, version INTEGER NOT NULL, blob BLOB NOT NULL
        )""",
        # The user's own words. Path and hash stand here too, for the day the other tables are lost.
        """CREATE TABLE words (
            file_id INTEGER PRIMARY KEY, path BLOB NOT NULL, hash BLOB, words TEXT NOT NULL
        )""",
        """CREATE TABLE cache (
            hash BLOB NOT NULL, kind TEXT NOT NULL, version INTEGER NOT NULL, blob BLOB NOT NULL,
            PRIMARY KEY (hash, kind)
        )""",
        # Who is listening to what just now, so that two processes share the work.
        "CREATE TABLE claims (hash BLOB PRIMARY KEY, owner TEXT NOT NULL, beat REAL NOT NULL)",
    ),
)
"""What makes each version of the tables out of the one before; the first out of nothing."""


def connect(
    file: Path | None, *, create: bool = True, thorough: bool = False
) -> sqlite3.Connection:
    """Open an index, making it or bringing it up to date where needed.

    Parameters
    ----------
    file : Path or None
        Where it lies; None for one in memory.
    create : bool, default True
        Whether it may be made, or made anew out of a damaged one. Else it must exist.
    thorough : bool, default False
        Whether to look through all of it for damage first.

    Returns
    -------
    sqlite3.Connection
        In autocommit mode; may be passed between threads that take turns.

    Raises
    ------
    ParameterError
        If a newer musify made it, or it is no index; it is not touched.
    OutputError
        If it cannot be opened.
    """
    try:
        return _opened(file, create=create, thorough=thorough)
    except sqlite3.DatabaseError as error:
        if file is None or not is_damage(error):
            raise OutputError(f"cannot open the index {str(file)!r}: {error}") from error
        if not create:
            raise OutputError(
                f"the index {str(file)!r} is damaged ({error}); mend it with: musify library add "
                "FOLDER"
            ) from error
        return _replaced(file, str(error))


def _opened(file: Path | None, *, create: bool, thorough: bool) -> sqlite3.Connection:
    if file is None:
        connection = _plain_connection(":memory:")
    else:
        if not create and not file.exists():
            # Told by us: Python 3.13 warns of a connection that could not be made.
            raise OutputError(f"cannot open the index {str(file)!r}: there is no such file")
        can_change = os.access(file if file.exists() else file.parent, os.W_OK)
        mode = ("rwc" if create else "rw") if can_change else "ro"
        connection = _plain_connection(f"{_uri(file)}?mode={mode}")
    try:
        _bring_up_to_date(connection, file)
        if thorough:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if said != "ok":
                raise _Damaged(said)
    except BaseException:
        connection.close()
        raise
    return connection


class _Damaged(sqlite3.DatabaseError):
    """Damage that SQLite reports as a result, not as an error."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def _plain_connection(name: str) -> sqlite3.Connection:
    return sqlite3.connect(
        name,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        uri=name.startswith("file:"),
    )


def _uri(file: Path) -> str:
    """Name a file as SQLite wants it (sqlite.org/uri.html): network drives are no authority."""
    name = quote_from_bytes(os.fsencode(file.absolute().as_posix()), safe="/:")
    return f"file://{'' if name.startswith('/') else '/'}{name}"


def is_damage(error: sqlite3.Error) -> bool:
    """Tell a file that is not as SQLite wrote it from a full disk, a lock and the like."""
    code = getattr(error, "sqlite_errorcode", 0) or 0
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _bring_up_to_date(connection: sqlite3.Connection, file: Path | None) -> None:
    if _version(connection, file) == len(MIGRATIONS):
        return
    with transaction(connection):
        # Another process may have done it while this one waited.
        for place in range(_version(connection, file), len(MIGRATIONS)):
            for statement in MIGRATIONS[place]:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _version(connection: sqlite3.Connection, file: Path | None) -> int:
    """Read the version of the tables; 0 for a file that is empty."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application != _APPLICATION and (tables or application or version):
        raise ParameterError(
            f"{str(file)!r} is a database of something else, where the index of songs should be; "
            "move it to another place"
        )
    if version > len(MIGRATIONS):
        raise ParameterError(
            f"the index {str(file)!r} was made by a newer musify (version {version}; this one "
            f"knows {len(MIGRATIONS)}), and was left as it is; update musify with: pip install -U "
            "musify-video, or move that file away to have the songs listened to again"
        )
    return int(version)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Change several things at once, or none of them."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite may have rolled back by itself, as on a full disk.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def failures_told(file: Path | None) -> Iterator[None]:
    """Turn what SQLite cannot do into an error that says what to do.

    Raises
    ------
    OutputError
        If the index cannot be read or written.
    """
    try:
        yield
    except sqlite3.Error as error:
        where = "in memory" if file is None else repr(str(file))
        code = getattr(error, "sqlite_errorcode", 0) or 0
        if is_damage(error):
            todo = "it is damaged; mend it with: musify library add FOLDER"
        elif code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            todo = "another process holds it; try again when that has ended"
        elif code & 0xFF == sqlite3.SQLITE_FULL:
            todo = "the disk is full; what was finished before is kept"
        else:
            todo = "what was finished before is kept"
        raise OutputError(f"the index {where} failed: {error}; {todo}") from error


def copy_index(old: Path, new: Path) -> None:
    """Copy an index, whole or not at all, over one that may lie there.

    Raises
    ------
    OutputError
        If that fails.
    """
    with failures_told(new), finished_file(new, overwrite=True) as partial:
        source = connect(old, create=False)
        try:
            target = _plain_connection(_uri(partial))
            try:
                source.backup(target)
            finally:
                target.close()
        finally:
            source.close()


def _replaced(file: Path, why: str) -> sqlite3.Connection:
    """Put a damaged index aside, and begin a new one with the user's words that can be read."""
    words = _rescued(file)
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
    aside = file.with_name(f"{file.name}.damaged-{stamp}")
    try:
        file.replace(aside)
        # A journal belongs to the file beside it, and must not be played into the new one.
        journal = file.with_name(f"{file.name}-journal")
        if journal.exists():
            journal.replace(aside.with_name(f"{aside.name}-journal"))
    except OSError as error:
        raise OutputError(
            f"the index {str(file)!r} is damaged ({why}) and cannot be put aside: "
            f"{error.strerror or error}"
        ) from error
    connection = _opened(file, create=True, thorough=False)
    try:
        with transaction(connection):
            for path, digest, text in words:
                made = connection.execute(
                    "INSERT INTO files (path, size, mtime_ns, seen_ns, hash, missing) "
                    "VALUES (?, -1, 0, 0, ?, 1)",
                    (path, digest),
                )
                connection.execute(
                    "INSERT INTO words VALUES (?, ?, ?, ?)", (made.lastrowid, path, digest, text)
                )
    except BaseException:
        connection.close()
        raise
    kept = f"your words on {len(words)} songs were saved" if words else "no words of yours in it "
    kept += "" if words else "could be read"
    notify(
        f"the index {str(file)!r} was damaged ({why}); it was put aside as {aside.name!r} and a "
        f"new one begun: {kept}, and the songs are listened to again"
    )
    return connection


def _rescued(file: Path) -> list[tuple[bytes, bytes | None, str]]:
    """Read what can still be read of the user's words."""
    found: dict[bytes, tuple[bytes, bytes | None, str]] = {}
    with contextlib.suppress(sqlite3.Error):
        connection = _plain_connection(f"{_uri(file)}?mode=ro")
        try:
            # Row by row: those before the damage are whole.
            for path, digest, text in connection.execute("SELECT path, hash, words FROM words"):
                if isinstance(path, bytes) and isinstance(text, str):
                    found[path] = (path, digest if isinstance(digest, bytes) else None, text)
        finally:
            connection.close()
    return list(found.values())
