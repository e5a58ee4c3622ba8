"""Whoever holds a release can check it: whatever was changed afterwards is found out."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from cast import SMALL, Cast, make_cast
from encode_people import crowd, declared, programme_of
from numpy.typing import NDArray

from coordinator.releases.build import build
from coordinator.store.signed_documents import SignedDocuments
from privacy.encode.layout import Layout, make_layout
from privacy.encode.vector import encode
from privacy.estimate.figures import estimate
from privacy.noise.skellam import Skellam
from privacy.secure_sum.certificate import make_certificate
from privacy.secure_sum.certify import sign_set
from privacy.secure_sum.close import accept, close_set
from privacy.secure_sum.keys import Identity
from privacy.secure_sum.parameters import Policy
from privacy.secure_sum.view import view
from privacy.verify import ReleaseRefused, verify_release
from schemas.measures import Count, Mean, Share
from schemas.programme import Programme
from schemas.record import DIMENSIONS
from schemas.release import Figure, Finding, Release
from schemas.round import Certificate
from schemas.signed import Signed

VIEWS = ((), ("gender",))
PROGRAMME = programme_of(
    (declared("counted", Count(), views=VIEWS), 40_000),
    (declared("matched", Share(outcome="durable_match"), views=VIEWS), 40_000),
    (
        declared(
            "felt",
            Mean(value="level", variables=DIMENSIONS[:2], centres=(3000, 3000),
                 lower=-2000, upper=2000, norm=2500),
            views=VIEWS,
        ),
        90_000,
    ),
)  # fmt: skip
ASKS = tuple(ask.key for ask in PROGRAMME.asks)
AUTHORITY = Identity.new(lambda size: b"\x07" * size)


@dataclass
class World:
    """Five centres that run one round."""

    cast: Cast
    layout: Layout

    def certificate(self, *, asked: dict[str, Any], described: dict[str, Any]) -> Certificate:
        """A certificate that all five signed; the changes make it one they never should sign."""
        stated = {"asks": ASKS, "programme": PROGRAMME.digest(), **asked}
        announcement = self.cast.announce(3, self.layout.length, 64).model_copy(update=stated)
        prekeys = self.cast.prekeys(announcement)
        measured = {
            "noise_variance": PROGRAMME.noise_variance,
            "specification": self.layout.digest(),
            **described,
        }
        descriptor = self.cast.describe(announcement, prekeys, **measured)
        seen = view(descriptor, prekeys, self.cast.roster)
        nothing = np.zeros(self.layout.length, dtype=np.int64)
        bodies = {}
        for node in self.cast.players:
            own = self.cast.prepare(node, descriptor, prekeys)
            bodies[node] = accept(seen, self.cast.contribute(own, node, nothing).message, node)
        closed = close_set(seen, bodies)
        headers = [closed.contributions[node].header for node in closed.ids]
        players = self.cast.players
        marks = [sign_set(seen, players[m].identity, m, headers) for m in players]
        return make_certificate(seen, descriptor, prekeys, closed, marks)

    @property
    def signed_documents(self) -> SignedDocuments:
        key = AUTHORITY.private
        return SignedDocuments(Signed.seal(self.cast.roster, key), Signed.seal(PROGRAMME, key))


@pytest.fixture(scope="module")
def world() -> World:
    return World(make_cast(5), make_layout(PROGRAMME, ASKS))


@pytest.fixture(scope="module")
def certificate(world: World) -> Certificate:
    return world.certificate(asked={}, described={})


@pytest.fixture(scope="module")
def total(world: World) -> NDArray[np.int64]:
    random = np.random.default_rng(3).bytes
    noise = Skellam(PROGRAMME.noise_variance, 4)
    exact = encode(crowd(1_500, 3), world.layout, PROGRAMME)
    return exact + sum(noise.share(world.layout.length, random) for _ in range(5))


@pytest.fixture(scope="module")
def release(world: World, certificate: Certificate, total: NDArray[np.int64]) -> Release:
    return build(total, certificate, world.signed_documents, 60)


def signed(release: Release) -> Signed:
    return Signed.seal(release, make_cast(5).coordinator.private)


def check(release: Release, policy: Policy = SMALL) -> Any:
    """As the coordinator itself would have signed it: what it signs must follow all the same."""
    return verify_release(signed(release), AUTHORITY.public_hex, policy)


@pytest.mark.heavy
def test_a_release_that_nobody_changed_is_verified(release: Release) -> None:
    found = check(release)
    assert (found.centres, found.on_roster, found.signatures) == (5, 5, 5)
    assert found.figures == len(release.figures) == 37
    assert found.roster_digest == make_cast(5).roster.digest()


def flipped(text: str) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[12] ^= 1
    return base64.b64encode(raw).decode()


def signed_by_another(signed: Signed) -> Signed:
    return signed.model_copy(update={"signature": "00" * 64})


DOUBT = Finding(
    kind="negative", statistic="counted@12m", part="count", view=(), other=None, cell=(),
    stated=-9.0, expected=0.0, allowed=1.0,
)  # fmt: skip
CHANGES: dict[str, Callable[[Any], Any]] = {
    "id": lambda _: "year-r4",
    "round": lambda number: number + 1,
    "period": lambda _: "another",
    "cohorts": lambda _: ("2024Q2",),
    "asks": lambda asks: asks[:-1],
    "roster": signed_by_another,
    "programme": signed_by_another,
    "certificate": lambda c: c.model_copy(update={"signatures": c.signatures[:3]}),
    "sum": flipped,
    "in_sum": lambda ids: ids[1:],
    "on_roster": lambda number: number + 1,
    "noise": lambda _: "polya",
    "noise_variance": lambda mu: mu * 2,
    "honest": lambda h: h - 1,
    "cost": lambda rho: rho - 1,
    "epsilon": lambda eps: eps * 0.999,
    "sampler_delta": lambda delta: delta * 1.001,
    "delta_exponent": lambda exponent: exponent + 1,
    "figures": lambda figures: figures[:-1],
    "findings": lambda _: (DOUBT,),
    "reason": lambda _: "published all the same",
}


def test_every_field_that_can_be_proven_is_tried() -> None:
    """When a release was published is the coordinator's word alone."""
    assert CHANGES.keys() == Release.model_fields.keys() - {"published_at"}


REASONS = {
    "roster": "^a document of the release fails its check: ",
    "programme": "^a document of the release fails its check: ",
    "certificate": "^a document of the release fails its check: ",
    "sum": "does not follow from the integer sum$",
    "cost": "^the release cost another price than it states$",
    "epsilon": "^the release cost another price than it states$",
    "sampler_delta": "^the release cost another price than it states$",
    "findings": "^the release states other doubts about its sum than there are$",
    "reason": "^doubts and the reason to publish",
    "figures": "^the release has more or fewer figures than its sum gives$",
}
FACTS = "^the release states other facts than its certificate proves$"


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_field_is_found_out(release: Release, name: str) -> None:
    changed = CHANGES[name](getattr(release, name))
    with pytest.raises(ReleaseRefused, match=REASONS.get(name, FACTS)):
        check(release.model_copy(update={name: changed}))


def test_more_figures_than_the_sum_gives_are_found_out(release: Release) -> None:
    more = (*release.figures, release.figures[-1])
    with pytest.raises(ReleaseRefused, match="more or fewer figures"):
        check(release.model_copy(update={"figures": more}))


def other(figure: Figure, name: str) -> Any:
    value = getattr(figure, name)
    if isinstance(value, float):
        return value + 1e-4 * (1 + abs(value))
    if name == "band":
        return "B" if value == "A" else "A"
    return {"statistic": "counted@6m", "measure": "sd", "variable": "balance",
            "cell": (("gender", "m"),)}.get(name, 0.5)  # fmt: skip


@pytest.mark.parametrize("name", Figure.model_fields)
@pytest.mark.parametrize("place", [0, 4, -8])
def test_a_changed_figure_is_found_out(release: Release, name: str, place: int) -> None:
    figures = list(release.figures)
    assert other(figures[place], name) != getattr(figures[place], name)
    figures[place] = figures[place].model_copy(update={name: other(figures[place], name)})
    with pytest.raises(ReleaseRefused, match="does not follow from the integer sum"):
        check(release.model_copy(update={"figures": tuple(figures)}))


def test_a_refusal_says_that_a_figure_is_national(release: Release) -> None:
    wrong = release.figures[0].model_copy(update={"estimate": 0.0})
    with pytest.raises(ReleaseRefused, match=r"^counted@12m count  \(national\) does not follow"):
        check(release.model_copy(update={"figures": (wrong, *release.figures[1:])}))


def test_a_refusal_says_which_figure(release: Release) -> None:
    place, figure = next((k, f) for k, f in enumerate(release.figures) if f.cell)
    figures = list(release.figures)
    figures[place] = figure.model_copy(update={"band": other(figure, "band")})
    with pytest.raises(ReleaseRefused, match=r"counted@12m count  \(f\) does not follow"):
        check(release.model_copy(update={"figures": tuple(figures)}))


def test_figures_made_again_with_less_noise_are_found_out(
    release: Release, world: World, total: NDArray[np.int64]
) -> None:
    quieter = replace(world.layout, noise_variance=world.layout.noise_variance // 2)
    better = estimate(total, quieter, contributors=5, honest=5)
    with pytest.raises(ReleaseRefused, match="does not follow"):
        check(release.model_copy(update={"figures": better}))


@pytest.mark.parametrize("text", ["AAAA", "", "AAAAAAAAAAA="])
def test_a_sum_of_another_length_is_refused(release: Release, text: str) -> None:
    with pytest.raises(ReleaseRefused, match=r"^the integer sum is not as long as the round says$"):
        check(release.model_copy(update={"sum": text}))


@pytest.mark.parametrize("respelled", [lambda _: "A", lambda text: f"{text[:8]}!{text[8:]}"])
def test_a_sum_of_another_spelling_is_refused(
    release: Release, respelled: Callable[[str], str]
) -> None:
    """Even one that a lenient reader would make the same numbers of."""
    with pytest.raises(ReleaseRefused, match=r"cannot be read|holds no release"):
        check(release.model_copy(update={"sum": respelled(release.sum)}))


def test_the_documents_of_another_authority_are_refused(release: Release) -> None:
    with pytest.raises(ReleaseRefused, match="a document of the release fails its check"):
        verify_release(signed(release), "11" * 32, SMALL)


def test_a_reader_may_demand_more_honest_centres(release: Release) -> None:
    with pytest.raises(ReleaseRefused, match="honest"):
        check(release, Policy(least_honest=6))


OTHERS = "^the release was measured with other cohorts, layout or noise$"
WRONG: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "programme": ({"programme": "22" * 32}, {}, "^the round was run under another programme$"),
    "asks": ({"asks": ("counted@6m",)}, {}, "^the round asked something outside the programme$"),
    "twice": (
        {"asks": ("counted@12m", "counted@12m")},
        {},
        "^the round asked something outside the programme$",
    ),
    "period": ({"period": "month"}, {}, "^the round asked something outside the programme$"),
    "cohorts": ({"cohorts": ("2023Q4",)}, {}, OTHERS),
    "layout": ({}, {"specification": "33" * 32}, OTHERS),
    "noise": ({}, {"noise_variance": 2**31}, OTHERS),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_all_centres_signed_must_still_be_in_the_programme(
    release: Release, world: World, name: str
) -> None:
    asked, described, reason = WRONG[name]
    certificate = world.certificate(asked=asked, described=described)
    with pytest.raises(ReleaseRefused, match=reason):
        check(release.model_copy(update={"certificate": certificate}))


def test_another_programme_of_the_same_authority_does_not_fit(release: Release) -> None:
    cheaper: Programme = PROGRAMME.model_copy(update={"version": 2})
    with pytest.raises(ReleaseRefused, match="another programme"):
        check(release.model_copy(update={"programme": Signed.seal(cheaper, AUTHORITY.private)}))
