"""Documents: frozen, strict, with one canonical form.

Two readers of the same bytes must never disagree, so there is exactly one spelling of each
document: JSON with sorted keys and no white space. Only the figures of a release are floats, each
in the shortest decimals that give it back. Reading refuses any other spelling.
"""

import hashlib
import json
import re
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError


class MalformedDocument(ValueError):
    """The bytes are not a document of the expected kind. Nothing was stored."""

    code = "malformed-document"


def places(error: ValidationError, *, strange: re.Pattern[str] | None = None) -> str:
    """Where the first three mistakes are; of fields that are too many only names like `strange`."""
    found = []
    for one in error.errors()[:3]:
        path = one["loc"]
        if one["type"] == "extra_forbidden" and not (strange and strange.fullmatch(str(path[-1]))):
            path = path[:-1]
        found.append(".".join(map(str, path)) or "start")
    return ", ".join(found)


class Document(BaseModel):
    """Base of everything that crosses a boundary. Unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def canonical(self) -> bytes:
        """Return the one spelling of this document, UTF-8."""
        plain = self.model_dump(mode="json")
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode()

    @classmethod
    def from_canonical(cls, raw: bytes) -> Self:
        """Read the one spelling. Raises MalformedDocument on any other bytes."""
        try:
            document = cls.model_validate_json(raw)
        except ValidationError as error:
            raise MalformedDocument(f"not a valid {cls.__name__}: see {places(error)}") from None
        if document.canonical() != raw:
            raise MalformedDocument(f"{cls.__name__} is not in its canonical spelling")
        return document

    def digest(self) -> str:
        """SHA-256 of the canonical bytes, under the document's own name; hexadecimal."""
        tag = f"wegwijs/{type(self).__name__}\n".encode()
        return hashlib.sha256(tag + self.canonical()).hexdigest()
