"""The public API: releases in full, and their figures by question.

GET /api/v1/releases                        all releases, newest first
GET /api/v1/releases/{id}                   the document that `wegwijs verify` reads
GET /api/v1/releases/{id}/figures.csv       every figure; -nl.csv as Dutch Excel opens it
GET /api/v1/statistics                      what is measured
GET /api/v1/statistics/{id}?nuts2=BE21...   figures as JSON, or CSV on request
"""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from coordinator.serve import filters, spreadsheets
from coordinator.serve.answers import answer, as_file
from coordinator.serve.problems import NotFound, Refused
from coordinator.serve.rows import Row, row_of
from coordinator.serve.shelf import Shelf, Shelved

JSON, CSV = "application/json", "text/csv; charset=utf-8"
_FILTERS = [
    {"name": name, "in": "query", "description": said, "schema": {"type": "string"}}
    for name, said in filters.DESCRIBED.items()
]


class ReleaseLine(BaseModel):
    """A release in the list."""

    id: str
    round: int
    period: str
    published_at: int
    centres_in_sum: int
    centres_on_roster: int
    epsilon: float
    figures: int
    url: str


class StatisticLine(BaseModel):
    """A statistic in the catalogue; texts in nl, fr and en."""

    id: str
    number: int
    name: dict[str, str]
    definition: dict[str, str]
    unit: str
    measure: str
    horizons: list[str]
    views: list[str]
    variables: list[str]
    releases: list[str]
    url: str


class Page(BaseModel):
    """Part of the rows that answer a question; `total` counts all of them."""

    total: int
    limit: int
    offset: int
    next: str | None
    rows: list[Row]


def api_router(shelf: Shelf, throttled: Any) -> APIRouter:
    """The routes; `throttled` is a dependency that refuses who asks too often."""
    router = APIRouter(prefix="/api/v1", tags=["statistics"], dependencies=[Depends(throttled)])

    @router.get("/releases", response_model=list[ReleaseLine])
    def get_releases(request: Request) -> Response:
        """List the public releases, newest first."""
        lines = [
            ReleaseLine(
                id=one.id, round=one.round, period=one.period, published_at=one.published_at,
                centres_in_sum=one.in_sum, centres_on_roster=one.on_roster, epsilon=one.epsilon,
                figures=one.figures, url=f"/api/v1/releases/{one.id}",
            )
            for one in shelf.listed()
        ]  # fmt: skip
        return answer(request, _json_list(lines), JSON)

    @router.get("/releases/{name}")
    def get_release(request: Request, name: str) -> Response:
        """The whole release, byte for byte as published: sum, certificate, every figure."""
        document = shelf.get(name).document
        return as_file(answer(request, document, JSON, "for-good"), f"{name}.json")

    @router.get("/releases/{name}/figures.csv")
    def get_figures(request: Request, name: str) -> Response:
        """Every figure of a release as CSV."""
        return _file(request, shelf.get(name), spreadsheets.PLAIN, "")

    @router.get("/releases/{name}/figures-nl.csv")
    def get_figures_nl(request: Request, name: str) -> Response:
        """Every figure of a release as Dutch Excel opens it: semicolons and decimal commas."""
        return _file(request, shelf.get(name), spreadsheets.EXCEL_NL, "-nl")

    @router.get("/statistics", response_model=list[StatisticLine])
    def get_statistics(request: Request) -> Response:
        """What is measured: the catalogue of the newest release's programme."""
        return answer(request, _json_list(_catalogue(shelf)), JSON)

    @router.get(
        "/statistics/{statistic}", response_model=Page, openapi_extra={"parameters": _FILTERS}
    )
    def get_statistic(request: Request, statistic: str) -> Response:
        """Figures of one statistic, filtered; JSON, or CSV on request."""
        return _rows(request, shelf, statistic)

    return router


def _json_list(lines: list[Any]) -> str:
    return "[" + ",".join(line.model_dump_json() for line in lines) + "]"


def _file(request: Request, shelved: Shelved, dialect: spreadsheets.Dialect, end: str) -> Response:
    rows = [row_of(figure, shelved) for figure in shelved.release.figures]
    dimensions = filters.dimensions_of(*shelved.programme.statistics)
    text = spreadsheets.spell(rows, dimensions, dialect)
    name = f"{shelved.release.id}{end}.csv"
    return as_file(answer(request, text, CSV, "for-good"), name)


def _catalogue(shelf: Shelf) -> list[StatisticLine]:
    newest = shelf.newest()
    if newest is None:
        return []
    measured: dict[str, list[str]] = {}
    for listed in shelf.listed():
        for name in {ask.partition("@")[0] for ask in shelf.get(listed.id).release.asks}:
            measured.setdefault(name, []).append(listed.id)
    return [
        StatisticLine(
            id=one.id, number=one.number, name=one.name.model_dump(),
            definition=one.definition.model_dump(), unit=one.unit, measure=one.measure.kind,
            horizons=list(one.horizons),
            views=[",".join(view) or filters.NATIONAL for view in one.views],
            variables=list(getattr(one.measure, "variables", ())),
            releases=measured.get(one.id, []), url=f"/api/v1/statistics/{one.id}",
        )
        for one in newest.programme.statistics
    ]  # fmt: skip


def _rows(request: Request, shelf: Shelf, statistic: str) -> Response:
    words = dict(request.query_params)
    shelved = shelf.get(words["release"]) if "release" in words else shelf.newest(statistic)
    if shelved is None or statistic not in shelved.programme.by_id:
        raise NotFound("no release holds a statistic with this name")
    question = filters.read(words, shelved.programme.by_id[statistic], shelved)
    total, figures = shelf.figures(question.wanted, question.limit, question.offset)
    rows = [row_of(figure, shelved) for figure in figures]
    after = question.offset + len(rows)
    url = request.url.include_query_params(release=shelved.release.id, offset=after)
    following = f"{url.path}?{url.query}" if rows and after < total else None
    if _format(request) == "csv":
        dimensions = filters.dimensions_of(shelved.programme.by_id[statistic])
        response = answer(request, spreadsheets.spell(rows, dimensions), CSV)
        response.headers["X-Total-Count"] = str(total)
        if following:
            response.headers["Link"] = f'<{following}>; rel="next"'
        return response
    page = Page(
        total=total, limit=question.limit, offset=question.offset, next=following, rows=rows
    )
    return answer(request, page.model_dump_json(), JSON)


def _format(request: Request) -> str:
    """CSV when the URL says so, or when the reader accepts CSV and not JSON."""
    given = request.query_params.get("format")
    if given is None:
        accepted = request.headers.get("accept", "")
        return "csv" if "text/csv" in accepted and "json" not in accepted else "json"
    if given not in ("csv", "json"):
        raise Refused("format is json or csv")
    return given
