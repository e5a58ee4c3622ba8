"""Answers with the right headers: an ETag and a coding for all, a long life for what never
changes."""

from starlette.requests import Request
from starlette.responses import Response

from chassis.web.bodies import Body, Coding, Life

_CACHE: dict[Life, str] = {
    "for-good": "public, max-age=31536000, immutable",
    "ask-again": "public, no-cache",
}


def answer(request: Request, body: Body) -> Response:
    """Return the body as the reader can read it, or 304 when the reader holds it already."""
    coding = coding_for(request.headers.get("accept-encoding", "")) if body.compressible else None
    headers = {
        **body.headers,
        "ETag": f'"{body.tag}-{coding}"' if coding else f'"{body.tag}"',
        "Cache-Control": _CACHE[body.life],
        "Vary": "Accept, Accept-Encoding",
    }
    held = request.headers.get("if-none-match", "")
    if headers["ETag"] in [tag.strip().removeprefix("W/") for tag in held.split(",")]:
        return Response(status_code=304, headers=headers)
    if coding:
        headers["Content-Encoding"] = coding
    return Response(body.coded(coding), media_type=body.media_type, headers=headers)


def coding_for(accepted: str) -> Coding | None:
    """Return the best coding that an Accept-Encoding header allows (RFC 9110, 12.5.3)."""
    weights = {}
    for part in accepted.lower().split(","):
        name, _, words = part.partition(";")
        weights[name.strip()] = _weight(words)
    codings: tuple[Coding, ...] = ("br", "gzip")
    allowed = [(weights.get(c, weights.get("*", 0.0)), c) for c in codings]
    best = max(allowed, key=lambda pair: pair[0])
    return best[1] if best[0] > 0 else None


def _weight(words: str) -> float:
    name, _, value = words.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def as_file(name: str) -> dict[str, str]:
    """The header that has a browser save the answer under this name."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}
