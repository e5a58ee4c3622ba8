"""Public documents by their digest: what a round's requests name, for whoever knows the name.

    GET /api/v1/documents/{digest}    SHA-256, hexadecimal; the bytes never change

Who knows no digest finds nothing: there is no list. Only misses are counted by address, for a hit
comes from memory, and a whole region may stand behind one address.
"""

import re
from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from chassis.web.answers import answer
from chassis.web.bodies import Bodies, Body
from chassis.web.problems import REFUSALS, NotFound, TooMany
from chassis.web.throttle import Throttle
from coordinator.store import CoordinatorStore, public_documents
from schemas.request import DOCUMENTS

_DIGEST = re.compile("[0-9a-f]{64}")
_KEPT_BYTES = 16 * 2**20


def documents_router(store: CoordinatorStore, clock: Callable[[], int]) -> APIRouter:
    """The route, on a store; `clock` gives Unix seconds."""
    router = APIRouter(prefix=DOCUMENTS, tags=["rounds"], responses=REFUSALS)
    bodies, throttle = Bodies(most=_KEPT_BYTES), Throttle(clock)

    def read(digest: str) -> Body:
        found = None
        if _DIGEST.fullmatch(digest):
            with store.read() as connection:
                found = public_documents.body_of(connection, bytes.fromhex(digest))
        if found is None:
            raise NotFound("there is no document with this digest, or not any more")
        return Body(found, "application/octet-stream", "for-good")

    @router.get("/{digest}", response_class=Response)
    def get_document(request: Request, digest: str) -> Response:
        """A document of a round that is under way, or was within a week: signed keys and papers."""
        address = request.client.host if request.client else ""
        if seconds := throttle.full(address):
            raise TooMany(seconds)
        try:
            body = bodies.get(digest, lambda: read(digest))
        except NotFound:
            throttle.wait(address)
            raise
        return answer(request, body)

    return router
