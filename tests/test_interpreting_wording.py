"""Legal appointments are stopped, and clients' private things noticed, by words that are data."""

import pytest

from bot.interpreting.wording import LEGAL_KINDS, PRIVATE_KINDS, legal_effect, private_things


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("Gerichtstermin", "court"),
        ("Familiengercht", "court"),
        ("court hearing", "court"),
        ("Polizeii Vernehmung", "police"),
        ("Anzeige erstatten", "police"),
        ("Notartermin Hauskauf", "notary"),
        ("Anhörung beim BAMF", "asylum-hearing"),
        ("asylum interview", "asylum-hearing"),
        ("Aufklärung vor der OP", "surgery-consent"),
        ("consent for surgery", "surgery-consent"),
    ],
)
def test_an_appointment_with_legal_effect_is_noticed(typed: str, kind: str) -> None:
    """German and English, with slips."""
    assert kind in LEGAL_KINDS
    assert legal_effect(typed) == kind


@pytest.mark.parametrize(
    "typed",
    [
        "Elterngespräch",
        "Anmeldung in der Schule",
        "Hilfeplangespräch beim Jugendamt",
        "Beratung Wohngeld",
        "Aufklärungsgespräch zur Impfung",
        "Mittagessen, Gericht kochen",
        "hearing test",
        "Untersuchung U7",
        "",
    ],
)
def test_everyday_appointments_are_not(typed: str) -> None:
    """The pool is there for them."""
    assert legal_effect(typed) is None


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("Gespräch mit Herrn Haddad", "name"),
        ("Familie Ahmadi", "name"),
        ("geb. 3.4.1990", "birthday"),
        ("12.04.1988", "birthday"),
        ("hat Depressionen", "diagnosis"),
        ("Kind hat Autismus", "diagnosis"),
        ("Az. 12 F 345/24", "file_number"),
        ("BG-Nummer 43704//0001234", "file_number"),
        ("A123456789", "file_number"),
    ],
)
def test_what_looks_like_a_clients_is_noticed(typed: str, kind: str) -> None:
    """Before it is kept."""
    assert kind in PRIVATE_KINDS
    assert kind in private_things(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "Kita Sonnenschein, Eingang hinten, Klingel 3. Stock",
        "Marktstraße 12, 64521 Groß-Gerau",
        "Ansprechpartnerin Frau Ak, Zimmer 12",
        "Frau Dr. Weber, Tel. 06152 9890",
        "Elterngespräch, Frau oder Mann egal",
        "",
    ],
)
def test_addresses_and_staff_are_not(typed: str) -> None:
    """Where to ring and who opens the door must be said."""
    assert private_things(typed) == ()
