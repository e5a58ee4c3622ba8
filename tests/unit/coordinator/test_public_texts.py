"""Every text of the pages: in Dutch too, used, and saying no more than figures can."""

from pathlib import Path

import pytest
from said_texts import Forms, constants_in, fields, said_in
from word_lint import FORBIDDEN

import chassis
import coordinator.web.public
from coordinator.web.public.texts import texts

OWN, SHARED = (Path(package.__file__).parent for package in (coordinator.web.public, chassis))
DUTCH = [
    {message: (text,) for message, text in known.messages.items()} | dict(known.forms)
    for known in texts("nl").catalogues
]
MESSAGES = sorted(said_in(OWN) | said_in(SHARED))


@pytest.mark.parametrize("message", MESSAGES)
def test_every_text_of_a_page_has_its_dutch_with_the_same_fields(message: Forms) -> None:
    dutch = next(known[message[0]] for known in DUTCH if message[0] in known)
    assert [fields(one) for one in message] == [fields(one) for one in dutch]


@pytest.mark.parametrize(("folder", "dutch"), [(OWN, DUTCH[0]), (SHARED, DUTCH[1])])
def test_no_dutch_text_is_left_over(folder: Path, dutch: dict[str, Forms]) -> None:
    assert set(dutch) <= {*(one for one, *_ in said_in(folder)), *constants_in(folder)}


def test_a_text_stands_in_one_catalogue() -> None:
    assert set(DUTCH[0]) & set(DUTCH[1]) == set()


SAID = {one for forms in (*MESSAGES, *DUTCH[0].values(), *DUTCH[1].values()) for one in forms}


@pytest.mark.parametrize("message", sorted(SAID))
def test_no_text_says_more_than_figures_can(message: str) -> None:
    assert not FORBIDDEN.search(message)
