"""A problem stands until it is solved, and is told once."""

from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.events import EngineEvent, ProblemsChanged
from custom_components.plantroom.engine.models import Problem, ProblemCode
from custom_components.plantroom.engine.problems import Problems

PORT = ProblemCode.PORT_IN_USE
GONE = ProblemCode.INTERFACE_GONE


def problems_and_events() -> tuple[Problems, list[EngineEvent]]:
    bus = EventBus()
    heard: list[EngineEvent] = []
    bus.listen(lambda numbered: heard.append(numbered.event))
    return Problems(bus), heard


def test_problem_is_told_once_and_again_with_other_facts():
    problems, heard = problems_and_events()
    problems.report(PORT, "n", port="47808")
    problems.report(PORT, "n", port="47808")
    problems.report(PORT, "n", port="47809")
    expected = Problem(code=PORT, subject="n", facts={"port": "47809"})
    assert len(heard) == 2
    assert heard[-1] == ProblemsChanged(problems=(expected,))
    assert problems.all() == (expected,)


def test_solving_by_code_leaves_the_other_problems_of_the_subject():
    problems, heard = problems_and_events()
    problems.report(PORT, "n")
    problems.report(GONE, "n")
    problems.solve("n", PORT)
    assert [p.code for p in problems.all()] == [GONE]
    assert heard[-1] == ProblemsChanged(problems=problems.all())


def test_solving_without_codes_solves_all_of_the_subject_and_of_no_other():
    problems, _ = problems_and_events()
    problems.report(PORT, "n")
    problems.report(GONE, "n")
    problems.report(PORT, "m")
    problems.solve("n")
    assert [p.subject for p in problems.all()] == ["m"]


def test_solving_what_does_not_stand_tells_nothing():
    problems, heard = problems_and_events()
    problems.report(PORT, "m")
    problems.solve("n")
    problems.solve("m", GONE)
    assert len(heard) == 1
