"""What the soak repeats by chance happens here once."""

from pathlib import Path
from random import Random

import pytest

from tests.soak.__main__ import find_parts, run
from tests.soak.kills import full_disk, killed_alone, killed_with_server
from tests.soak.part import Options, Part, Say, Trial

SECONDS = 600


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("kind", [killed_alone, killed_with_server, full_disk])
async def test_what_is_killed_or_runs_full_loses_no_count(kind, tmp_path: Path):
    trial = await kind(tmp_path, Random(7))
    assert trial.wrong == ()
    assert trial.found


def test_every_module_with_a_part_is_found():
    assert {"kills", "outages"} <= set(find_parts())


@pytest.mark.parametrize(
    ("trials", "code"),
    [
        ([Trial(what="a", found="b")], 0),
        ([Trial(what="a", found="b", wrong=("c",))], 1),
        ([], 1),
    ],
)
async def test_soak_fails_when_a_trial_went_wrong_or_none_was_made(
    trials, code, capsys
):
    async def made(_options: Options, _say: Say) -> list[Trial]:
        return trials

    part = Part(title="Something", run=made)
    assert await run({"one": part}, Options(rounds=1, seed=1)) == code
    assert ("WRONG" in capsys.readouterr().out) is any(t.wrong for t in trials)


async def test_part_that_cannot_run_here_says_why_and_is_no_failure(capsys):
    async def never(_options: Options, _say: Say) -> list[Trial]:
        raise AssertionError

    part = Part(title="Something", run=never, missing=lambda: "no such program")
    assert await run({"one": part}, Options(rounds=1, seed=1)) == 0
    assert "left out: no such program" in capsys.readouterr().out
