"""A fresh copy can try reports out; production never does so."""

from pathlib import Path

import pytest

from bot.app.tryout import FOLDER, prepare_trial
from bot.casework.machine import Machine
from bot.errors import SettingsError
from bot.reports import open_desk
from bot.reports.sealing import unseal
from bot.settings import read_settings

_OPERATOR = {
    "OPERATOR_NAME": "Büro",
    "OPERATOR_ADDRESS": "Hier 1",
    "OPERATOR_EMAIL": "buero@example.org",
    "IMPRESSUM_URL": "https://example.org",
}


def test_a_fresh_copy_takes_reports_and_says_that_it_is_a_trial(tmp_path: Path) -> None:
    """The key lies in a case worker's folder and opens what was sealed; a second start keeps it."""
    settings = read_settings({"DATA_DIR": str(tmp_path)})
    desk = open_desk(settings)
    assert not desk.ready
    prepare_trial(settings)
    assert desk.ready
    assert desk.trial
    before = settings.recipients_file.read_text()
    prepare_trial(settings)
    assert settings.recipients_file.read_text() == before
    sealed = desk.recipients().seal(b"what happened")
    assert unseal(sealed, Machine(tmp_path / FOLDER).identity) == b"what happened"
    settings.recipients_file.unlink()
    prepare_trial(settings)
    assert settings.recipients_file.read_text() == before


def test_a_key_that_was_given_is_no_trial(tmp_path: Path) -> None:
    """Nothing is made beside it."""
    public = Machine(tmp_path / "elsewhere").make_identity(None)
    (tmp_path / "case-workers.txt").write_text(f"{public}\n")
    settings = read_settings({"DATA_DIR": str(tmp_path)})
    prepare_trial(settings)
    assert not open_desk(settings).trial
    assert not (tmp_path / FOLDER).exists()


def test_production_never_takes_the_key_of_a_trial(tmp_path: Path) -> None:
    """Without a key it takes no reports; with a trial's key it does not start."""
    production = read_settings({"DATA_DIR": str(tmp_path), "PRODUCTION": "1", **_OPERATOR})
    prepare_trial(production)
    assert not open_desk(production).ready
    prepare_trial(read_settings({"DATA_DIR": str(tmp_path)}))
    with pytest.raises(SettingsError, match="trial"):
        prepare_trial(production)
    # The comment alone was taken out: the key is the same.
    *_comment, key = production.recipients_file.read_text().splitlines()
    production.recipients_file.write_text(f"{key}\n")
    with pytest.raises(SettingsError, match="trial"):
        prepare_trial(production)
