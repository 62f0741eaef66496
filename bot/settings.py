"""Everything that is set from outside: environment variables → one frozen ``Settings``."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.errors import SettingsError

DATABASE_SCHEMES = ("sqlite+aiosqlite", "postgresql+asyncpg")
TOKEN = re.compile(r"\d{1,16}:[A-Za-z0-9_-]{1,128}")
_REQUIRED_IN_PRODUCTION = ("operator_name", "operator_address", "operator_email", "impressum_url")


class Settings(BaseSettings):
    """What the operator decided. Read once at the start with ``read_settings`` and never changed.

    A variable that is missing or wrong raises ``SettingsError`` whose text names the variable and
    never repeats a secret.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    bot_token: SecretStr | None = None
    bot_api_base: str = "https://api.telegram.org"
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    database_url: SecretStr | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    data_dir: Path = Path("data")
    public_url: str | None = None
    production: bool = False
    sample_data: bool | None = None
    operator_name: str | None = None
    operator_address: str | None = None
    operator_phone: str | None = None
    operator_email: str | None = None
    impressum_url: str | None = None
    privacy_url: str | None = None
    accessibility_url: str | None = None
    messages_per_minute: Annotated[int, Field(ge=1, le=10_000)] = 20
    case_worker_keys: Path | None = None
    reports_secret: SecretStr | None = None
    report_languages: str = "de"
    telegram_per_second: Annotated[float, Field(ge=1, le=100_000)] = 28
    telegram_chat_per_second: Annotated[float, Field(gt=0, le=100_000)] = 1
    log_level: str = "INFO"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed in: the environment is handed over by ``read_settings``."""
        return (init_settings,)

    @field_validator("bot_token")
    @classmethod
    def _token_has_its_form(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError("is not a bot token (expected digits, a colon and letters)")
        return token

    @field_validator("webhook_secret")
    @classmethod
    def _secret_has_its_form(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not re.fullmatch(
            r"[A-Za-z0-9_-]{1,256}", secret.get_secret_value()
        ):
            raise ValueError("may hold 1 to 256 letters, digits, _ and - only")
        return secret

    @field_validator("reports_secret")
    @classmethod
    def _reports_secret_is_long(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < 32:
            raise ValueError("must have at least 32 letters")
        return secret

    @field_validator(
        "bot_api_base",
        "webhook_url",
        "public_url",
        "impressum_url",
        "privacy_url",
        "accessibility_url",
    )
    @classmethod
    def _is_a_web_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("is not a web address (expected https://…)")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _database_is_known(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            scheme, separator, rest = value.get_secret_value().partition("://")
            if not separator or not rest or scheme not in DATABASE_SCHEMES:
                raise ValueError(
                    f"must begin with {' or '.join(f'{s}://' for s in DATABASE_SCHEMES)}"
                )
            try:
                _ = urlsplit(value.get_secret_value()).port
            except ValueError:
                raise ValueError("has a port that is no number") from None
        return value

    @field_validator("report_languages")
    @classmethod
    def _languages_are_codes(cls, value: str) -> str:
        codes = [code.strip() for code in value.split(",") if code.strip()]
        if not codes or not all(re.fullmatch(r"[a-z]{2,3}(-[A-Za-z]+)?", code) for code in codes):
            raise ValueError("must be language codes such as de,en,tr")
        return value

    @field_validator("log_level")
    @classmethod
    def _level_is_known(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the database; by default a file in ``DATA_DIR``."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite+aiosqlite:///{(self.data_dir / 'bot.sqlite').absolute()}"

    @property
    def token(self) -> str | None:
        """The bot token in clear, or nothing when the Telegram channel is off."""
        return self.bot_token.get_secret_value() if self.bot_token else None

    @property
    def webhook_token(self) -> str:
        """The word Telegram must repeat with each webhook call.

        Derived from the bot token when ``WEBHOOK_SECRET`` is not set, so that it is never empty.
        """
        if self.webhook_secret is not None:
            return self.webhook_secret.get_secret_value()
        return hashlib.sha256(b"webhook:" + (self.token or "").encode()).hexdigest()

    @property
    def read_languages(self) -> tuple[str, ...]:
        """The languages that the case workers read, by code."""
        return tuple(code.strip() for code in self.report_languages.split(",") if code.strip())

    @property
    def recipients_file(self) -> Path:
        """The file with the public keys of the case workers; by default in ``DATA_DIR``."""
        return self.case_worker_keys or self.data_dir / "case-workers.txt"

    @property
    def samples(self) -> bool:
        """Whether the sample practices are shown; never in production unless asked for."""
        return not self.production if self.sample_data is None else self.sample_data


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables (upper-case field names).

    Raises ``SettingsError`` with one line that names the variable.
    """
    values: dict[str, Any] = {
        name: environment[name.upper()].strip()
        for name in Settings.model_fields
        if environment.get(name.upper(), "").strip()
    }
    try:
        settings = Settings(**values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "settings"
        raise SettingsError(f"{name} {first['msg'].removeprefix('Value error, ')}") from None
    if settings.production:
        for name in _REQUIRED_IN_PRODUCTION:
            if getattr(settings, name) is None:
                raise SettingsError(f"{name.upper()} must be set when PRODUCTION=1")
    if settings.webhook_url and settings.token is None:
        raise SettingsError("BOT_TOKEN must be set when WEBHOOK_URL is set")
    return settings
