"""How rounds ended, by their id, for the centres that contributed to them.

    GET /api/v1/ended/{rid}    200: what shows who is in the sum, or gives the charge back
                               204: the round is not over

A region may stand behind one address, and each of its centres asks until a round is over: only who
names rounds that never were is counted by address.
"""

import re
from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from chassis.web.answers import answer
from chassis.web.bodies import Bodies, Body
from chassis.web.problems import REFUSALS, NotFound, TooMany
from chassis.web.throttle import Throttle
from coordinator.rounds.ending import ending
from coordinator.store import CoordinatorStore, rounds
from schemas.request import ENDED

_ROUND = re.compile("[0-9a-f]{64}")
_KEPT_BYTES = 4 * 2**20
_NOT_YET = {"Cache-Control": "no-store"}


class _Open(LookupError):
    """The round is not over."""


def ended_router(store: CoordinatorStore, clock: Callable[[], int]) -> APIRouter:
    """The route, on a store; `clock` gives Unix seconds."""
    router = APIRouter(prefix=ENDED, tags=["rounds"], responses=REFUSALS)
    bodies, throttle = Bodies(most=_KEPT_BYTES), Throttle(clock)

    def read(name: str) -> Body:
        rid = bytes.fromhex(name) if _ROUND.fullmatch(name) else b""
        with store.read() as connection:
            stored = rounds.by_rid(connection, rid)
            if stored is None:
                raise NotFound("there is no round with this id")
            found = ending(connection, rid, stored)
        if found is None:
            raise _Open
        return Body(found.to_bytes(), "application/octet-stream", "for-good")

    @router.get("/{rid}", response_class=Response)
    def get_ending(request: Request, rid: str) -> Response:
        """Who is in a round's sum, or that it was given up; 204 while it is not over."""
        address = request.client.host if request.client else ""
        if seconds := throttle.full(address):
            raise TooMany(seconds)
        try:
            body = bodies.get(rid, lambda: read(rid))
        except _Open:
            return Response(status_code=204, headers=_NOT_YET)
        except NotFound:
            throttle.wait(address)
            raise
        return answer(request, body)

    return router
