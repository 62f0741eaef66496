"""Missing or wrong settings: one clear line that names the variable, exit code 2, no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import read_settings

ROOT = Path(__file__).parent.parent
COMPLETE = {
    "PRODUCTION": "1",
    "OPERATOR_NAME": "Büro für Integration",
    "OPERATOR_ADDRESS": "Wilhelm-Seipp-Straße 4, 64521 Groß-Gerau",
    "OPERATOR_EMAIL": "bfi@kreisgg.de",
    "IMPRESSUM_URL": "https://www.kreisgg.de/impressum",
}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BOT_TOKEN", "not a token"),
        ("BOT_API_BASE", "telegram"),
        ("WEBHOOK_URL", "ftp://example.org"),
        ("WEBHOOK_SECRET", "white space"),
        ("DATABASE_URL", "mysql://somewhere"),
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("PRODUCTION", "perhaps"),
        ("SAMPLE_DATA", "perhaps"),
        ("MESSAGES_PER_MINUTE", "0"),
        ("LOG_LEVEL", "LOUD"),
        ("IMPRESSUM_URL", "somewhere"),
    ],
)
def test_a_wrong_value_is_named(variable: str, value: str) -> None:
    """The line names the variable and does not repeat the value, which may be a secret."""
    with pytest.raises(SettingsError) as refused:
        read_settings({variable: value})
    assert str(refused.value).startswith(variable)
    assert "\n" not in str(refused.value)
    if variable in {"BOT_TOKEN", "WEBHOOK_SECRET", "DATABASE_URL"}:
        assert value not in str(refused.value)


@pytest.mark.parametrize("missing", sorted(set(COMPLETE) - {"PRODUCTION"}))
def test_production_needs_an_operator(missing: str) -> None:
    """With PRODUCTION=1 the bot does not start without operator, address and Impressum."""
    with pytest.raises(SettingsError, match=missing):
        read_settings({name: value for name, value in COMPLETE.items() if name != missing})


def test_production_shows_no_samples_unless_asked() -> None:
    """Sample practices are for trying out."""
    assert read_settings({}).samples
    assert not read_settings(COMPLETE).samples
    assert read_settings({**COMPLETE, "SAMPLE_DATA": "1"}).samples


def test_a_webhook_needs_a_token() -> None:
    """Nobody would call the webhook otherwise."""
    with pytest.raises(SettingsError, match="BOT_TOKEN"):
        read_settings({"WEBHOOK_URL": "https://bot.example.org"})


def test_the_secrets_do_not_show() -> None:
    """Settings may be printed by accident."""
    token = "123456:abcdefghijklmnopqrstuvwxyz"
    settings = read_settings(
        {"BOT_TOKEN": token, "DATABASE_URL": "postgresql+asyncpg://me:secretword@db/kreis"}
    )
    assert token not in repr(settings)
    assert "secretword" not in repr(settings)


def test_the_program_says_one_line_and_ends_with_two(tmp_path: Path) -> None:
    """As a person meets it on the command line."""
    ended = subprocess.run(
        [sys.executable, "bot.py"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PORT": "many", "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert "PORT" in ended.stderr
