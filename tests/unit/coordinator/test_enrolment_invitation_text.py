import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.enrolment import ExpiredInvitation, Invitation, MistypedInvitation
from schemas.units import UnixSeconds

INVITATION = Invitation(
    url="https://127.0.0.1:8443", ca_pem="-----BEGIN CERTIFICATE-----\nMII=\n", authority="ab" * 32,
    centre=7, name="Centrum Één", token="A" * 43, expires_at=UnixSeconds(1000),
)  # fmt: skip
TEXT = INVITATION.to_text()


def test_an_invitation_is_one_line_that_reads_back() -> None:
    assert TEXT.startswith("wegwijs1:")
    assert len(TEXT.split()) == 1
    assert Invitation.from_text(TEXT) == INVITATION


def test_lines_broken_by_a_mail_program_do_no_harm() -> None:
    broken = "\r\n  ".join(TEXT[k : k + 60] for k in range(0, len(TEXT), 60)) + "\n"
    assert Invitation.from_text(broken) == INVITATION


@given(place=st.integers(0, len(TEXT) - 1), letter=st.sampled_from("aZ09-_:+/=é"))
def test_one_changed_character_is_noticed(place: int, letter: str) -> None:
    changed = TEXT[:place] + letter + TEXT[place + 1 :]
    if changed != TEXT:
        with pytest.raises(MistypedInvitation):
            Invitation.from_text(changed)


@given(end=st.integers(0, len(TEXT) - 1))
def test_a_cut_invitation_is_noticed(end: int) -> None:
    with pytest.raises(MistypedInvitation):
        Invitation.from_text(TEXT[:end])


@given(text=st.text(max_size=200))
def test_any_other_text_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(MistypedInvitation):
        Invitation.from_text("wegwijs1:" + text)


def test_an_overlong_text_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(MistypedInvitation):
        Invitation.from_text("wegwijs1:" + "A" * 1_000_000)


def test_an_invitation_holds_until_its_last_second() -> None:
    INVITATION.check_date(UnixSeconds(1000))
    with pytest.raises(ExpiredInvitation):
        INVITATION.check_date(UnixSeconds(1001))


def test_the_token_is_not_in_the_repr() -> None:
    assert "A" * 43 not in repr(INVITATION)
