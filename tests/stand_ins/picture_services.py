"""Pixabay and Openverse's pictures as they answer over the wire."""

import io
from typing import Any, Final

import numpy as np
from PIL import Image

from stand_ins.web_service import Request, WebService, json_reply, reply


def picture(seed: int, size: tuple[int, int] = (640, 426), kind: str = "JPEG") -> bytes:
    """Draw a picture of a few soft blots that is like no other seed's."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8))
    out = io.BytesIO()
    small.resize(size, Image.Resampling.BICUBIC).save(out, kind)
    return out.getvalue()


class Pixabay(WebService):
    """The official API of Pixabay: every search finds ``count`` pictures of its own."""

    KEY: Final = "1234567-0123456789abcdef01234567"

    def __init__(self, count: int = 150) -> None:
        super().__init__()
        self.count = count
        self.overlap = 0
        self._searches: list[str] = []
        self.on("/api/", self._search)
        self.on("/get/", self._picture)

    @property
    def base_url(self) -> str:
        return f"{self.url}/api"

    def _search(self, request: Request) -> bytes:
        def refused(words: str) -> bytes:
            return reply(f"[ERROR 400] {words}", 400, "text/plain")

        query = request.query
        if query.get("key") != self.KEY:
            return refused("Invalid or missing API key (https://pixabay.com/api/docs/).")
        if not 3 <= int(query.get("per_page", 20)) <= 200:
            return refused('"per_page" is out of valid range.')
        size, page = int(query.get("per_page", 20)), int(query.get("page", 1))
        hits = min(self.count, 500)
        if page < 1 or (page > 1 and (page - 1) * size >= 500):
            return refused('"page" is out of valid range.')
        if query["q"] not in self._searches:
            self._searches.append(query["q"])
        first = 100_000 + self._searches.index(query["q"]) * (10_000 - self.overlap)
        numbers = range(first + (page - 1) * size, first + min(page * size, hits))
        return json_reply(
            {
                "total": self.count * 9,
                "totalHits": hits,
                "hits": [self._hit(number) for number in numbers],
            },
            X_RateLimit_Limit="100",
            X_RateLimit_Remaining="87",
            X_RateLimit_Reset="42",
        )

    def _hit(self, number: int) -> dict[str, Any]:
        return {
            "id": number,
            "pageURL": f"https://pixabay.com/photos/thing-{number}/",
            "type": "photo",
            "tags": "thing, other thing",
            "previewURL": f"{self.url}/get/{number}_150.jpg",
            "webformatURL": f"{self.url}/get/{number}_640.jpg",
            "webformatWidth": 640,
            "webformatHeight": 426,
            "largeImageURL": f"{self.url}/get/{number}_1280.jpg",
            "views": 208359,
            "user_id": 2163857,
            "user": "Cimberley",
        }

    def _picture(self, request: Request) -> bytes:
        number = int(request.path.rpartition("/")[2].partition("_")[0])
        return reply(picture(number, (160, 107)), kind="image/jpeg")


class OpenversePictures(WebService):
    """``/v1/images/`` of Openverse, for who has no account."""

    def __init__(self, count: int = 60) -> None:
        super().__init__()
        self.count = count
        self.on("/v1/images/", self._images)

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def _images(self, request: Request) -> bytes:
        if request.path.endswith("/thumb/"):
            number = int(request.path.split("/")[-3].rpartition("-")[2])
            return reply(picture(number, (160, 107)), kind="image/jpeg")
        query = request.query
        size, page = int(query.get("page_size", 20)), int(query.get("page", 1))
        if size > 20:
            detail = "page_size may not exceed 20 for anonymous requests"
            return json_reply({"detail": detail}, 401)
        if page * size > 240:
            return json_reply({"detail": "too deep"}, 401)
        first = sum(map(ord, query["q"])) * 1000
        numbers = range(first + (page - 1) * size, first + min(page * size, self.count))
        return json_reply(
            {
                "result_count": self.count,
                "page_count": -(-self.count // size),
                "page_size": size,
                "page": page,
                "results": [self._record(number, query) for number in numbers],
            },
            **{
                "x-ratelimit-limit-anon_burst": "20/min",
                "x-ratelimit-available-anon_burst": "12",
            },
        )

    def _record(self, number: int, query: Any) -> dict[str, Any]:
        licences = query["license"].split(",")
        licence = licences[number % len(licences)]
        return {
            "id": f"0aa0bb00-1111-2222-3333-{number}",
            "title": f"Thing {number}",
            "foreign_landing_url": f"https://www.flickr.com/photos/1@N01/{number}",
            "url": f"https://live.staticflickr.com/1/{number}_b.jpg",
            "creator": None if number % 3 == 0 else "Somebody",
            "license": licence,
            "license_version": "1.0" if licence in ("cc0", "pdm") else "2.0",
            "license_url": None,
            "source": "flickr",
            "tags": [{"name": "thing", "accuracy": None}],
            "mature": False,
            "height": 683,
            "width": 1024,
            "thumbnail": f"{self.url}/v1/images/0aa0bb00-1111-2222-3333-{number}/thumb/",
        }
