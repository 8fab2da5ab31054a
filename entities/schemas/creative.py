"""Creatives: an asset, its length and its weight in the rotation."""

import re
from pathlib import PurePosixPath
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import BeforeValidator, ValidationInfo, model_validator

from entities.enums import AdFormat, CreativeMimeType, EntityStatus, QAStatus
from entities.errors import RefusedError
from entities.models import Creative
from entities.schemas.base import Create, Name, integer, refuse, word

SCHEMES = ("https", "http", "s3", "gs")


def _url(value: object, info: ValidationInfo) -> str:
    allowed = f"an address of at most 2,000 characters that starts with {', '.join(SCHEMES)}, without spaces"
    if not isinstance(value, str) or len(value) > 2000 or re.search(r"\s", value) or not value.isprintable():
        raise refuse(info, value, allowed)
    try:
        parts = urlsplit(value)
    except ValueError:
        raise refuse(info, value, allowed) from None
    if parts.scheme not in SCHEMES or not parts.netloc:
        raise refuse(info, value, allowed)
    return value


Url = Annotated[str, BeforeValidator(_url)]


class CreativeCreate(Create[Creative]):
    """A creative; only its address and type are required."""

    asset_url: Url
    mime_type: Annotated[CreativeMimeType, word(CreativeMimeType)]
    name: Name = "creative"
    duration_s: Annotated[int, integer(1, 1000)] = 30
    ad_format: Annotated[AdFormat | None, word(AdFormat)] = None
    """None means the line item's format."""
    click_url: Url | None = None
    weight: Annotated[int, integer(1, 1000)] = 1
    qa_status: Annotated[QAStatus, word(QAStatus)] = QAStatus.approved
    status: Annotated[EntityStatus, word(EntityStatus)] = EntityStatus.active

    @model_validator(mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("name") is None and isinstance(given.get("asset_url"), str):
            return {**given, "name": _stem(given["asset_url"])}
        return given

    @model_validator(mode="after")
    def _fits_format(self) -> "CreativeCreate":
        if self.ad_format is not None:
            self.check_length(self.ad_format)
        return self

    def check_length(self, ad_format: AdFormat, placements: tuple[str, ...] = (), *path: str | int) -> None:
        """Refuse a creative, which stands at *path*, if no place of *placements* takes that length."""
        most = ad_format.max_seconds_in(*placements)
        if self.duration_s > most:
            where = f" in {' and '.join(placements)}" if placements else ""
            allowed = f"{ad_format}{where} takes at most {most} seconds"
            line = f"duration_s {self.duration_s}: {allowed}"
            raise RefusedError(line, value=self.duration_s, allowed=allowed, path=(*path, "duration_s"))

    def row(self, **columns: Any) -> Creative:
        """Return the creative as a row, a standard video where nothing says another format."""
        return super().row(**{"ad_format": self.ad_format or AdFormat.standard_video, **columns})


def _stem(url: str) -> str:
    try:
        name = PurePosixPath(unquote(urlsplit(url).path)).stem
    except ValueError:
        name = ""
    return "".join(letter for letter in name if letter.isprintable()).strip()[:120] or "creative"
