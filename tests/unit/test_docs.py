"""What the pages for newcomers point to is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/settings.md")
FOLDERS = ("schemas", "privacy", "chassis", "node", "coordinator", "deploy", "benchmarks", "tests")


def pointed_at(page: str) -> set[str]:
    """Paths of ours, and files of the docs, that a page names."""
    text = (ROOT / page).read_text(encoding="utf-8")
    spelled = re.findall(r"`([\w./*-]+)`", text)
    paths = {one for one in spelled if one.partition("/")[0] in FOLDERS and "/" in one}
    links = re.findall(r"\]\(([\w./-]+)\)", text)
    return paths | {str(Path(page).parent / link) for link in links}


@pytest.mark.parametrize("page", PAGES)
def test_every_file_and_folder_that_a_page_names_is_there(page: str) -> None:
    named = pointed_at(page)
    assert len(named) >= 5
    assert sorted(path for path in named if not any(ROOT.glob(path.rstrip("/")))) == []


def test_the_contributors_page_names_every_folder_of_the_product() -> None:
    named = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert [folder for folder in FOLDERS[:6] if f"`{folder}/`" not in named] == []
