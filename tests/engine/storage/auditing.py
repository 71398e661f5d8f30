"""A process that appends audit rows, forgets some, and says how many, until killed."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.simulators.engine_alone import keep_home_assistant_out

keep_home_assistant_out()

# ruff: noqa: E402
from custom_components.plantroom.engine.storage.audit_log import AuditEntry, AuditLog
from custom_components.plantroom.engine.storage.database import Database


async def main(folder: Path) -> None:
    database = Database(folder)
    await database.start()
    audit = AuditLog(database)
    number = 0
    while True:
        number += 1
        await audit.append(
            AuditEntry(
                at=datetime.now(UTC),
                actor="Ada",
                action="write",
                point_id="n:1:analog-value,1",
                old=number,
                new=number + 1,
                priority=8,
                verdict="verified",
            )
        )
        if number % 20 == 0:
            await audit.trim(datetime.now(UTC) - timedelta(days=1), 50)
        print(number, flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
