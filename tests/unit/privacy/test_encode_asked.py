"""Dimensions that no questionnaire of a programme asks take no room in the vector."""

import pytest
from encode_people import declared, programme_of, text, trajectory

from privacy.encode.asked import answerable
from privacy.encode.layout import Layout, make_layout
from privacy.encode.vector import encode
from privacy.estimate.figures import estimate
from schemas.measures import Count, Mean, Reliability
from schemas.questionnaire import Item, Questionnaire, built_in
from schemas.statistic import Statistic

THREE = ("meaning", "autonomy", "balance")
FELT = declared(
    "felt",
    Mean(value="level", variables=THREE, centres=(3_000, 3_100, 3_200), lower=-2_000, upper=2_000,
         norm=3_000),
    views=((),), unit="points",
)  # fmt: skip
ALPHA = declared("alpha", Reliability(questionnaire="short", variables=THREE, items=2), views=((),))


def form(**items: int) -> Questionnaire:
    listed = tuple(
        Item(id=f"{name}-{k}", dimension=name, text=text(name))  # type: ignore[arg-type]
        for name, count in items.items()
        for k in range(count)
    )
    return Questionnaire(
        id="short", title=text("short"), lowest=1, highest=5, licence="own", source="own",
        items=listed,
    )  # fmt: skip


def laid_out(statistic: Statistic, *forms: Questionnaire) -> Layout:
    programme = programme_of((statistic, 20_000), questionnaires=forms)
    return make_layout(programme, [ask.key for ask in programme.asks])


def test_a_mean_keeps_the_dimensions_that_some_form_asks_each_with_its_centre() -> None:
    kept = answerable(FELT, [form(balance=1), form(meaning=1)]).measure
    assert isinstance(kept, Mean)
    assert (kept.variables, kept.centres) == (("meaning", "balance"), (3_000, 3_200))


def test_fewer_entries_are_paid_for_and_each_is_told_more_exactly() -> None:
    whole, short = laid_out(FELT, built_in()), laid_out(FELT, form(meaning=1, balance=1))
    assert {b.part.lanes for b in whole.blocks if b.part.role in ("sum", "known", "square")} == {3}
    assert {b.part.lanes for b in short.blocks if b.part.role in ("sum", "known", "square")} == {2}
    for role in ("sum", "known", "square"):
        before, after = (
            next(b.multiplier for b in layout.blocks if b.part.role == role)
            for layout in (whole, short)
        )
        assert after > before
    assert whole.digest() != short.digest()


def test_figures_are_those_of_the_dimensions_that_were_asked() -> None:
    """A thousand people at 4 and 2: the means are these, and nothing is said of autonomy."""
    asked = form(meaning=1, balance=1)
    programme = programme_of((FELT, 20_000), questionnaires=[asked])
    layout = make_layout(programme, ["felt@12m"])
    felt = {"12m": {"meaning": (4,), "balance": (2,)}}
    people = [trajectory(questionnaire="short", wellbeing=felt) for _ in range(1_000)]
    total = encode(people, layout, programme)
    means = {
        f.variable: f.estimate
        for f in estimate(total, layout, contributors=8, honest=8)
        if f.measure == "mean"
    }
    assert means == pytest.approx({"meaning": 4.0, "balance": 2.0}, abs=1e-4)


def test_reliability_keeps_the_dimensions_of_its_own_form_that_have_so_many_items() -> None:
    kept = answerable(ALPHA, [form(meaning=2, autonomy=1, balance=2), built_in()]).measure
    assert isinstance(kept, Reliability)
    assert kept.variables == ("meaning", "balance")


@pytest.mark.parametrize(
    ("statistic", "forms"),
    [
        (FELT, [built_in()]),
        (FELT, [form(safety=1)]),  # nothing would be left
        (ALPHA, [built_in()]),
        (declared("counted", Count()), [form(safety=1)]),
    ],
)
def test_a_declaration_of_which_all_or_nothing_is_asked_stays_as_it_is(
    statistic: Statistic, forms: list[Questionnaire]
) -> None:
    assert answerable(statistic, forms) is statistic
