"""Sealing: only case workers open it, sizes say little, and no private key is accepted here."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyrage import x25519

from bot.errors import ReportsNotReady, SettingsError, TooMuchTold
from bot.reports import Attachment, Reporting, Told
from bot.reports.sealing import (
    SIZES,
    CannotOpen,
    Recipients,
    TooLarge,
    identity_from,
    read_recipients,
    seal,
    unseal,
)
from bot.reports.site import SiteSecret, read_secret
from bot.reports.told import pack, unpack
from tests.case_reports import NOW, WORDS, told

_OVERHEAD = 1_024


def _recipients(*identities: x25519.Identity) -> Recipients:
    keys = tuple(identity.to_public() for identity in identities)
    return Recipients(keys, tuple(map(str, keys)))


def test_each_recipient_opens_it_and_nobody_else() -> None:
    """Three case workers, and a stranger."""
    three = [x25519.Identity.generate() for _ in range(3)]
    sealed = _recipients(*three).seal(b"what was told")
    assert [unseal(sealed, identity) for identity in three] == [b"what was told"] * 3
    with pytest.raises(CannotOpen):
        unseal(sealed, x25519.Identity.generate())
    with pytest.raises(CannotOpen):
        unseal(sealed[:-1] + b"x", three[0])


@given(st.integers(0, 300_000))
@settings(max_examples=40, deadline=None)
def test_the_size_says_only_a_bucket(length: int) -> None:
    """Whatever was told, the ciphertext has one of a few lengths."""
    identity = identity_from(b"i" * 32)
    sealed = seal(bytes(length), [identity.to_public()])
    assert any(size < len(sealed) < size + _OVERHEAD for size in SIZES)
    assert unseal(sealed, identity) == bytes(length)


def test_two_reports_of_different_length_look_alike() -> None:
    """One word or two thousand letters."""
    recipients = _recipients(identity_from(b"i" * 32))
    for text in ("Hilfe", "x" * 2_000):
        sealed = recipients.seal(pack(Told("de", texts=[text]), NOW.date(), "age1"))
        assert SIZES[0] < len(sealed) < SIZES[0] + _OVERHEAD  # age adds some noise of its own


def test_too_much_is_refused() -> None:
    """Before the memory is full."""
    with pytest.raises(TooLarge):
        seal(bytes(SIZES[-1]), [identity_from(b"i" * 32).to_public()])


def test_everything_told_comes_back() -> None:
    """Every part, and the files byte by byte."""
    report = told()
    opened = unpack(pack(report, date(2026, 11, 24), "age1xyz"))
    assert opened.told == report
    assert opened.received_on == date(2026, 11, 24)
    assert opened.reply_to == "age1xyz"


@given(
    st.builds(
        Told,
        language=st.sampled_from(["de", "ar", "ti"]),
        texts=st.lists(st.text(max_size=60), max_size=4),
        when=st.none() | st.text(max_size=20),
        place=st.none() | st.text(max_size=20),
        urgent=st.booleans(),
        interpreter_may_read=st.none() | st.booleans(),
        attachments=st.lists(
            st.builds(
                Attachment,
                st.text(max_size=9),
                st.just("image/jpeg"),
                st.just("picture"),
                st.binary(max_size=50),
            ),
            max_size=3,
        ),
    )
)
@settings(deadline=None)
def test_any_report_survives(report: Told) -> None:
    """Whatever letters and bytes are in it."""
    assert unpack(pack(report, date(2026, 1, 1), "k")).told == report


@given(st.binary(max_size=200))
def test_what_is_no_report_is_refused(data: bytes) -> None:
    """With a plain error and nothing else."""
    with pytest.raises(ValueError, match="report"):
        unpack(data)


def test_nothing_told_stands_in_a_repr() -> None:
    """An error that quotes a report must not hold it."""
    report = told()
    for words in (repr(report), repr(report.attachments[0]), f"{report}"):
        assert not any(word in words for word in WORDS)


def test_public_keys_are_read_from_a_file(tmp_path: Path) -> None:
    """One a line, with notes; twice the same key is one."""
    one, two = (str(identity_from(c * 32).to_public()) for c in (b"a", b"b"))
    file = tmp_path / "case-workers.txt"
    assert read_recipients(file) is None
    file.write_text("# nobody yet\n\n")
    assert read_recipients(file) is None
    file.write_text(f"# since May\n{one}  # A.\n{two}\n{one}\n")
    found = read_recipients(file)
    assert found is not None
    assert found.names == (one, two)


def test_a_private_key_on_the_server_is_an_error(tmp_path: Path) -> None:
    """The bot must not be able to open anything; and the error does not repeat the key."""
    file = tmp_path / "case-workers.txt"
    secret = str(identity_from(b"a" * 32))
    for line in (secret, secret.lower(), "age1nonsense"):
        file.write_text(f"{line}\n")
        with pytest.raises(SettingsError) as error:
            read_recipients(file)
        assert line not in str(error.value)


def test_the_key_of_32_bytes_is_the_one_age_knows() -> None:
    """RFC 7748's second test vector: private and public half as age writes them."""
    secret = bytes.fromhex("77076d0a7318a57d3c16c17251b26645df1af1f38a9ed1a3f26f3d7e3f3a7d91")
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from bot.reports.sealing import _bech32

    public = X25519PrivateKey.from_private_bytes(secret).public_key()
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert str(identity_from(secret).to_public()) == _bech32("age", raw)


async def test_without_keys_no_report_is_taken(tmp_path: Path) -> None:
    """It says so instead of keeping something that nobody could open."""
    desk = Reporting(SiteSecret(b"s" * 32), tmp_path / "case-workers.txt")
    assert not desk.ready
    with pytest.raises(ReportsNotReady):
        await desk.seal_report(told(), NOW)


async def test_a_report_that_is_too_large_is_said_to_be(tmp_path: Path) -> None:
    """And the draft stays as it was."""
    file = tmp_path / "case-workers.txt"
    file.write_text(str(identity_from(b"a" * 32).to_public()))
    desk = Reporting(SiteSecret(b"s" * 32), file)
    huge = told(attachments=[Attachment("a", "b", "file", bytes(SIZES[-1]))])
    with pytest.raises(TooMuchTold):
        await desk.seal_report(huge, NOW)
    assert len(huge.attachments) == 1


def test_the_sites_secret_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    """A restart has the same one; a damaged file is said to be damaged."""
    first = read_secret(None, tmp_path)
    assert read_secret(None, tmp_path).receipt_salt == first.receipt_salt
    file = tmp_path / "reports.secret"
    assert file.stat().st_mode & 0o077 == 0
    assert read_secret("x" * 32, tmp_path).receipt_salt != first.receipt_salt
    file.write_bytes(b"short")
    with pytest.raises(SettingsError):
        read_secret(None, tmp_path)
