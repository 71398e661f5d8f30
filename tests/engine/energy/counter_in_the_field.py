"""A counter that counts what is consumed, and what befalls it; what is true is known."""

from dataclasses import dataclass, field

from mashumaro.codecs.json import JSONDecoder, JSONEncoder

from custom_components.plantroom.engine.energy.meter import first_reading, follow
from custom_components.plantroom.engine.energy.meter_state import (
    Change,
    MeterState,
    Traits,
)

KILOWATTS = 10.0
POLL = 10.0
EPOCH = 1_750_000_000.0
_ENCODER = JSONEncoder(MeterState)
_DECODER = JSONDecoder(MeterState)


@dataclass(kw_only=True)
class CounterInTheField:
    """Counts kilowatt-hours; face: what the meter says, true: what was consumed."""

    face: float = 1000.0
    modulus: float | None = None
    quantum: float = 0.001
    bold: float = 100.0
    true: float = 0.0
    now: float = EPOCH
    first: float = 0.0
    state: MeterState = field(init=False)
    changes: list[Change] = field(default_factory=list)
    totals: list[float] = field(default_factory=list)
    kept: MeterState = field(init=False)
    kept_at: float = EPOCH
    is_old: bool = False

    def __post_init__(self) -> None:
        self.first = self.said
        self.state = self.kept = first_reading(self.said, self.now)

    @property
    def traits(self) -> Traits:
        return Traits(bold=self.bold, modulus=self.modulus)

    @property
    def said(self) -> float:
        """Return what the meter says: whole counts, of which it forgets the carry."""
        counts = self.face // self.quantum * self.quantum
        return counts if self.modulus is None else counts % self.modulus

    @property
    def counted(self) -> float:
        """Return what was shown to be consumed."""
        return self.state.total - self.first

    def consume(self, seconds: float, kilowatts: float = KILOWATTS) -> None:
        self.now += seconds
        self.face += kilowatts * seconds / 3600
        self.true += kilowatts * seconds / 3600

    def read(self, raw: float | None = None) -> None:
        step = follow(
            self.state, self.said if raw is None else raw, self.now, self.traits
        )
        self._keep(step.state)
        self.state = step.state
        self.is_old = self.is_old and step.state.doubted is not None
        if not self.is_old:
            self.totals.append(step.state.total)
        if step.change is not Change.NONE:
            self.changes.append(step.change)

    def run(
        self, seconds: float, *, every: float = 10.0, kilowatts: float = KILOWATTS
    ) -> None:
        """Consume and read in turn."""
        for _ in range(int(seconds / every)):
            self.consume(every, kilowatts)
            self.read()

    def befall(self, event: str, number: float) -> None:
        """Let something happen; number: seconds, or what the meter says."""
        if event == "run":
            self.run(number)
        elif event == "outage":
            self.consume(number)
            self.read()
        elif event == "glitch":
            self.consume(POLL)
            self.read(number)
        elif event == "zero":
            for _ in range(int(number / POLL)):
                self.consume(POLL)
                self.read(0.0)
        elif event in {"reset", "replace"}:
            self.face = number
        elif event == "kill":
            self.kill()
        else:
            self.restart()

    def restart(self) -> None:
        """Go on from what is kept when a process is stopped."""
        self.state = _DECODER.decode(_ENCODER.encode(self.state))

    def kill(self) -> None:
        """Go on from what was kept last: a minute ago, or with the last offset."""
        self.state, self.is_old = self.kept, True

    def _keep(self, state: MeterState) -> None:
        if self.now - self.kept_at >= 60 or state.offset != self.state.offset:
            self.kept, self.kept_at = state, self.now


def learned(**facts: float | None) -> CounterInTheField:
    """Return a counter that was followed for two hours."""
    counter = CounterInTheField(**facts)  # type: ignore[arg-type]
    counter.run(7200, every=60)
    return counter
