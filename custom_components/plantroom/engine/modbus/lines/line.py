"""One line: requests one at a time, and whether its link is open."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, Final

from modbus_connection import (
    ModbusConnectionError as LinkError,
)
from modbus_connection import (
    ModbusError,
    ModbusExceptionError,
    ModbusProtocolError,
    ModbusUnit,
)

from ...errors import (
    DeviceError,
    DeviceOfflineError,
    LineInUseError,
    LineUnreachableError,
    MalformedReplyError,
    NetworkError,
)
from ...host import ModbusLink
from ..configuration import ModbusLineConfig, ModbusTransport
from .late_replies import LateReplies
from .patience import Patience
from .probe_budget import ProbeBudget
from .replies import DroppedError, StalledError, error_of_exception
from .turns import Turns, Urgency
from .unreachable import Obstacle, obstacle_of

_LOGGER = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 5.0
# How often one looks whether the link opened, which nothing tells
LOOK_SECONDS: Final = 0.02
# A link that opens and breaks so often without one answer is no link
MOST_DROPS: Final = 4
# A wait that ends so much late ended while this process did something else
STALL_SECONDS: Final = 0.1
MOST_STALLS: Final = 3

type Operation[T] = Callable[[ModbusUnit], Awaitable[T]]


class ModbusLine:
    """Sends over a link and knows whether it is open; the first request opens it."""

    def __init__(
        self,
        config: ModbusLineConfig,
        link: ModbusLink,
        on_state: Callable[[NetworkError | None], None],
    ) -> None:
        """Take the link; on_state hears why the line went down, None: it is open."""
        self.config = config
        self._link = link
        self._on_state = on_state
        self._turns = Turns()
        self._units: dict[int, ModbusUnit] = {}
        self._openings: set[asyncio.Task[Any]] = set()
        self._patiences: dict[int, Patience] = {}
        self.probes = ProbeBudget()
        self.late_replies = LateReplies(config.timeout_seconds)
        self._unsubscribe: Callable[[], None] | None = None
        self._wait: asyncio.Timeout | None = None
        self._look: asyncio.TimerHandle | None = None
        self._spacings: dict[int, float] = {}
        self._losses = 0
        self._drops = 0
        self._failure: NetworkError | None = None
        self._known_open = False

    @property
    def failure(self) -> NetworkError | None:
        """Return why the line is down, None while it is not known to be."""
        return self._failure

    async def close(self) -> None:
        """Let go of the link; calling it twice does no harm."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        await self._link.close()
        # Only now: it would break a link of our own to be used with a longer time-out
        for unit in self._units.values():
            unit.require_timeout(None)
            unit.set_message_spacing(0)
        self._units.clear()

    @property
    def tells_replies_apart(self) -> bool:
        """Return whether a late reply cannot be taken for another one.

        Only the frames of Modbus TCP carry a transaction's number.
        """
        return self.config.transport in (ModbusTransport.TCP, ModbusTransport.TLS)

    @property
    def slowest_seconds(self) -> float | None:
        """Return what the slowest unit takes to answer, None before any did."""
        known = [p.slowest for p in self._patiences.values() if p.slowest is not None]
        return max(known, default=None)

    def patience(self, unit_id: int) -> Patience:
        """Return how long a unit is waited for."""
        if unit_id not in self._patiences:
            self._patiences[unit_id] = Patience(self.config.timeout_seconds)
        return self._patiences[unit_id]

    def is_open(self, unit_id: int) -> bool:
        """Return whether a request needs not open the link first."""
        unit = self._units.get(unit_id)
        return unit is not None and unit.connected

    def turn(self, urgency: Urgency) -> AbstractAsyncContextManager[None]:
        """Hold the line for several exchanges."""
        return self._turns.take(urgency)

    def space_out(self, unit_id: int, seconds: float) -> None:
        """Keep the line silent before and after a unit's requests."""
        self._spacings[unit_id] = max(seconds, self.config.spacing_seconds)
        if unit_id in self._units:
            self._units[unit_id].set_message_spacing(self._spacings[unit_id])

    async def exchange[T](
        self, unit_id: int, operation: Operation[T], seconds: float, *, once: bool
    ) -> T:
        """Ask a unit in a turn of the caller's; again if only we were too busy to hear.

        seconds: how long it may take, opening the link aside. once: what is asked may
        not be done twice. Raises DeviceError or NetworkError.
        """
        for _ in range(0 if once else MOST_STALLS):
            with suppress(StalledError):
                return await self._exchange(unit_id, operation, seconds)
        return await self._exchange(unit_id, operation, seconds)

    async def _exchange[T](
        self, unit_id: int, operation: Operation[T], seconds: float
    ) -> T:
        unit = self._unit(unit_id)
        losses = self._losses
        # The unit that was asked before may want its silence too
        limit = seconds + max(self._spacings.values(), default=0.0)
        opening = 0.0 if unit.connected else CONNECT_SECONDS
        try:
            async with asyncio.timeout(opening + limit) as wait:
                self._wait = wait
                if opening:
                    self._end_when_open(unit, wait, limit)
                    answer = await self._open_with(operation, unit)
                else:
                    answer = await operation(unit)
        except ModbusExceptionError as err:
            self._is_open()
            raise error_of_exception(err, self._name(unit_id)) from err
        except (ModbusError, OSError, ValueError) as err:
            _raise_if_cancelled()
            if wait.expired() and self._losses == losses:
                self._raise_if_stalled(wait, unit_id)
            raise self._failure_of(err, unit_id, unit, losses) from err
        finally:
            self._wait = None
            if self._look is not None:
                self._look.cancel()
                self._look = None
        self._is_open()
        return answer

    async def _open_with[T](self, operation: Operation[T], unit: ModbusUnit) -> T:
        """Send a request that opens the link first.

        Others may wait for the link as well, so who gives up leaves it to open: cut
        short, its failure would be told to nobody but the log.
        """
        losses = self._losses
        task = asyncio.get_running_loop().create_task(_awaited(operation(unit)))
        self._openings.add(task)
        task.add_done_callback(self._forget_opening)
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            if unit.connected or self._losses != losses:
                task.cancel()
                await asyncio.wait({task})
            raise
        return task.result()

    def _forget_opening(self, task: asyncio.Task[Any]) -> None:
        self._openings.discard(task)
        if not task.cancelled():
            task.exception()

    def _unit(self, unit_id: int) -> ModbusUnit:
        unit = self._units.get(unit_id)
        if unit is not None:
            return unit
        try:
            unit = self._link.unit(unit_id)
        except LineInUseError as err:
            self._is_down(err)
            raise
        # Ours ends first: a backend's own time-outs may make it break the link
        unit.require_timeout(self.config.timeout_seconds + 1.0)
        spacing = self._spacings.setdefault(unit_id, self.config.spacing_seconds)
        unit.set_message_spacing(spacing)
        if self._unsubscribe is None:
            self._unsubscribe = unit.on_connection_lost(self._take_loss)
        self._units[unit_id] = unit
        return unit

    def _take_loss(self) -> None:
        """End the wait for an answer that cannot come any more."""
        self._losses += 1
        if self._wait is not None and not self._wait.expired():
            self._wait.reschedule(asyncio.get_running_loop().time())

    def _end_when_open(
        self, unit: ModbusUnit, wait: asyncio.Timeout, seconds: float
    ) -> None:
        """Let a wait end so many seconds after the link opened."""
        if wait is not self._wait or wait.expired():
            return
        loop = asyncio.get_running_loop()
        if unit.connected:
            wait.reschedule(loop.time() + seconds)
            return
        self._look = loop.call_later(
            LOOK_SECONDS, self._end_when_open, unit, wait, seconds
        )

    def _failure_of(
        self, err: Exception, unit_id: int, unit: ModbusUnit, losses: int
    ) -> DeviceError | NetworkError:
        """Return what a request without an answer says of the unit or the line."""
        name = self._name(unit_id)
        if self._losses != losses:
            self._drops += 1
            if self._drops < MOST_DROPS:
                return DroppedError(
                    f"The connection broke while {name} was asked", device=name
                )
            return self._is_down(self._unreachable(Obstacle.BREAKS))
        if not unit.connected and not isinstance(err, ModbusProtocolError):
            return self._is_down(self._unreachable(obstacle_of(err)))
        self._is_open()
        if isinstance(err, TimeoutError | LinkError):
            return DeviceOfflineError(f"{name} does not answer", device=name)
        return MalformedReplyError(f"{name} answers nonsense: {err}", device=name)

    def _raise_if_stalled(self, wait: asyncio.Timeout, unit_id: int) -> None:
        """Raise StalledError when this process was too busy to hear the answer."""
        due = wait.when()
        late = 0.0 if due is None else asyncio.get_running_loop().time() - due
        if late > STALL_SECONDS:
            name = self._name(unit_id)
            raise StalledError(f"{name} may have answered unheard", device=name)

    def _unreachable(self, obstacle: Obstacle) -> LineUnreachableError:
        name = self.config.name
        return LineUnreachableError(
            f"{name} cannot be reached: {obstacle}", line=name, reason=obstacle
        )

    def _is_open(self) -> None:
        self._drops = 0
        if self._failure is not None or not self._known_open:
            self._failure, self._known_open = None, True
            self._on_state(None)

    def _is_down(self, err: NetworkError) -> NetworkError:
        self._drops = 0
        self._known_open = False
        self._failure = err
        self._on_state(err)
        return err

    def _name(self, unit_id: int) -> str:
        return f"unit {unit_id} on {self.config.name}"


async def _awaited[T](answer: Awaitable[T]) -> T:
    return await answer


def _raise_if_cancelled() -> None:
    """Raise the cancellation that a backend made an error of its own."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
