"""The public port: pages and API, enrolment, and of Flower the ten fleet calls only."""

import importlib
import importlib.util
from collections.abc import Callable, Sequence

from fastapi import FastAPI
from starlette.routing import BaseRoute

from coordinator.serve.enrol_api import enrol_router
from coordinator.store import CoordinatorStore


def public_app(
    store: CoordinatorStore, clock: Callable[[], int], fleet: Sequence[BaseRoute]
) -> FastAPI:
    """Put the public application together; `fleet` comes from `fleet_routes`."""
    app = _pages(store)
    app.include_router(enrol_router(store, clock))
    app.router.routes[:0] = fleet  # first, so that no page can stand before them
    return app


def _pages(store: CoordinatorStore) -> FastAPI:
    if not importlib.util.find_spec("coordinator.serve.app"):
        return FastAPI(openapi_url=None)
    app: FastAPI = importlib.import_module("coordinator.serve.app").create_app(store)
    return app
