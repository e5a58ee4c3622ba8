"""Answers with the right headers: an ETag for all, and a long life for what never changes."""

import hashlib
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

Life = Literal["for-good", "ask-again"]
_CACHE: dict[Life, str] = {
    "for-good": "public, max-age=31536000, immutable",
    "ask-again": "public, no-cache",
}


def answer(
    request: Request, body: bytes | str, media_type: str, life: Life = "ask-again"
) -> Response:
    """Return the body, or 304 when the reader holds it already."""
    raw = body.encode() if isinstance(body, str) else body
    headers = {
        "ETag": f'"{hashlib.sha256(raw).hexdigest()[:32]}"',
        "Cache-Control": _CACHE[life],
        "Vary": "Accept",
    }
    held = request.headers.get("if-none-match", "")
    if headers["ETag"] in [tag.strip().removeprefix("W/") for tag in held.split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(raw, media_type=media_type, headers=headers)


def as_file(response: Response, name: str) -> Response:
    """Have a browser save the answer under this name."""
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
