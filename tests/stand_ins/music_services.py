"""Openverse and Jamendo as they answer over the wire, with songs that a test gives them."""

from dataclasses import dataclass
from typing import Any, Final

from stand_ins.web_service import Request, WebService, file_reply, json_reply

_LENGTHS: Final = {
    "shortest": (0, 30),
    "short": (30, 120),
    "medium": (120, 600),
    "long": (600, 1e9),
}
_LICENCES: Final = (
    *("by", "by-sa", "by-nc", "by-nd", "by-nc-sa", "by-nc-nd"),
    *("cc0", "pdm", "sampling+", "nc-sampling+"),
)


@dataclass(frozen=True)
class Song:
    """A song on offer."""

    id: str
    title: str
    artist: str = "Ada Example"
    licence: str = "by"
    seconds: float = 200.0
    tags: tuple[str, ...] = ("calm", "instrumental")
    content: bytes = b"ID3" + b"\0" * 997
    kind: str = "audio/mpeg"

    @property
    def licence_url(self) -> str:
        if self.licence in ("cc0", "pdm"):
            name = {"cc0": "zero", "pdm": "mark"}[self.licence]
            return f"http://creativecommons.org/publicdomain/{name}/1.0/"
        return f"http://creativecommons.org/licenses/{self.licence}/4.0/"


class _Files(WebService):
    """Gives the songs themselves, with resuming."""

    def __init__(self, *songs: Song) -> None:
        super().__init__()
        self.songs = list(songs)
        self.on("/files/", self._file)

    def _file(self, request: Request) -> bytes:
        name = request.path.rpartition("/")[2]
        for song in self.songs:
            if song.id == name:
                return file_reply(request, song.content, song.kind)
        return json_reply({"detail": "Not found."}, 404)

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path.startswith(path)]


class Openverse(_Files):
    """``/v1/audio/`` of Openverse, for who has no account."""

    def __init__(self, *songs: Song) -> None:
        super().__init__(*songs)
        self.burst = 1000
        self.on("/v1/audio/", self._audio)

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def _audio(self, request: Request) -> bytes:
        query = request.query
        size, page = int(query.get("page_size", 20)), int(query.get("page", 1))
        if size > 20:
            return json_reply({"detail": "page_size may not exceed 20 for anonymous requests"}, 401)
        if page * size > 240:
            return json_reply({"detail": "page depth may not exceed 240"}, 401)
        licences = query["license"].split(",")
        for licence in licences:
            if licence not in _LICENCES:
                return json_reply(
                    {
                        "error": "InputError",
                        "detail": "Invalid input given for fields. 'license' -> License "
                        f"'{licence}' does not exist.",
                        "fields": ["license"],
                    },
                    400,
                )
        spans = [_LENGTHS[word] for word in query["length"].split(",")]
        found = [
            song
            for song in self.songs
            if song.licence in licences
            and any(low <= song.seconds <= high for low, high in spans)
            and all(word in (*song.tags, *song.title.lower().split())
                    for word in query["q"].split())
        ]  # fmt: skip
        shown = found[(page - 1) * size : page * size]
        self.burst -= 1
        limits = {
            "x-ratelimit-limit-anon_burst": "20/min",
            "x-ratelimit-available-anon_burst": str(max(self.burst, 0)),
            "x-ratelimit-limit-anon_sustained": "200/day",
            "x-ratelimit-available-anon_sustained": "180",
        }
        return json_reply(
            {
                "result_count": len(found),
                "page_count": -(-len(found) // size),
                "page_size": size,
                "page": page,
                "results": [self._record(song) for song in shown],
            },
            **limits,
        )

    def _record(self, song: Song) -> dict[str, Any]:
        return {
            "id": song.id,
            "title": song.title,
            "indexed_on": "2021-04-11T00:00:00Z",
            "foreign_landing_url": f"https://www.jamendo.com/track/{song.id}",
            "url": f"{self.url}/files/{song.id}",
            "creator": song.artist,
            "creator_url": "https://www.jamendo.com/artist/1",
            "license": song.licence,
            "license_version": "4.0",
            "license_url": song.licence_url,
            "provider": "jamendo",
            "source": "jamendo",
            "category": "music",
            "genres": ["ambient"],
            "filesize": len(song.content),
            "filetype": "mp32",
            "tags": [{"name": tag, "accuracy": None} for tag in song.tags],
            "alt_files": None,
            "attribution": f'"{song.title}" by {song.artist} is licensed under CC BY 4.0.',
            "fields_matched": ["tags.name"],
            "mature": False,
            "duration": int(song.seconds * 1000),
            "bit_rate": 128000,
            "sample_rate": 44100,
            "thumbnail": None,
        }


class Jamendo(_Files):
    """``/v3.0/tracks/`` of Jamendo, whose errors come with status 200."""

    KEY: Final = "5e7a9c01"

    def __init__(self, *songs: Song) -> None:
        super().__init__(*songs)
        self.on("/v3.0/tracks/", self._tracks)

    @property
    def base_url(self) -> str:
        return f"{self.url}/v3.0"

    @staticmethod
    def failed(code: int, words: str) -> bytes:
        headers = {"status": "failed", "code": code, "error_message": words, "warnings": "",
                   "results_count": 0}  # fmt: skip
        return json_reply({"headers": headers, "results": []})

    def _tracks(self, request: Request) -> bytes:
        query = request.query
        if query.get("client_id") != self.KEY:
            return self.failed(5, f"Your credential is not authorized. {query.get('client_id')}")
        limit, offset = int(query.get("limit", 10)), int(query.get("offset", 0))
        if limit > 200:
            return self.failed(3, "limit is too large")
        low, high = (float(word) for word in query["durationbetween"].split("_"))
        found = []
        for song in self.songs:
            speed = next((tag[6:] for tag in song.tags if tag.startswith("speed_")), "low")
            if (
                set(query["fuzzytags"].split()) & set(song.tags)
                and low <= song.seconds <= high
                and not (query.get("ccnd") == "false" and "nd" in song.licence)
                and not (query.get("ccnc") == "false" and "nc" in song.licence)
                and speed in query.get("speed", speed).split()
                and query.get("vocalinstrumental", "calm") in (*song.tags, "calm")
            ):
                found.append(self._record(song, speed))
        shown = found[offset : offset + limit]
        headers = {"status": "success", "code": 0, "error_message": "", "warnings": "",
                   "results_count": len(shown)}  # fmt: skip
        return json_reply({"headers": headers, "results": shown})

    def _record(self, song: Song, speed: str) -> dict[str, Any]:
        return {
            "id": song.id,
            "name": song.title,
            "duration": int(song.seconds),
            "artist_id": "421168",
            "artist_name": song.artist,
            "license_ccurl": song.licence_url,
            "releasedate": "2021-04-11",
            "audio": f"{self.url}/files/{song.id}?format=mp31&from=app-devsite",
            "audiodownload": f"{self.url}/files/{song.id}?from=app-devsite",
            "prourl": "",
            "shareurl": f"https://www.jamendo.com/track/{song.id}",
            "musicinfo": {
                "vocalinstrumental": "instrumental" if "instrumental" in song.tags else "vocal",
                "lang": "",
                "gender": "",
                "speed": speed,
                "tags": {"genres": ["ambient"], "instruments": [], "vartags": list(song.tags)},
            },
            "audiodownload_allowed": True,
            "content_id_free": False,
        }
