"""Enrolment over HTTPS, and the authority's papers for everyone.

    POST /api/v1/enrol             a centre's signed request; safe to repeat
    GET  /api/v1/enrol/{centre}    how far it has come; Authorization: Bearer TOKEN
    GET  /api/v1/roster            the newest signed roster
    GET  /api/v1/programme         the newest signed programme

Refusals are problem documents (RFC 9457): a type to switch on and a sentence to show. A whole
region may stand behind one address and join within a minute: who is refused is soon asked to wait,
who is taken later.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.concurrency import run_in_threadpool

from chassis.errors import Refusal
from chassis.web.answers import answer
from chassis.web.bodies import Bodies, Body
from chassis.web.problems import problem
from chassis.web.throttle import Throttle
from coordinator.certificates import KeyUnusable
from coordinator.enrolment import invitations
from coordinator.store import CoordinatorStore, centres
from privacy.secure_sum.refusal import BadCard
from schemas.document import MalformedDocument
from schemas.enrolment import EnrolStatus
from schemas.signed import BadSignature

MOST_BYTES = 16_384
_MOST = 600  # a minute, from one address
_STATUS = {
    "invitation-unknown": 403,
    "invitation-expired": 410,
    "invitation-used": 409,
    "key-taken": 409,
}
_NOT_READ = "the request could not be read; nothing was stored"


@dataclass(frozen=True)
class _Desk:
    """What the routes do; every refusal becomes a problem document here."""

    store: CoordinatorStore
    clock: Callable[[], int]
    enrolling: Throttle
    reading: Throttle
    refused: Throttle
    bodies: Bodies = field(default_factory=Bodies, repr=False)

    def enrol(self, raw: bytes) -> Response:
        try:
            request = invitations.read_request(raw)
            with self.store.read() as connection:
                invitations.check_invited(connection, request)
            with self.store.begin() as connection:
                return _status(invitations.enrol(connection, request, self.clock()))
        except (BadCard, BadSignature, MalformedDocument, KeyUnusable) as refusal:
            return problem(400, refusal.code, _NOT_READ)
        except Refusal as refusal:
            return problem(_STATUS.get(refusal.code, 409), refusal.code, str(refusal))

    def status(self, centre: int, token: str) -> Response:
        try:
            with self.store.read() as connection:
                return _status(invitations.status_by_token(connection, centre, token))
        except Refusal as refusal:
            return problem(_STATUS.get(refusal.code, 409), refusal.code, str(refusal))

    def waits(self, request: Request) -> Response | None:
        """Ask an address to wait that was refused too often, or asked far too often."""
        if seconds := self.refused.full(_address(request)):
            return _wait(seconds)
        return _too_many(self.enrolling, request)

    def counted(self, request: Request, response: Response) -> Response:
        """Count a refusal: whoever guesses is refused nearly always."""
        if response.status_code >= 400:
            self.refused.wait(_address(request))
        return response

    def document(self, request: Request, kind: centres.Kind) -> Response:
        if refused := _too_many(self.reading, request):
            return refused
        with self.store.read() as connection:
            digest = centres.latest_digest(connection, kind)
        if digest is None:
            return problem(404, f"no-{kind}", f"the authority has signed no {kind} yet")
        return answer(request, self.bodies.get((kind, digest), lambda: self._read(kind, digest)))

    def _read(self, kind: centres.Kind, digest: str) -> Body:
        with self.store.read() as connection:
            signed = centres.document_of(connection, kind, digest)
        return Body(signed.canonical(), "application/json")


def enrol_router(store: CoordinatorStore, clock: Callable[[], int]) -> APIRouter:
    """The routes, on a store; `clock` gives Unix seconds."""
    router = APIRouter(prefix="/api/v1", tags=["enrolment"])
    desk = _Desk(
        store, clock, Throttle(clock, most=_MOST), Throttle(clock, most=_MOST), Throttle(clock)
    )

    @router.post("/enrol", response_model=EnrolStatus)
    async def post_enrol(request: Request) -> Response:
        """Take a centre's keys. Idempotent: repeat until you hear 200."""
        if refused := desk.waits(request):
            return refused
        raw = await _body(request)
        if raw is None:
            return problem(413, "too-large", "the request is too large; nothing was stored")
        return desk.counted(request, await run_in_threadpool(desk.enrol, raw))

    @router.get("/enrol/{centre}", response_model=EnrolStatus)
    def get_status(
        request: Request, centre: int, authorization: Annotated[str, Header()] = ""
    ) -> Response:
        """Say how far a centre has come, to who holds its invitation."""
        if refused := desk.waits(request):
            return refused
        token = authorization.removeprefix("Bearer ")
        return desk.counted(request, desk.status(centre, token))

    @router.get("/roster")
    def get_roster(request: Request) -> Response:
        """Return the newest roster, as the authority signed it."""
        return desk.document(request, "roster")

    @router.get("/programme")
    def get_programme(request: Request) -> Response:
        """Return the newest programme, as the authority signed it."""
        return desk.document(request, "programme")

    return router


def _too_many(throttle: Throttle, request: Request) -> Response | None:
    seconds = throttle.wait(_address(request))
    return _wait(seconds) if seconds else None


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _wait(seconds: int) -> Response:
    refused = problem(429, "too-many-requests", "too many requests; try again in a minute")
    refused.headers["Retry-After"] = str(seconds)
    return refused


def _status(status: EnrolStatus) -> Response:
    return Response(status.canonical(), media_type="application/json")


async def _body(request: Request) -> bytes | None:
    """Read at most MOST_BYTES, whatever the headers claim; None when there is more."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MOST_BYTES:
            return None
    return bytes(raw)
