"""The token is made once, and only for those who may read the folder."""

import stat
from pathlib import Path

import pytest
from plantroom_server.access_token import FILE_NAME, is_token, keep_token


def test_token_is_made_once(tmp_path: Path):
    token = keep_token(tmp_path / "data")
    assert len(token) >= 32
    assert keep_token(tmp_path / "data") == token
    assert keep_token(tmp_path / "other") != token


def test_given_token_is_taken_and_written_nowhere(tmp_path: Path):
    assert keep_token(tmp_path, "one that somebody chose") == "one that somebody chose"
    assert not (tmp_path / FILE_NAME).exists()


def test_nobody_else_can_read_it(tmp_path: Path):
    token = keep_token(tmp_path)
    path = tmp_path / FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    assert keep_token(tmp_path) == token
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_file_that_a_crash_left_empty_is_written_anew(tmp_path: Path):
    (tmp_path / FILE_NAME).write_text("")
    token = keep_token(tmp_path)
    assert keep_token(tmp_path) == token
    assert {each.name for each in tmp_path.iterdir()} == {FILE_NAME}


def test_token_is_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG")
    token = keep_token(tmp_path)
    assert str(tmp_path / FILE_NAME) in caplog.text
    assert token not in caplog.text


@pytest.mark.parametrize("shown", ["", "t", "tokem", "token ", "tökén", "\ud800"])
def test_only_the_token_is_the_token(shown: str):
    assert not is_token(shown, "token")
    assert is_token("token", "token")
