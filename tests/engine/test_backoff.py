"""The wait doubles, is never the same for all, and has an end."""

from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.backoff import JITTER, backoff_seconds


@given(
    failures=st.integers(-3, 10_000),
    first=st.floats(0.1, 100),
    longest=st.floats(0.1, 3600),
)
def test_wait_is_above_zero_and_never_longer_than_the_longest(
    failures: int, first: float, longest: float
):
    wait = backoff_seconds(failures, first=first, longest=longest)
    assert 0 < wait <= longest * (1 + 1e-9)


@given(st.integers(1, 4))
def test_wait_doubles_with_every_failure_within_the_jitter(failures: int):
    wait = backoff_seconds(failures, first=1.0, longest=1e6)
    doubled = 2.0 ** (failures - 1)
    assert doubled * (1 - JITTER) <= wait <= doubled * (1 + JITTER)


def test_devices_that_fail_together_do_not_try_again_together():
    assert len({backoff_seconds(3) for _ in range(20)}) > 1
