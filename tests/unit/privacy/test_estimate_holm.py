"""Chances of several comparisons at once, corrected by the steps of Holm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.estimate.holm import holm


@pytest.mark.parametrize(
    ("given", "wanted"),
    [([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]), ([], []), ([0.5, 0.9], [1.0, 1.0]),
     ([0.001], [0.001]), ([0.9, 0.8], [1.0, 1.0]), ([0.0, 1.0], [0.0, 1.0])],
)  # fmt: skip
def test_holm_gives_the_published_steps(given: list[float], wanted: list[float]) -> None:
    assert holm(given) == pytest.approx(wanted)


@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=12))
@pytest.mark.slow
def test_holm_is_what_statsmodels_says(p: list[float]) -> None:
    from statsmodels.stats.multitest import multipletests

    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


def test_holm_refuses_what_is_no_chance() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([0.2, 1.2])
