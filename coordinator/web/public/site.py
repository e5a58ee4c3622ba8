"""The public application: API, pages and what they have in common."""

from collections.abc import Callable

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from chassis.web.application import answer_all
from chassis.web.assets import add_assets
from chassis.web.problems import Refused, TooMany, problem
from chassis.web.throttle import Throttle
from coordinator.store import CoordinatorStore
from coordinator.web.public.api import api_router, withheld_router
from coordinator.web.public.cross_origin import CrossOrigin
from coordinator.web.public.pages.router import Pages, pages_router
from coordinator.web.public.release_cache import ReleaseCache

_MOST_A_MINUTE = 600
_ABOUT = "Statistics of career guidance: secure sums with privacy noise. Open to everyone."


def create_app(store: CoordinatorStore, clock: Callable[[], int], public_url: str) -> FastAPI:
    """Return the application; `clock` gives Unix seconds, `public_url` is in invitations too."""
    app = FastAPI(
        title="Wegwijs", version="1", description=_ABOUT, docs_url=None, redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        redirect_slashes=False,  # it would send a reader to whatever host the request named
    )  # fmt: skip
    release_cache, throttle = ReleaseCache(store), Throttle(clock, most=_MOST_A_MINUTE)
    pages = Pages(release_cache, public_url)
    app.state.release_cache = release_cache

    async def throttled(request: Request) -> None:  # async: it needs no thread of its own
        if seconds := throttle.wait(request.client.host if request.client else ""):
            raise TooMany(seconds)

    def refuse(request: Request, refusal: Refused) -> Response:
        if request.url.path.startswith("/api/"):
            response: Response = problem(refusal.status, refusal.code, str(refusal))
        else:
            response = pages.refused(request, refusal)
        if isinstance(refusal, TooMany):
            response.headers["Retry-After"] = str(refusal.seconds)
        return response

    app.include_router(api_router(release_cache, throttled))
    app.include_router(withheld_router(release_cache, throttled))
    app.include_router(pages_router(pages, throttled))
    add_assets(app, throttled)
    app.add_middleware(CrossOrigin)
    answer_all(app, refuse)
    return app
