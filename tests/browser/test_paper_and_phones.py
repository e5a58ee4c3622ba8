"""What a reader sees on a phone, on paper and in forced colours; every page is photographed.

WEGWIJS_SCREENSHOTS=DIR keeps the photographs; otherwise they go to pytest's own folder.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from demo_release import publish, signing_store, the_release
from playwright.sync_api import Browser, Page

from coordinator.store import CoordinatorStore
from coordinator.store.tables import round_
from coordinator.web.public.pages.router import KINDS

pytestmark = pytest.mark.browser

PATHS = [kind.path for kind in KINDS]
WITH_FIGURES = ["/werk", "/werkgeluk", "/waar", "/waar?show=nuts3", "/sectoren", "/stromen"]
WITH_MATRIX = ["/sectoren", "/stromen"]
WIDTHS = (360, 768, 1280)
PORTRAIT, LANDSCAPE = 680, 1009  # pixels of 180 and 267 mm: A4 without its margins of 15 mm

IN_VIEW = """all => all.map(one => one.getBoundingClientRect())
  .filter(box => box.width > 1).every(box => box.left >= 0 && box.right <= innerWidth + 0.5)"""
CUT = """box => {
  const edge = box.getBoundingClientRect(), label = box.querySelector('tbody th');
  const left = label.getBoundingClientRect().right;
  return [...box.querySelectorAll('tbody td')].map(one => one.getBoundingClientRect())
    .filter(cell => (cell.left < edge.right - 1 && cell.right > edge.right + 1)
                 || (cell.left < left - 1 && cell.right > left + 1)).length;
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    wanted = os.environ.get("WEGWIJS_SCREENSHOTS")
    found = Path(wanted) if wanted else tmp_path_factory.mktemp("screenshots")
    found.mkdir(parents=True, exist_ok=True)
    return found


@pytest.fixture(scope="module")
def every_move(
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
    serving: Callable[[CoordinatorStore], AbstractContextManager[str]],
) -> Iterator[Page]:
    """Pages of a region so large that every move between two sectors can be shown."""
    one = the_release()
    sure = {"estimate": 1120.0, "noise_lo": 1060.0, "noise_hi": 1180.0, "band": "B"}
    figures = tuple(
        figure.model_copy(update=sure) if figure.statistic == "sector_flows@12m" else figure
        for figure in one.figures
    )
    store = signing_store(tmp_path_factory.mktemp("moves") / "store")
    with store.begin() as connection:
        row = {"number": 1, "state": "PUBLISHED", "period": "p", "announcement": "",
               "updated_at": 0}  # fmt: skip
        connection.execute(round_.insert().values(**row))
        publish(connection, one.model_copy(update={"figures": figures}))
    with serving(store) as where:
        context = browser.new_context(base_url=where)
        yield context.new_page()
        context.close()


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("path", WITH_FIGURES)
def test_on_a_phone_every_number_interval_and_chart_is_on_the_screen(
    every_move: Page, path: str, lang: str
) -> None:
    every_move.set_viewport_size({"width": 360, "height": 740})
    every_move.goto(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    rows = every_move.locator(".figures tbody tr")
    assert rows.count() > 0
    assert rows.locator("td, th, svg.bar").evaluate_all(IN_VIEW)
    for row in every_move.locator(".figures tbody tr[data-est]").all()[:4]:
        words = row.inner_text()
        assert re.search(r"\d", words)
        assert row.locator(".value, .first").first.is_visible()
        if row.locator(".lo").count():
            low, high = row.locator(".lo").bounding_box(), row.locator(".hi").bounding_box()
            assert low is not None
            assert high is not None
            assert low["x"] + low["width"] <= high["x"]
    for chart in every_move.locator(".figures tbody td.chart:visible svg.bar").all()[:3]:
        box = chart.bounding_box()
        assert box is not None
        assert box["width"] > 250


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", WITH_MATRIX)
def test_a_matrix_shows_whole_columns_wherever_it_comes_to_rest(
    every_move: Page, path: str, width: int
) -> None:
    every_move.set_viewport_size({"width": width, "height": 740})
    every_move.goto(path)
    box = every_move.locator(".columns")
    assert box.evaluate(CUT) == 0
    box.evaluate("box => box.scrollBy({left: 155, behavior: 'instant'})")
    assert box.evaluate(CUT) == 0
    texts = every_move.locator(".matrix td.number")
    assert texts.evaluate_all("all => all.every(one => one.scrollWidth <= one.clientWidth)")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", [*PATHS, "/waar?show=nuts3"])
def test_what_is_wider_than_the_screen_says_so_and_nothing_else_does(
    every_move: Page, path: str, width: int
) -> None:
    every_move.set_viewport_size({"width": width, "height": 740})
    every_move.goto(path)
    for box in every_move.locator(".scroll").all():
        wider = box.evaluate("box => box.scrollWidth > box.clientWidth + 1")
        said = box.locator(".sideways")
        assert said.is_visible() == wider
        if wider:
            assert "schuif ze opzij" in said.inner_text()
            assert said.evaluate("one => one.getBoundingClientRect().height") > 10
    if path == "/stromen":
        assert every_move.locator(".columns .sideways").is_visible()


@pytest.mark.parametrize("path", PATHS)
def test_on_paper_no_column_is_lost(every_move: Page, path: str) -> None:
    every_move.emulate_media(media="print")
    every_move.set_viewport_size({"width": LANDSCAPE, "height": PORTRAIT})
    every_move.goto(path)
    for table in every_move.locator(".columns table").all():
        assert table.evaluate("one => one.scrollWidth") <= LANDSCAPE
        cells = table.locator("td.number")
        assert cells.evaluate_all("all => all.every(one => one.scrollWidth <= one.clientWidth + 1)")
    every_move.set_viewport_size({"width": PORTRAIT, "height": LANDSCAPE})
    for table in every_move.locator("table:not(.matrix)").all():
        box = table.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= PORTRAIT
        assert table.locator("thead th").evaluate_all(IN_VIEW)
        assert table.locator("thead").evaluate("one => getComputedStyle(one).display") == (
            "table-header-group"
        )
    every_move.emulate_media(media="screen")


@pytest.mark.parametrize("path", WITH_MATRIX)
def test_wide_matrices_lie_across_on_paper_and_lean_on_no_colour(measured: Page, path: str) -> None:
    measured.goto(path)
    sizes = {
        (round(float(wide)), round(float(high)))
        for wide, high in re.findall(
            rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", measured.pdf(prefer_css_page_size=True)
        )
    }
    assert sizes == {(595, 842), (842, 595)}
    measured.emulate_media(media="print")
    for shade in ("shade0", "shade1", "shade2"):
        cell = measured.locator(f".matrix .{shade}").first
        ink, document, line = cell.evaluate(
            "one => { const s = getComputedStyle(one);"
            " return [s.color, s.backgroundColor, s.borderTopWidth]; }"
        )
        assert (ink, document) == ("rgb(26, 31, 43)", "rgb(255, 255, 255)")
        assert (float(line.removesuffix("px")) > 1.5) == (shade != "shade0")
    unsure = measured.locator(".matrix .unsure").first
    assert "gradient" in unsure.evaluate("one => getComputedStyle(one).backgroundImage")
    assert unsure.evaluate("one => getComputedStyle(one).printColorAdjust") == "exact"


@pytest.mark.parametrize("path", ["/", "/werk", "/sectoren"])
def test_in_forced_colours_texts_of_drawings_have_the_colour_of_text(
    browser: Browser, address: str, path: str, folder: Path
) -> None:
    context = browser.new_context(base_url=address, forced_colors="active", color_scheme="dark")
    page = context.new_page()
    page.goto(path)
    ink = page.evaluate("getComputedStyle(document.body).color")
    fills = page.locator("svg.axis text, .map text.name, circle.dot:not(.rough)").evaluate_all(
        "all => all.map(one => getComputedStyle(one).fill)"
    )
    assert fills
    assert set(fills) == {ink}
    page.screenshot(path=folder / f"{name(path)}-forced.png", full_page=True)
    context.close()


def name(path: str) -> str:
    return path.strip("/") or "overzicht"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_every_page_is_photographed(measured: Page, folder: Path, lang: str, width: int) -> None:
    measured.set_viewport_size({"width": width, "height": 800})
    for path in [*PATHS, "/nothing"]:
        measured.goto(f"{path}?lang={lang}")
        kept = folder / f"{name(path)}-{lang}-{width}.png"
        raw = measured.screenshot(path=kept, full_page=True)
        assert int.from_bytes(raw[16:20]) == width  # the PNG's own header: nothing sticks out
        assert kept.stat().st_size == len(raw)
