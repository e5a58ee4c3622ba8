"""Addresses of the pages. Dutch unless `lang=en`; `release` and `show` are the only choices."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from chassis.texts import Language, Texts
from coordinator.serve import fonts
from coordinator.serve.answers import answer
from coordinator.serve.bodies import Body
from coordinator.serve.pages import flows, method, overview, places, sectors, wellbeing, work
from coordinator.serve.pages.clock import day
from coordinator.serve.pages.scene import Content, Scene
from coordinator.serve.problems import Broken, Refused, TooMany
from coordinator.serve.shelf import Shelf, Shelved
from coordinator.serve.words import labels
from coordinator.serve.words.sentences import covered, texts
from schemas.release import ReleaseLine

_HERE = Path(__file__).parent.parent
_CSS = _HERE / "static" / "wegwijs.css"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Kind:
    """A page: where it is, who makes it, and what it needs or likes to find in a release."""

    path: str
    build: Callable[[Scene], Content]
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
    """Renders pages from the shelf. `public_url`: where readers find them, without a path."""

    def __init__(self, shelf: Shelf, public_url: str) -> None:
        self._shelf, self._public_url = shelf, public_url
        self.assets = StaticFiles(directory=_HERE / "static")
        self._environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["bands"] = labels.bands
        self._version = sha256(_CSS.read_bytes()).hexdigest()[:12]

    def page(self, request: Request, kind: Kind) -> Response:
        """Answer one page. Raises NotFound for a release that is not there, Refused."""
        links = _links(request)
        if (given := request.query_params.get("lang", "nl")) not in get_args(Language):
            raise Refused(
                "these pages are not in {given}; they are in Dutch (nl) and in English (en)",
                given=f"“{given[:40]}”",
            )
        if links.show is not None:
            return answer(request, self._body(kind, links))  # what readers may ask has no end
        key = ("page", kind.path, links.language, links.release, self._shelf.edition())
        return answer(request, self._shelf.bodies.get(key, lambda: self._body(kind, links)))

    def _body(self, kind: Kind, links: Links) -> Body:
        t, listed = texts(links.language), self._shelf.listed()
        shelved = self._chosen(listed, links.release, kind)
        damaged = self._shelf.damaged()  # now that one was looked for
        shown = [one for one in listed if one.id not in damaged]
        frame = self._frame(t, links) | {"releases": _options(shown, t), "damaged": damaged}
        if shelved is None:
            return self._render("empty.html", frame | {"withheld": self._withheld(t)})
        scene = Scene(shelved, t, links.show, self._shelf.withheld())
        frame |= self._release(shelved, t, links) | {"unpublished": len(scene.withheld)}
        if kind.needs and not all(scene.asked(key) for key in kind.needs):
            return self._render("not_measured.html", frame)
        content = kind.build(scene)
        if not content.choices and links.show is not None:
            raise Refused("this page has nothing to choose; leave out “show”")
        chosen = scene.chosen(content.choices) if content.choices else ""
        page = {"page": content, "chosen": chosen, "terms": scene.terms(content.terms)}
        return self._render(content.template, frame | content.parts | page)

    def refused(self, request: Request, refusal: Refused) -> Response:
        """Say in a page why there is none."""
        t = texts(_language(request))
        frame = self._frame(t, _links(request)) | {
            "sentence": refusal.said(t), "title": _refused_title(refusal, t),
        }  # fmt: skip
        if not isinstance(refusal, (Broken, TooMany)) and (newest := self._shelf.newest()):
            frame["people"] = newest.programme.people
        body = self._render("refused.html", frame)
        return Response(body.raw, refusal.status, media_type=HTML)

    def _withheld(self, t: Texts) -> list[method.Unpublished]:
        return method.unpublished(self._shelf.withheld(), t)

    def _chosen(self, listed: list[ReleaseLine], name: str | None, kind: Kind) -> Shelved | None:
        """The release asked for; else the newest that holds what the page needs, or any."""
        if name is not None:
            return self._shelf.get(name)
        wanted = {*kind.needs, *kind.likes}
        fit = [one for one in listed if wanted <= set(one.asks)]
        return self._shelf.first([*fit, *listed])

    def _frame(self, t: Texts, links: Links) -> dict[str, Any]:
        return {
            "t": t,
            "link": links,
            "path": links.path,
            "nav": [(kind.path, _translated_names(t)[kind.path]) for kind in KINDS],
            "css": f"/static/{_CSS.name}?v={self._version}",
        }

    def _release(self, shelved: Shelved, t: Texts, links: Links) -> dict[str, Any]:
        release = shelved.release
        return {
            "release": release,
            "region": labels.region(shelved.programme.region, t),
            "people": shelved.programme.people,
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
    for weight in fonts.WEIGHTS:
        router.add_api_route(f"/fonts/source-sans-{weight}.woff2", _font(weight), methods=["GET"])
    return router


def _font(weight: int) -> Callable[[], Response]:
    def font() -> Response:
        headers = {"Cache-Control": "public, max-age=604800, immutable"}
        return Response(fonts.woff2(weight), media_type="font/woff2", headers=headers)

    return font


def _route(pages: Pages, kind: Kind) -> Callable[[Request], Response]:
    def get(request: Request) -> Response:
        return pages.page(request, kind)

    return get


def _language(request: Request) -> Language:
    return "en" if request.query_params.get("lang") == "en" else "nl"


def _links(request: Request) -> Links:
    words = request.query_params
    return Links(
        request.url.path, _language(request), words.get("release") or None, words.get("show")
    )
