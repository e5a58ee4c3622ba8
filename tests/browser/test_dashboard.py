"""The public pages in a real browser: at three widths, without scripts, by keyboard, on paper."""

from pathlib import Path

import pytest
from demo_release import published
from playwright.sync_api import Page, Request
from word_lint import FORBIDDEN

from coordinator.web.public.pages.router import KINDS

pytestmark = pytest.mark.browser

WIDTHS = (360, 768, 1280)
PATHS = [kind.path for kind in KINDS]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PATHS)
def test_the_answer_stands_in_the_first_screen_and_only_tables_scroll_sideways(
    measured: Page, path: str, width: int
) -> None:
    measured.set_viewport_size({"width": width, "height": 740})
    measured.goto(path)
    assert measured.locator("h1").inner_text().endswith("?")
    box = measured.locator("[data-answer]").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 740
    assert measured.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", PATHS)
def test_pages_read_without_scripts_and_load_nothing_from_elsewhere(
    page: Page, path: str, address: str
) -> None:
    asked: list[str] = []
    refused: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.on("console", lambda message: refused.append(message.text))
    page.goto(path)
    assert page.locator("[data-answer]").inner_text().strip()
    assert page.locator("[data-coverage]").inner_text().startswith("9 van 10 centra.")
    assert page.locator("[data-period]").inner_text() == "2024"
    assert asked
    assert all(url.startswith(address) for url in asked)
    assert page.locator("script, [style], [onclick], style").count() == 0
    assert page.locator("select").count() <= 2
    assert refused == []


@pytest.mark.parametrize("path", [*PATHS, "/sectoren?show=BE21", "/waar?show=nuts3"])
def test_every_estimate_has_its_range_and_its_band_and_f_is_never_a_number(
    page: Page, path: str
) -> None:
    page.goto(path)
    estimates = page.locator("[data-est]")
    for one in estimates.all():
        value, lo, hi = (
            float(one.get_attribute(f"data-{name}") or "nan") for name in ("est", "lo", "hi")
        )
        assert lo <= value <= hi
        assert one.get_attribute("data-band") in {"A", "B", "C", "D"}
    for text in page.locator('[data-band="F"]:is(tr) td.unsure').all_inner_texts():
        assert text == "Te onzeker om te tonen"
    for text in page.locator('td[data-band="F"]').all_inner_texts():
        assert not any(letter.isdigit() for letter in text)
    assert page.locator("tbody td:empty").count() == 0
    if path not in ("/download",):
        assert estimates.count() > 0


@pytest.mark.parametrize("path", [*PATHS, "/sectoren?show=BE23", "/nothing"])
def test_the_other_language_is_the_same_page(page: Page, path: str) -> None:
    page.goto(path)
    assert page.locator("html").get_attribute("lang") == "nl"
    dutch = page.locator("h1").inner_text()
    page.locator("a.lang").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.url.split("?")[0].endswith(path.split("?", maxsplit=1)[0])
    assert "show=BE23" in page.url or "show" not in path
    assert page.locator("h1").inner_text() != dutch
    page.locator("a.lang").click()
    assert page.locator("h1").inner_text() == dutch


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("path", PATHS)
def test_no_page_says_more_than_its_figures_can(page: Page, path: str, lang: str) -> None:
    page.goto(f"{path}?lang={lang}")
    assert not FORBIDDEN.search(page.locator("body").inner_text())


def test_a_choice_changes_the_answer_without_scripts(page: Page) -> None:
    page.goto("/werk")
    assert "na 12 maanden" in page.locator("[data-answer]").inner_text()
    page.locator("select[name=show]").select_option("6m")
    page.locator("form button").click()
    assert "na 6 maanden" in page.locator("[data-answer]").inner_text()
    assert page.locator("[data-diff]").count() == 1


@pytest.mark.parametrize("path", PATHS)
def test_the_keyboard_reaches_every_link_and_table_with_a_visible_focus(
    measured: Page, path: str
) -> None:
    measured.goto(path)
    wanted = measured.locator("a[href], select, button, [tabindex='0']").count()
    measured.keyboard.press("Tab")
    assert measured.evaluate("document.activeElement.className") == "skip"
    seen = 1
    for _ in range(wanted - 1):
        measured.keyboard.press("Tab")
        seen += measured.evaluate("document.activeElement !== document.body")
        assert measured.evaluate("getComputedStyle(document.activeElement).outlineStyle") not in (
            "none",
            "hidden",
        )
    assert seen == wanted


@pytest.mark.parametrize("path", PATHS)
def test_targets_are_large_enough_and_headings_in_order(measured: Page, path: str) -> None:
    measured.set_viewport_size({"width": 360, "height": 740})
    measured.goto(path)
    for one in measured.locator("nav a, .mark, .lang, select, button, .card a, .files a").all():
        box = one.bounding_box()
        assert box is not None
        assert box["height"] >= 24
    levels = measured.locator("h1, h2, h3").evaluate_all("all => all.map(h => h.tagName)")
    assert levels[0] == "H1"
    assert levels.count("H1") == 1
    assert measured.locator("table").count() == measured.locator("table > caption").count()


def test_text_at_twice_the_size_still_fits(measured: Page) -> None:
    measured.set_viewport_size({"width": 640, "height": 740})
    for path in PATHS:
        measured.goto(path)
        measured.evaluate("document.documentElement.style.fontSize = '200%'")
        assert measured.evaluate("document.documentElement.scrollWidth") <= 640


def test_a_downloaded_release_is_the_document(page: Page, address: str) -> None:
    page.goto("/download")
    with page.expect_download() as waiting:
        page.locator(".files a").first.click()
    assert waiting.value.suggested_filename == "year-2024-r1.json"
    with published().begin() as connection:
        from coordinator.store import releases

        document = releases.document_of(connection, "year-2024-r1")
    assert Path(waiting.value.path()).read_bytes() == document


def test_on_paper_navigation_is_left_out_and_the_address_stands_below(measured: Page) -> None:
    measured.goto("/werk")
    measured.emulate_media(media="print")
    assert not measured.locator("nav").is_visible()
    assert not measured.locator("form.choices").is_visible()
    assert measured.locator(".on-paper").inner_text().endswith("/werk")


def test_what_is_not_there_is_said_in_a_page(page: Page) -> None:
    answer = page.goto("/nothing")
    assert answer is not None
    assert answer.status == 404
    assert page.locator("[data-answer]").inner_text() == "Op dit adres staat niets."
