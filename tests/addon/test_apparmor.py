"""The app's AppArmor profile can be read, and lets no more in than the app needs."""

import re
import shutil
import subprocess

import pytest
from addon_image.image import ADDON

PROFILE = ADDON / "apparmor.txt"


@pytest.mark.skipif(
    shutil.which("apparmor_parser") is None,
    reason="apparmor_parser is not installed: apt-get install apparmor",
)
def test_profile_can_be_read():
    read = subprocess.run(
        ["apparmor_parser", "--skip-kernel-load", "--skip-cache", "--names", PROFILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert read.returncode == 0, read.stderr
    assert read.stdout.strip() == "plantroom_server"


def test_profile_lets_nothing_be_written_but_data_and_what_a_restart_forgets():
    written = set(re.findall(r"^  (/\S+) [rk]*w", PROFILE.read_text(), re.MULTILINE))
    assert {path.split("/")[1] for path in written} == {"data", "dev", "run", "tmp"}


def test_profile_gives_no_capability_over_the_machine():
    granted = set(
        re.findall(r"^  capability (\w+),", PROFILE.read_text(), re.MULTILINE)
    )
    assert granted == {
        "chown", "dac_override", "fowner", "kill", "setgid", "setuid",
    }  # fmt: skip
