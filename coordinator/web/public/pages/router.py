"""Addresses of the pages. Dutch unless `lang=en`; `release` and `show` are the only choices."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from chassis.present import labels
from chassis.present.days import day
from chassis.present.rendering import environment
from chassis.present.sentences import covered
from chassis.texts import Language, Texts
from chassis.web.answers import answer
from chassis.web.bodies import Body
from chassis.web.language import asked_language, language_of
from chassis.web.problems import Broken, Refused, TooMany
from coordinator.web.public.pages import flows, method, overview, places, sectors, wellbeing, work
from coordinator.web.public.pages.context import Content, PageContext
from coordinator.web.public.release_cache import CachedRelease, ReleaseCache
from coordinator.web.public.texts import texts
from schemas.release import ReleaseLine

_TEMPLATES = Path(__file__).parents[1] / "templates"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Kind:
    """A page: where it is, who makes it, and what it needs or likes to find in a release."""

    path: str
    build: Callable[[PageContext], Content]
    needs: tuple[str, ...] = ()
    likes: tuple[str, ...] = ()


KINDS = (
    Kind("/", overview.build, likes=("trajectories@start", "durable_match@12m")),
    Kind("/werk", work.build, ("durable_match@6m", "durable_match@12m")),
    Kind("/werkgeluk", wellbeing.build, ("wellbeing_change@12m",)),
    Kind("/waar", places.build, (places.ASK,)),
    Kind("/sectoren", sectors.build, (sectors.ASK,)),
    Kind("/stromen", flows.build, (flows.ASK,)),
    Kind("/methode", method.build),
    Kind("/download", method.build_download),
)


@dataclass(frozen=True, slots=True)
class Links:
    """Makes addresses that keep what the reader chose."""

    path: str
    language: Language
    release: str | None
    show: str | None

    def __call__(self, path: str | None = None, *, lang: str | None = None) -> str:
        """Return the address of another page, or of this one in another language."""
        kept = {
            "release": self.release,
            "show": self.show if path is None else None,
            "lang": "en" if (lang or self.language) == "en" else None,
        }
        words = urlencode({name: value for name, value in kept.items() if value})
        return (path or self.path) + (f"?{words}" if words else "")


def _options(listed: list[ReleaseLine], t: Texts) -> list[dict[str, str]]:
    """The releases as a reader chooses between them."""
    return [
        {"id": one.id, "label": f"{one.id} ({day(one.published_at, t.language)})"} for one in listed
    ]


def _translated_names(t: Texts) -> dict[str, str]:
    return {
        "/": t("Overview"), "/werk": t("Work"), "/werkgeluk": t("Wellbeing"), "/waar": t("Places"),
        "/sectoren": t("Sectors"), "/stromen": t("Moves"), "/methode": t("Method"),
        "/download": t("Download"),
    }  # fmt: skip


class Pages:
    """Renders pages of releases. `public_url`: where readers find them, without a path."""

    def __init__(self, release_cache: ReleaseCache, public_url: str) -> None:
        self._release_cache, self._public_url = release_cache, public_url
        self._environment = environment(_TEMPLATES)

    def page(self, request: Request, kind: Kind) -> Response:
        """Answer one page. Raises NotFound for a release that is not there, Refused."""
        links = _links(request, asked_language(request))
        if links.show is not None:
            return answer(request, self._body(kind, links))  # what readers may ask has no end
        key = ("page", kind.path, links.language, links.release, self._release_cache.edition())
        return answer(request, self._release_cache.bodies.get(key, lambda: self._body(kind, links)))

    def _body(self, kind: Kind, links: Links) -> Body:
        t, listed = texts(links.language), self._release_cache.listed()
        cached = self._chosen(listed, links.release, kind)
        damaged = self._release_cache.damaged()  # now that one was looked for
        shown = [one for one in listed if one.id not in damaged]
        frame = self._frame(t, links) | {"releases": _options(shown, t), "damaged": damaged}
        if cached is None:
            return self._render("empty.html", frame | {"withheld": self._withheld(t)})
        context = PageContext(cached, t, links.show, self._release_cache.withheld())
        frame |= self._release(cached, t, links) | {"unpublished": len(context.withheld)}
        if kind.needs and not all(context.asked(key) for key in kind.needs):
            return self._render("not_measured.html", frame)
        content = kind.build(context)
        if not content.choices and links.show is not None:
            raise Refused("this page has nothing to choose; leave out “show”")
        chosen = context.chosen(content.choices) if content.choices else ""
        page = {"page": content, "chosen": chosen, "terms": context.terms(content.terms)}
        return self._render(content.template, frame | content.parts | page)

    def refused(self, request: Request, refusal: Refused) -> Response:
        """Say in a page why there is none."""
        t = texts(language_of(request))
        frame = self._frame(t, _links(request, t.language)) | {
            "sentence": refusal.said(t), "title": _refused_title(refusal, t),
        }  # fmt: skip
        if not isinstance(refusal, (Broken, TooMany)) and (newest := self._release_cache.newest()):
            frame["people"] = newest.programme.people
        body = self._render("refused.html", frame)
        return Response(body.raw, refusal.status, media_type=HTML)

    def _withheld(self, t: Texts) -> list[method.Unpublished]:
        return method.unpublished(self._release_cache.withheld(), t)

    def _chosen(
        self, listed: list[ReleaseLine], name: str | None, kind: Kind
    ) -> CachedRelease | None:
        """The release asked for; else the newest that holds what the page needs, or any."""
        if name is not None:
            return self._release_cache.get(name)
        wanted = {*kind.needs, *kind.likes}
        fit = [one for one in listed if wanted <= set(one.asks)]
        return self._release_cache.first([*fit, *listed])

    def _frame(self, t: Texts, links: Links) -> dict[str, Any]:
        return {
            "t": t,
            "link": links,
            "path": links.path,
            "nav": [(kind.path, _translated_names(t)[kind.path]) for kind in KINDS],
        }

    def _release(self, cached: CachedRelease, t: Texts, links: Links) -> dict[str, Any]:
        release = cached.release
        return {
            "release": release,
            "region": labels.region(cached.programme.region, t),
            "people": cached.programme.people,
            "period": labels.period(release.cohorts),
            "coverage": covered(len(release.in_sum), release.on_roster, t),
            "published": day(release.published_at, t.language),
            "address": self._public_url + links(),
        }

    def _render(self, template: str, values: dict[str, Any]) -> Body:
        text = self._environment.get_template(template).render(values)
        return Body(text.encode(), HTML)


def _refused_title(refusal: Refused, t: Texts) -> str:
    if isinstance(refusal, TooMany):
        return t("Too many requests")
    if refusal.status == 400:
        return t("This cannot be shown")
    return t("Something went wrong") if refusal.status >= 500 else t("Where is this page?")


def pages_router(pages: Pages, throttled: Any) -> APIRouter:
    """The routes of all pages."""
    router = APIRouter(include_in_schema=False, dependencies=[Depends(throttled)])
    for kind in KINDS:
        router.add_api_route(kind.path, _route(pages, kind), methods=["GET"])
    return router


def _route(pages: Pages, kind: Kind) -> Callable[[Request], Response]:
    def get(request: Request) -> Response:
        return pages.page(request, kind)

    return get


def _links(request: Request, language: Language) -> Links:
    words = request.query_params
    return Links(request.url.path, language, words.get("release") or None, words.get("show"))
