"""Refusals over HTTP: a type to switch on and a sentence to show (RFC 9457).

Refused              400  the question cannot be answered as it was put
├── NotFound         404  no such thing or page
├── TooMany          429  try again later
└── Broken           500  something went wrong here
"""

from typing import Any, ClassVar

from fastapi.responses import JSONResponse

from chassis.errors import Refusal
from chassis.texts import Texts

PROBLEM = "application/problem+json"
REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "Refused, with a sentence that says why (RFC 9457)",
        "content": {
            PROBLEM: {
                "schema": {
                    "type": "object",
                    "required": ["type", "title", "status"],
                    "properties": {
                        "type": {"type": "string", "format": "uri"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                    },
                }
            }
        },
    }
}
"""How OpenAPI describes them."""


def problem(status: int, code: str, sentence: str) -> JSONResponse:
    """Return a problem document."""
    body = {"type": f"urn:wegwijs:{code}", "title": sentence, "status": status}
    return JSONResponse(body, status_code=status, media_type=PROBLEM)


class Refused(Refusal):
    """The question cannot be answered as it was put. The sentence is for who asked."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad-question"

    def said(self, texts: Texts) -> str:
        """The clause in the reader's language, as far as it is for readers of pages."""
        return texts(self.message, **self.values)


class NotFound(Refused):
    """There is no such thing or page."""

    status = 404
    code = "not-found"


class TooMany(Refused):
    """Too many questions from one address; `seconds` until the next is heard."""

    status = 429
    code = "too-many-requests"

    def __init__(self, seconds: int) -> None:
        super().__init__("too many requests; try again in a minute")
        self.seconds = seconds


class Broken(Refused):
    """Something went wrong here; the sentence says nothing about what."""

    status = 500
    code = "internal"

    def __init__(self) -> None:
        super().__init__("something went wrong here; please try again later")
