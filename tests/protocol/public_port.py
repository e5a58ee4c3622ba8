"""The real public application in this process, for the real client of a node."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import httpx

from coordinator.carrier.seam import Handler, InProcessCarrier
from coordinator.store import CoordinatorStore
from coordinator.web.application import public_app
from node.rounds.public_documents import Documents
from schemas.request import Request


class InProcess(httpx.BaseTransport):
    """Hands requests to an application without a network, on a thread of its own: that of a test
    with a browser runs a loop already."""

    def __init__(self, app: object) -> None:
        self._app = httpx.ASGITransport(app)  # type: ignore[arg-type]
        self._loop, self._thread = asyncio.new_event_loop(), ThreadPoolExecutor(1)
        self.paths: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path)
        asked = self._ask(request)
        return self._thread.submit(self._loop.run_until_complete, asked).result()

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        answer = await self._app.handle_async_request(request)
        body = b"".join([part async for part in answer.stream])  # type: ignore[union-attr]
        return httpx.Response(
            answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body)
        )

    def close(self) -> None:
        self._thread.shutdown()
        self._loop.close()


def documents_from(store: CoordinatorStore, clock: Callable[[], int]) -> Documents:
    """What a node of this region fetches with."""
    return documents_over(InProcess(public_app(store, clock, [])))


def documents_over(transport: httpx.BaseTransport) -> Documents:
    """A node's documents, over this instead of TLS."""
    return Documents(httpx.Client(base_url="http://region", transport=transport))


class FetchingCarrier(InProcessCarrier):
    """Calls the nodes' handlers with what is asked, and shows it as it reads with every document
    in its place."""

    def __init__(self, handlers: Mapping[int, Handler], documents: Documents) -> None:
        super().__init__(handlers)
        self.documents = documents

    def filled(self, raw: bytes) -> bytes:
        """The frame that a request stands for."""
        return Request.from_bytes(raw).filled(self.documents.fetch).to_bytes()
