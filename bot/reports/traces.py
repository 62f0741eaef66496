"""After something was moved or deleted: nothing of it stays in journals or behind the rows."""

from sqlalchemy import text

from bot.db import Sessions

_TABLES = "report_arrivals, report_cases, case_messages, case_states, case_tasks, report_links"


async def leave_no_trace(sessions: Sessions) -> None:
    """Fold SQLite's journal into the file; let PostgreSQL give dead rows free.

    SQLite overwrites what was deleted (``secure_delete``). On PostgreSQL the bytes go when the
    space is used again; its write-ahead log is recycled by the server and must not be archived
    for longer than backups are kept (``docs/operations.md``). Call it outside a transaction.
    """
    if sessions.sqlite:
        await sessions.fold_journal()
        return
    async with sessions.engine.connect() as connection:
        plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await plain.execute(text(f"VACUUM {_TABLES}"))
