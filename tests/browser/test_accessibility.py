"""Every public page as axe-core and an HTML parser see it, in both languages, wide and narrow."""

from collections import Counter
from collections.abc import Iterator
from itertools import product

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from justhtml import JustHTML
from playwright.sync_api import Browser, BrowserContext, Page

from coordinator.web.public.pages.router import KINDS

pytestmark = pytest.mark.browser

PATHS = [*(kind.path for kind in KINDS), "/waar?show=nuts3", "/nothing"]
LANGUAGES = ("nl", "en")
WIDTHS = (360, 1280)


def at(path: str, language: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


@pytest.fixture(scope="module", params=["none", "active"], ids=["light", "forced"])
def context(
    request: pytest.FixtureRequest, browser: Browser, address: str
) -> Iterator[BrowserContext]:
    made = browser.new_context(base_url=address, forced_colors=request.param)
    yield made
    made.close()


@pytest.fixture(scope="module")
def seen(context: BrowserContext) -> Page:
    return context.new_page()


def mistakes(page: Page) -> dict[str, list[str]]:
    """What axe names, with the places of each."""
    answer = Axe().run(page).response
    assert len(answer["passes"]) > 15, "axe looked at nothing"
    return {
        f"{one['id']}: {one['help']}": [" ".join(map(str, node["target"])) for node in one["nodes"]]
        for one in answer["violations"]
    }


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_to_mend(seen: Page, path: str) -> None:
    found: dict[str, list[str]] = {}
    for language, width in product(LANGUAGES, WIDTHS):
        seen.set_viewport_size({"width": width, "height": 900})
        seen.goto(at(path, language))
        for mistake, places in mistakes(seen).items():
            where = f"{language} {width}: {', '.join(places[:3])}"
            found.setdefault(mistake, []).append(where)
    assert found == {}


SPOIL = """() => {
  document.documentElement.removeAttribute('lang');
  const main = document.querySelector('main'), pale = document.createElement('p');
  main.insertAdjacentHTML('beforeend', '<img src="x"><select></select>');
  pale.textContent = 'pale';
  pale.style.color = '#aaa';
  main.append(pale);
}"""


def test_axe_names_mistakes_that_are_planted(measured: Page) -> None:
    measured.goto("/werk")
    measured.evaluate(SPOIL)
    named = {one.partition(":")[0] for one in mistakes(measured)}
    assert named == {"html-has-lang", "image-alt", "select-name", "color-contrast"}


REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "headers", "list")


def slips(raw: bytes) -> list[str]:
    """What is no HTML, ids that stand twice, and references that lead nowhere on the page."""
    parsed = JustHTML(raw, sanitize=False, collect_errors=True, encoding="utf-8")
    named = [f"{one.code} in line {one.line}" for one in parsed.errors]
    elements = [one.attrs or {} for one in parsed.query("*")]
    ids = Counter(one["id"] for one in elements if "id" in one)
    named += [f"{name} stands {count} times" for name, count in ids.items() if count > 1]
    asked = {to for one in elements for name in REFERENCES for to in (one.get(name) or "").split()}
    asked |= {to[1:] for one in elements if (to := one.get("href") or "").startswith("#")}
    return [*named, *(f"nothing is called {to}" for to in sorted(asked - ids.keys()))]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_html_without_a_mistake(address: str, path: str, language: str) -> None:
    answer = httpx.get(address + at(path, language), trust_env=False)
    assert answer.text.count("<h1") == 1
    assert slips(answer.content) == []


def test_mistakes_in_html_are_named() -> None:
    raw = b"""<!doctype html><html lang=nl><head><title>x</title></head><body>
<p id=a>een</div></p><p id=a>twee</p><label for=b>drie</label><a href="#c">vier</a></body></html>"""
    assert slips(raw) == [
        "unexpected-end-tag in line 2", "a stands 2 times", "nothing is called b",
        "nothing is called c",
    ]  # fmt: skip
