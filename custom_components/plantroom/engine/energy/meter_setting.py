"""How people say what a meter shows."""

import math
from datetime import UTC, datetime

from ..errors import UnknownTargetError, WriteRefusedError
from ..requests import SetMeterRequest
from ..storage.audit_log import AuditEntry, AuditLog
from .metering import Metering


async def set_meter(
    metering: Metering, audit: AuditLog, request: SetMeterRequest
) -> None:
    """Set a total, or go on with another meter; audited before it is done.

    Raises UnknownTargetError, WriteRefusedError, StorageError (nothing was done).
    """
    device, total = metering.device_of(request.point_id), request.total
    before = None if device is None else device.total_of(request.point_id)
    if device is None or before is None:
        raise UnknownTargetError(
            f"{request.point_id} counts nothing yet", target=request.point_id
        )
    if total is not None and not (math.isfinite(total) and total >= 0):
        raise WriteRefusedError(
            f"{request.point_id} cannot show {total}",
            reason="below_minimum",
            point=request.point_id,
            value=total,
            limit=0,
        )
    if total is None and not device.is_counter(request.point_id):
        raise WriteRefusedError(
            f"{request.point_id} is no counter that could be replaced",
            reason="not_writable",
            point=request.point_id,
        )
    await audit.append(
        AuditEntry(
            at=datetime.now(UTC),
            actor=request.actor,
            action="set_meter",
            point_id=request.point_id,
            old=before,
            new=before if total is None else total,
            priority=None,
            verdict="verified",
            detail="replaced" if total is None else "",
            via=request.via,
        )
    )
    device.set_total(request.point_id, total)
    await metering.tick()
