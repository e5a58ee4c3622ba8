"""The public port: pages and API, enrolment, documents, and of Flower the ten fleet calls only."""

from collections.abc import Callable, Sequence

from fastapi import FastAPI
from starlette.routing import BaseRoute

from coordinator.store import CoordinatorStore
from coordinator.web.documents_api import documents_router
from coordinator.web.ended_api import ended_router
from coordinator.web.enrol_api import enrol_router
from coordinator.web.public.site import create_app


def public_app(
    store: CoordinatorStore,
    clock: Callable[[], int],
    fleet: Sequence[BaseRoute],
    public_url: str = "",
) -> FastAPI:
    """Put the public application together; `fleet` comes from `fleet_routes`.

    `public_url`: `https://host:port`, as readers and centres reach it.
    """
    app = create_app(store, clock, public_url)
    app.include_router(enrol_router(store, clock))
    app.include_router(documents_router(store, clock))
    app.include_router(ended_router(store, clock))
    app.router.routes[:0] = fleet  # first, so that no page can stand before them
    return app
