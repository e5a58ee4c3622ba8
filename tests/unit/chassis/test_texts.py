"""Texts: one catalogue a domain, the shared one beneath it, and a form for each number."""

from pathlib import Path

import pytest

from chassis.texts import SHARED, Texts

POLISH = r"""
msgid ""
msgstr ""
"Language: pl\n"
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : "
"n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);\n"

msgid "{n} file"
msgid_plural "{n} files"
msgstr[0] "{n} plik"
msgstr[1] "{n} pliki"
msgstr[2] "{n} plików"
"""


@pytest.mark.parametrize(
    ("number", "dutch", "english"),
    [(0, "0 centra", "0 centres"), (1, "1 centrum", "1 centre"), (2, "2 centra", "2 centres")],
)
def test_a_count_takes_the_form_that_goes_with_its_number(
    number: int, dutch: str, english: str
) -> None:
    said = [
        Texts.load(SHARED, language).count("{n} centre", "{n} centres", number, n=number)
        for language in ("nl", "en")
    ]
    assert said == [dutch, english]


def test_the_catalogue_says_which_form_that_is(tmp_path: Path) -> None:
    """Numbers by Unicode CLDR, plural rules of Polish: 1; 2-4, 22-24; all others."""
    folder = tmp_path / "nl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(POLISH, encoding="utf-8")
    t = Texts.load(tmp_path, "nl")
    said = [t.count("{n} file", "{n} files", n, n=n) for n in (0, 1, 2, 4, 5, 12, 22)]
    assert said == ["0 plików", "1 plik", "2 pliki", "4 pliki", "5 plików", "12 plików", "22 pliki"]


def test_the_words_of_a_domain_come_before_the_shared_ones(tmp_path: Path) -> None:
    folder = tmp_path / "nl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(
        'msgid ""\nmsgstr ""\n\nmsgid "Nothing was changed."\nmsgstr "Alles bleef."\n'
    )
    assert Texts.load(tmp_path, "nl")("Nothing was changed.") == "Alles bleef."
    assert Texts.load(tmp_path, "en")("Nothing was changed.") == "Nothing was changed."
