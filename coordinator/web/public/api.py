"""The public API: releases in full, and their figures by question.

GET /api/v1/releases                        all releases, newest first
GET /api/v1/releases/{id}                   the document that `wegwijs verify` reads
GET /api/v1/releases/{id}/figures.csv       every figure; -nl.csv as Dutch Excel opens it
GET /api/v1/withheld                        rounds that are not published, and why
GET /api/v1/statistics                      what is measured
GET /api/v1/statistics/{id}?nuts2=BE21...   figures as JSON, or CSV on request
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from chassis.present import spreadsheet
from chassis.web.answers import answer, as_file
from chassis.web.bodies import Body
from chassis.web.problems import REFUSALS, NotFound, Refused
from coordinator.web.public import filters
from coordinator.web.public.release_cache import CachedRelease, ReleaseCache
from coordinator.web.public.rows import Row, as_csv, row_of
from coordinator.web.public.selection import Names
from schemas.signed import Signed
from schemas.statistic import Statistic

_LONGEST_KEPT = 300  # characters of a question whose answer is kept
JSON, CSV = "application/json", "text/csv; charset=utf-8"
_SPELLED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}}
}
_FILTERS = [
    {"name": name, "in": "query", "description": said, "schema": {"type": "string"}}
    for name, said in filters.DESCRIBED.items()
]


class CsvResponse(Response):
    """For OpenAPI: the answer is a CSV file."""

    media_type = "text/csv"


class ReleaseLine(BaseModel):
    """A release in the list. One that was altered after it was signed is said to be damaged."""

    id: str
    state: Literal["published", "damaged"]
    round: int | None = None
    period: str | None = None
    published_at: int | None = None
    centres_in_sum: int | None = None
    centres_on_roster: int | None = None
    epsilon: float | None = None
    figures: int | None = None
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


def api_router(release_cache: ReleaseCache, throttled: Any) -> APIRouter:
    """The routes; `throttled` is a dependency that refuses who asks too often."""
    router = _router(throttled)

    @router.get("/releases", response_model=list[ReleaseLine])
    def get_releases(request: Request) -> Response:
        """List the public releases, newest first."""
        release_cache.look_through()
        key = ("releases", release_cache.edition())
        return answer(
            request, release_cache.bodies.get(key, lambda: _json_list(_lines(release_cache)))
        )

    @router.get("/releases/{name}", response_model=Signed)
    def get_release(request: Request, name: str) -> Response:
        """The whole release as the coordinator signed it: `body` is the release, canonical JSON."""

        def make() -> Body:
            return Body(release_cache.document(name), JSON, "for-good", as_file(f"{name}.json"))

        return answer(request, release_cache.bodies.get(("release", name), make))

    @router.get("/releases/{name}/figures.csv", response_class=CsvResponse)
    def get_figures(request: Request, name: str) -> Response:
        """Every figure of a release as CSV."""
        return answer(request, _file(release_cache, name, spreadsheet.PLAIN, ""))

    @router.get("/releases/{name}/figures-nl.csv", response_class=CsvResponse)
    def get_figures_nl(request: Request, name: str) -> Response:
        """Every figure of a release as Dutch Excel opens it: semicolons and decimal commas."""
        return answer(request, _file(release_cache, name, spreadsheet.EXCEL_NL, "-nl"))

    @router.get("/statistics", response_model=list[StatisticLine])
    def get_statistics(request: Request) -> Response:
        """What is measured: the catalogue of the newest release's programme."""
        key = ("statistics", release_cache.edition())
        return answer(
            request, release_cache.bodies.get(key, lambda: _json_list(_catalogue(release_cache)))
        )

    @router.get(
        "/statistics/{statistic}", response_model=Page, responses=_SPELLED,
        openapi_extra={"parameters": _FILTERS},
    )  # fmt: skip
    def get_statistic(request: Request, statistic: str) -> Response:
        """Figures of one statistic, filtered; JSON, or CSV on request."""
        return answer(request, _rows(request, release_cache, statistic))

    return router


def withheld_router(release_cache: ReleaseCache, throttled: Any) -> APIRouter:
    """The route of what is not published."""
    router = _router(throttled)

    @router.get("/withheld", response_model=list[Signed])
    def get_withheld(request: Request) -> Response:
        """Completed rounds that are not published, and why: each as the coordinator signed it."""
        signed = tuple(release_cache.withheld_as_signed())
        make = partial(Body, b"[" + b",".join(signed) + b"]", JSON)
        return answer(request, release_cache.bodies.get(("withheld", signed), make))

    return router


def _router(throttled: Any) -> APIRouter:
    return APIRouter(
        prefix="/api/v1", tags=["statistics"], dependencies=[Depends(throttled)], responses=REFUSALS
    )


def _json_list(lines: list[Any]) -> Body:
    text = "[" + ",".join(line.model_dump_json() for line in lines) + "]"
    return Body(text.encode(), JSON)


def _lines(release_cache: ReleaseCache) -> list[ReleaseLine]:
    lines = [
        ReleaseLine(
            id=one.id, state="published", round=one.round, period=one.period,
            published_at=one.published_at, centres_in_sum=one.in_sum,
            centres_on_roster=one.on_roster, epsilon=one.epsilon, figures=one.figures,
            url=f"/api/v1/releases/{one.id}",
        )
        for one in release_cache.listed()
    ]  # fmt: skip
    lines += [
        ReleaseLine(id=name, state="damaged", url=f"/api/v1/releases/{name}")
        for name in release_cache.damaged()
    ]
    return lines


def _file(release_cache: ReleaseCache, name: str, dialect: spreadsheet.Dialect, end: str) -> Body:
    def make() -> Body:
        cached = release_cache.get(name)
        rows = (row_of(figure, cached) for figure in cached.figures)
        dimensions = filters.dimensions_of(*cached.programme.statistics)
        text = as_csv(rows, dimensions, dialect)
        return Body(text.encode(), CSV, "for-good", as_file(f"{name}{end}.csv"))

    return release_cache.bodies.get(("file", name, end), make)


def _catalogue(release_cache: ReleaseCache) -> list[StatisticLine]:
    newest = release_cache.newest()
    if newest is None:
        return []
    measured: dict[str, list[str]] = {}
    for listed in release_cache.listed():
        for name in listed.statistics:
            measured.setdefault(name, []).append(listed.id)
    return [
        StatisticLine(
            id=one.id, number=one.number, name=one.name.model_dump(),
            definition=one.definition.model_dump(), unit=one.unit, measure=one.measure.kind,
            horizons=list(one.horizons),
            views=[",".join(view) or filters.NATIONAL for view in one.views],
            variables=list(newest.named.get(one.id, _declared(one)).variables),
            releases=measured.get(one.id, []), url=f"/api/v1/statistics/{one.id}",
        )
        for one in newest.programme.statistics
    ]  # fmt: skip


def _declared(statistic: Statistic) -> Names:
    """What the figures of a statistic will be called, when no release holds them yet."""
    return Names(variables=getattr(statistic.measure, "variables", ()))


def _rows(request: Request, release_cache: ReleaseCache, statistic: str) -> Body:
    words = filters.words_of(request.query_params.multi_items())
    cached = (
        release_cache.get(words["release"])
        if "release" in words
        else release_cache.newest(statistic)
    )
    if cached is None or statistic not in cached.programme.by_id:
        raise NotFound("no release holds a statistic with this name")
    question = filters.read(words, cached.programme.by_id[statistic], cached)
    make = partial(
        _answered, release_cache, cached, _Asked(statistic, words, question, _format(request))
    )
    spelled = tuple(sorted(words.items()))
    if sum(len(value) for _, value in spelled) > _LONGEST_KEPT:
        return make()  # such a question is asked once
    return release_cache.bodies.get(
        ("rows", cached.release.id, statistic, spelled, _format(request)), make
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as it was put: the words of its URL, and what they mean."""

    statistic: str
    words: Mapping[str, str]
    question: filters.Question
    format: str


def _answered(release_cache: ReleaseCache, cached: CachedRelease, asked: _Asked) -> Body:
    """The rows that answer a question, and where the next of them are."""
    question = asked.question
    total, figures = release_cache.figures(question.wanted, question.limit, question.offset)
    rows = [row_of(figure, cached) for figure in figures]
    after = question.offset + len(rows)
    more = urlencode({**asked.words, "release": cached.release.id, "offset": after})
    url = f"/api/v1/statistics/{asked.statistic}?{more}"
    following = url if rows and after < total else None
    if asked.format == "csv":
        dimensions = filters.dimensions_of(cached.programme.by_id[asked.statistic])
        headers = {"X-Total-Count": str(total)}
        if following:
            headers["Link"] = f'<{following}>; rel="next"'
        return Body(as_csv(rows, dimensions).encode(), CSV, headers=headers)
    page = Page(
        total=total, limit=question.limit, offset=question.offset, next=following, rows=rows
    )
    return Body(page.model_dump_json().encode(), JSON)


def _format(request: Request) -> str:
    """CSV when the URL says so, or when the reader accepts CSV and not JSON."""
    given = request.query_params.get("format")
    if given is None:
        accepted = request.headers.get("accept", "")
        return "csv" if "text/csv" in accepted and "json" not in accepted else "json"
    if given not in ("csv", "json"):
        raise Refused("format is json or csv")
    return given
