"""What the check makes of a log."""

import pytest

from tests.demo.check import Report, without_kill

GONE = "12:00:00 WARNING (MainThread) [wire] Server 127.0.0.1 is gone: closed 1006"
BACK = "12:00:05 WARNING (MainThread) [wire] Server 127.0.0.1 is back"
OTHER = "12:00:02 ERROR (MainThread) [wire] Something else"


def test_log_of_a_kill_says_once_that_the_server_is_gone_and_back():
    report = Report()

    assert without_kill([GONE, BACK], report) == []
    assert report.failures == []


def test_what_a_kill_does_not_explain_stays_in_the_log():
    report = Report()

    assert without_kill([GONE, OTHER, BACK], report) == [OTHER]
    assert report.failures == []


@pytest.mark.parametrize("log", [[GONE], [BACK], [], [GONE, GONE, BACK]])
def test_log_that_tells_of_a_kill_not_once_is_a_failure(log: list[str]):
    report = Report()

    without_kill(log, report)

    assert len(report.failures) == (2 if not log else 1)
