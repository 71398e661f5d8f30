"""A peak is of one local day or month, also of days with 23 or 25 hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from custom_components.plantroom.engine.energy.peaks import (
    Peak,
    Period,
    name_of,
    raised,
)

BERLIN = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_higher_demand_raises_a_peak_and_a_lower_one_leaves_it():
    first = raised(None, "2026-11-21", 5.0, AT)
    assert raised(first, "2026-11-21", 4.0, AT + timedelta(hours=1)) is first
    later = AT + timedelta(hours=2)
    assert raised(first, "2026-11-21", 6.0, later) == Peak(
        name="2026-11-21", kilowatts=6.0, at=later
    )


def test_new_day_begins_with_its_own_first_demand():
    first = raised(None, "2026-11-21", 5.0, AT)
    assert raised(first, "2026-11-22", 1.0, AT).kilowatts == 1.0


def test_days_follow_the_local_clock_when_it_is_changed():
    hours = {
        day: sum(
            name_of(Period.DAY, (begin + timedelta(hours=n)).astimezone(BERLIN)) == day
            for n in range(72)
        )
        for day, begin in (
            ("2026-03-29", datetime(2026, 3, 28, tzinfo=UTC)),
            ("2026-10-25", datetime(2026, 10, 24, tzinfo=UTC)),
            ("2026-11-21", datetime(2026, 11, 20, tzinfo=UTC)),
        )
    }
    assert hours == {"2026-03-29": 23, "2026-10-25": 25, "2026-11-21": 24}


def test_month_is_that_of_the_local_day():
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert name_of(Period.MONTH, new_year.astimezone(BERLIN)) == "2027-01"
    assert name_of(Period.MONTH, new_year) == "2026-12"
