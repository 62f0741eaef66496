"""A key for trying reports out at home: without one, a fresh copy could take no report at all.

Never in production. The private key lies beside the bot, in the folder of a case worker's machine,
so that the ``cases`` commands work at once; the running bot does not keep it. Whoever wants to
report reads that this is a trial.
"""

import logging

from bot.casework.machine import Machine
from bot.errors import SettingsError
from bot.reports.sealing import TRIAL
from bot.settings import Settings

logger = logging.getLogger(__name__)

FOLDER = "trial-case-worker"


def prepare_trial(settings: Settings) -> None:
    """Make a key for a trial where nobody has given one; write its public half to the file.

    Raises ``SettingsError`` in production when the file still holds the key of a trial.
    """
    file = settings.recipients_file
    machine = Machine(settings.data_dir / FOLDER)
    made_here = (machine.folder / "identity.txt").exists()
    if settings.production:
        known = file.read_text(encoding="utf-8") if file.is_file() else ""
        if TRIAL in known or (made_here and machine.public in known):
            raise SettingsError(f"{file.name} holds the key of a trial; take it out (PRODUCTION=1)")
        return
    if settings.case_worker_keys is not None or file.exists():
        return
    public = machine.public if made_here else machine.make_identity(None)
    try:
        file.write_text(
            f"{TRIAL}: its private key lies on this machine. Not for real reports.\n{public}\n",
            encoding="utf-8",
        )
    except OSError as error:
        raise SettingsError(f"DATA_DIR: {file.name} cannot be used ({error.strerror})") from None
    logger.warning("reports are sealed to a key for trials: %s", file)
