"""Before a node is enrolled it speaks HTTPS to its coordinator, and trusts the CA of its
invitation only.

EnrolFailure
├── Unreachable      4  no answer; nothing was lost, try again
├── WrongServer      3  another certificate than the invitation promises
├── NotThere         4  the region has no such document yet
├── RefusedInvite    2  the region does not know the invitation, or it expired
└── RefusedRequest   3  anything else it refuses
"""

import json
import ssl
from ipaddress import ip_address
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlsplit

import httpx

from chassis.errors import Refusal
from schemas.document import Document, MalformedDocument
from schemas.enrolment import EnrolStatus
from schemas.message import MOST_BYTES
from schemas.signed import Signed

D = TypeVar("D", bound=Document)
SILENCE_SECONDS = 20.0
"""How long the coordinator may be silent before a request is given up."""


class EnrolFailure(Refusal):
    """The region did not do what was asked. Nothing was changed here."""

    code = "enrol"
    exit_code = 3


class Unreachable(EnrolFailure):
    """No answer."""

    code = "unreachable"
    exit_code = 4


class WrongServer(EnrolFailure):
    """Another certificate than the invitation promises."""

    code = "wrong-server"


class NotThere(EnrolFailure):
    """The region has no such document yet."""

    code = "not-there-yet"
    exit_code = 4


class RefusedInvite(EnrolFailure):
    """The region does not know the invitation, or it expired."""

    code = "invitation-refused"
    exit_code = 2


class RefusedRequest(EnrolFailure):
    """Anything else it refuses."""

    code = "request-refused"


def on_this_machine(url: str) -> bool:
    """Whether the region runs on this computer: no proxy stands between."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def trusting(ca_pem: str) -> ssl.SSLContext:
    """TLS that accepts this authority and no other. Raises WrongServer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_verify_locations(cadata=ca_pem)
    except (ssl.SSLError, ValueError):
        raise WrongServer(
            "The certificate in the invitation cannot be read. Nothing was sent. Ask the region "
            "for a new invitation."
        ) from None
    return context


class EnrolClient:
    """The four calls. `transport` stands in for the network in tests."""

    def __init__(self, url: str, ca_pem: str, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(
            base_url=url,
            verify=trusting(ca_pem),
            timeout=SILENCE_SECONDS,
            transport=transport,
            trust_env=not on_this_machine(url),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def enrol(self, request: Signed) -> EnrolStatus:
        """Send this centre's keys; may be repeated. Raises EnrolFailure."""
        raw = self._call("POST", "/api/v1/enrol", content=request.canonical())
        return self._read(EnrolStatus, raw)

    def status(self, centre: int, token: str) -> EnrolStatus:
        """Ask how far this centre has come. Raises EnrolFailure."""
        headers = {"Authorization": f"Bearer {token}"}
        return self._read(
            EnrolStatus, self._call("GET", f"/api/v1/enrol/{centre}", headers=headers)
        )

    def roster(self) -> Signed:
        """Fetch the newest roster; whoever calls checks who signed it. Raises EnrolFailure."""
        return self._read(Signed, self._call("GET", "/api/v1/roster"))

    def programme(self) -> Signed:
        """Fetch the newest programme; whoever calls checks who signed it. Raises EnrolFailure."""
        return self._read(Signed, self._call("GET", "/api/v1/programme"))

    def _read(self, kind: type[D], raw: bytes) -> D:
        try:
            return kind.from_canonical(raw)
        except MalformedDocument:
            raise RefusedRequest(
                "The region gave an answer that cannot be read. Nothing was changed."
            ) from None

    def _call(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> bytes:
        try:
            with self._client.stream(method, path, content=content, headers=headers) as response:
                raw = bytearray()
                for chunk in response.iter_bytes():
                    raw += chunk
                    if len(raw) > MOST_BYTES:
                        raise RefusedRequest(
                            "The region's answer is too long. Nothing was changed."
                        )
        except httpx.TransportError as error:
            raise _no_answer(error, str(self._client.base_url)) from None
        if response.status_code == httpx.codes.OK:
            return bytes(raw)
        raise _refusal(response.status_code, bytes(raw))


def _no_answer(error: httpx.TransportError, url: str) -> EnrolFailure:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return WrongServer(
                "The server at {url} is not the one of the invitation. Nothing was sent. Check "
                "with the region.",
                url=url,
            )
        cause = cause.__cause__ or cause.__context__
    return Unreachable("{url} does not answer. Nothing was lost: try again later.", url=url)


_SENTENCES = {
    "invitation-unknown": "The region does not know this invitation, or withdrew it. Nothing was "
    "changed. Ask the region for a new one.",
    "invitation-expired": "The invitation has expired. Nothing was changed. Ask the region for a "
    "new one.",
    "invitation-used": "The invitation was used before, with other keys. Nothing was changed. If "
    "that was not you, warn the region.",
    "key-taken": "Another centre has these keys. Nothing was changed. Make a new store with init.",
    "no-roster": "The authority has signed no roster yet. Nothing was changed: try again later.",
    "no-programme": "The authority has signed no programme yet. Nothing was changed: try again "
    "later.",
}


def _refusal(status: int, raw: bytes) -> EnrolFailure:
    """The kind of a problem document chooses our own sentence; its text is not shown."""
    code = _code(raw)
    sentence = _SENTENCES.get(code)
    if sentence is None:
        return RefusedRequest("The region refused ({status}). Nothing was changed.", status=status)
    if code.startswith("invitation-"):
        return RefusedInvite(sentence)
    return NotThere(sentence) if code.startswith("no-") else RefusedRequest(sentence)


def _code(raw: bytes) -> str:
    try:
        body = json.loads(raw)
    except ValueError:
        return ""
    kind = body.get("type") if isinstance(body, dict) else None
    return kind.removeprefix("urn:wegwijs:") if isinstance(kind, str) else ""
