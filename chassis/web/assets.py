"""What every page loads: the style sheet, the sign and the fonts, from this server alone."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Response
from starlette.staticfiles import StaticFiles

from chassis.present import fonts
from chassis.present.rendering import STATIC

_LIFE = {"Cache-Control": "public, max-age=604800, immutable"}


def add_assets(app: FastAPI, throttled: Any) -> None:
    """Serve them; `throttled` is a dependency that refuses who asks too often for fonts."""
    router = APIRouter(include_in_schema=False, dependencies=[Depends(throttled)])
    for weight in fonts.WEIGHTS:
        router.add_api_route(f"/fonts/source-sans-{weight}.woff2", _font(weight), methods=["GET"])
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")


def _font(weight: int) -> Callable[[], Response]:
    def font() -> Response:
        return Response(fonts.woff2(weight), media_type="font/woff2", headers=_LIFE)

    return font
