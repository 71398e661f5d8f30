"""Arguments come before the options file, and that before what goes without saying."""

import json
from pathlib import Path
from typing import Any

import pytest
from plantroom_server import options as options_module
from plantroom_server.host import time_zone_name
from plantroom_server.options import PORT, Options, OptionsError, read_options

FOLDER = Path("/data/of/a/test")


def test_nothing_has_to_be_said():
    options = read_options([], {"HOME": "/home/ada"})
    assert options.data_folder == Path("/home/ada/.local/share/plantroom")
    assert (options.host, options.port, options.encrypted) == ("", PORT, True)
    assert options.health_port == 0


def test_token_comes_from_the_environment():
    environment = {"PLANTROOM_TOKEN": "sixteen letters!"}
    assert read_options([], environment).token == "sixteen letters!"
    assert "sixteen" not in repr(read_options([], environment))


def test_redis_of_the_recovery_cache_is_named_by_whoever_starts_the_server(
    tmp_path: Path,
):
    file = tmp_path / "options.json"
    file.write_text(json.dumps({"redis_url": "redis://:secret@cache:6379/0"}))
    environment = {"PLANTROOM_REDIS": "unix:///run/plantroom/redis.sock"}
    assert read_options([], {}).redis_url == ""
    assert read_options([], environment).redis_url == environment["PLANTROOM_REDIS"]
    from_file = read_options(["--options", str(file)], environment)
    assert from_file.redis_url == "redis://:secret@cache:6379/0"
    assert "secret" not in repr(from_file)
    given = read_options(["--redis", "rediss://cache"], environment)
    assert given.redis_url == "rediss://cache"
    with pytest.raises(OptionsError, match="redis_url must begin with unix://"):
        read_options(["--redis", "cache:6379"], {})


def test_arguments_come_before_the_file(tmp_path: Path):
    file = tmp_path / "options.json"
    file.write_text(json.dumps({"port": 1000, "log_level": "debug", "fancy": True}))
    options = read_options(["--options", str(file), "--port", "2000"], {})
    assert (options.port, options.log_level) == (2000, "debug")


def test_supervisor_writes_the_options_and_keeps_the_port_to_its_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "options.json"
    file.write_text(json.dumps({"log_level": "warning", "token": None}))
    monkeypatch.setattr(options_module, "SUPERVISOR_FILE", file)
    options = read_options([], {"SUPERVISOR_TOKEN": "x", "TZ": "Europe/Berlin"})
    assert (options.host, options.encrypted) == ("127.0.0.1", False)
    assert options.data_folder == Path("/data")
    assert (options.log_level, options.time_zone) == ("warning", "Europe/Berlin")


def test_app_opens_to_other_machines_where_it_is_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "options.json"
    asked = {"other_machines": True, "certificate": "full.pem", "key": "key.pem"}
    file.write_text(json.dumps(asked))
    monkeypatch.setattr(options_module, "SUPERVISOR_FILE", file)
    options = read_options([], {"SUPERVISOR_TOKEN": "x"})
    assert (options.host, options.encrypted, options.announce) == ("", True, True)
    assert (options.certificate, options.key) == ("/ssl/full.pem", "/ssl/key.pem")
    elsewhere = read_options(["--options", str(file)], {})
    assert elsewhere.certificate == "full.pem"


def test_announcement_is_off_when_asked():
    assert read_options(["--no-announcement"], {}).announce is False


@pytest.mark.parametrize(
    ("facts", "encrypted"),
    [
        ({}, True),
        ({"host": "0.0.0.0"}, True),
        ({"host": "192.168.1.10"}, True),
        ({"host": "plantroom.local"}, True),
        ({"host": "127.0.0.1"}, False),
        ({"host": "::1"}, False),
        ({"host": "localhost"}, False),
        ({"plain": True}, False),
        ({"plain": True, "certificate": "c", "key": "k"}, True),
        ({"host": "127.0.0.1", "certificate": "c", "key": "k"}, True),
    ],
)
def test_only_what_stays_on_the_machine_is_plain(
    facts: dict[str, Any], encrypted: bool
):
    assert Options(data_folder=FOLDER, **facts).encrypted is encrypted


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"port": 70000}, "port must be"),
        ({"health_port": -1}, "health_port must be"),
        ({"certificate": "c"}, "go together"),
        ({"log_level": "loud"}, "log_level must be"),
        ({"token": "short"}, "16 characters"),
    ],
)
def test_what_cannot_work_is_refused(facts: dict[str, Any], message: str):
    with pytest.raises(OptionsError, match=message):
        Options(data_folder=FOLDER, **facts)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expecting value"),
        ("[]", "options are an object"),
        ('{"port": "8740"}', "port must be of type int"),
        ('{"plain": 1}', "plain must be of type bool"),
        ('{"port": true}', "port must be of type int"),
        ('{"port": 99999}', "port must be 0 to 65535"),
    ],
)
def test_wrong_file_is_refused(tmp_path: Path, text: str, message: str):
    file = tmp_path / "options.json"
    file.write_text(text)
    with pytest.raises(OptionsError, match=message):
        read_options(["--options", str(file)], {})


def test_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(OptionsError, match=r"none\.json"):
        read_options(["--options", str(tmp_path / "none.json")], {})


def test_folder_and_site_cannot_come_from_the_file(tmp_path: Path):
    file = tmp_path / "options.json"
    file.write_text(json.dumps({"data_folder": "/", "site": "/etc/passwd"}))
    options = read_options(["--options", str(file), "--data", str(FOLDER)], {})
    assert (options.data_folder, options.site) == (FOLDER, None)


def test_time_zone_is_the_one_asked_for_or_the_machines(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/America/New_York")
    assert time_zone_name("Europe/Berlin", link) == "Europe/Berlin"
    assert time_zone_name("", link) == "America/New_York"
    assert time_zone_name("", tmp_path / "none") == "UTC"
    assert time_zone_name("Mars/Base", link) == "America/New_York"
    assert time_zone_name("../../etc/passwd", link) == "America/New_York"
    assert "There is no time zone Mars/Base" in caplog.text
