"""What every application does alike: each request gets an answer of ours, and no traceback."""

from collections.abc import Callable

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from chassis.web.headers import Headers
from chassis.web.problems import Broken, NotFound, Refused, problem


def answer_all(app: FastAPI, refuse: Callable[[Request, Refused], Response]) -> None:
    """End every refusal, of the framework and of ours, in `refuse`; head every answer.

    Call it last: what was added before it stands inside.
    """

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
    app.add_middleware(Headers, broken=lambda request: refuse(request, Broken()))
