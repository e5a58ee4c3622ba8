"""The public application: API, pages and what they have in common."""

from collections.abc import Callable

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from coordinator.serve.api import api_router, withheld_router
from coordinator.serve.cross_origin import CrossOrigin
from coordinator.serve.manners import Manners
from coordinator.serve.pages.router import Pages, pages_router
from coordinator.serve.problems import Broken, NotFound, Refused, TooMany, problem
from coordinator.serve.shelf import Shelf
from coordinator.serve.throttle import Throttle
from coordinator.store import CoordinatorStore

_MOST_A_MINUTE = 600
_ABOUT = "Statistics of career guidance: secure sums with privacy noise. Open to everyone."


def create_app(store: CoordinatorStore, clock: Callable[[], int], public_url: str) -> FastAPI:
    """Return the application; `clock` gives Unix seconds, `public_url` is in invitations too."""
    app = FastAPI(
        title="Wegwijs", version="1", description=_ABOUT, docs_url=None, redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        redirect_slashes=False,  # it would send a reader to whatever host the request named
    )  # fmt: skip
    shelf, throttle = Shelf(store), Throttle(clock, most=_MOST_A_MINUTE)
    pages = Pages(shelf, public_url)
    app.state.shelf = shelf

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

    _refusals(app, refuse)
    app.include_router(api_router(shelf, throttled))
    app.include_router(withheld_router(shelf, throttled))
    app.include_router(pages_router(pages, throttled))
    app.mount("/static", pages.assets, name="static")
    app.add_middleware(CrossOrigin)
    app.add_middleware(Manners, broken=lambda request: refuse(request, Broken()))
    return app


def _refusals(app: FastAPI, refuse: Callable[[Request, Refused], Response]) -> None:
    """Every refusal of the framework and of ours ends in `refuse`."""

    def refused(request: Request, error: Exception) -> Response:
        return refuse(request, error if isinstance(error, Refused) else Broken())

    def unread(request: Request, _: Exception) -> Response:
        return refuse(request, Refused("the request could not be read"))

    def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 404:
            return refuse(request, NotFound("there is nothing at this address"))
        response = problem(status, "not-answered", "this address does not answer such a request")
        response.headers.update(getattr(error, "headers", None) or {})
        return response

    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(RequestValidationError, unread)
    app.add_exception_handler(HTTPException, http)
