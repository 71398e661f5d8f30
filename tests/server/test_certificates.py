"""The command line makes and exchanges certificates without Home Assistant."""

from pathlib import Path

import pytest
from plantroom_server.certificates import PASSPHRASE, main


class Line:
    """A command line on one folder."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capsys = capsys

    def __call__(self, *arguments: str | Path, fails: int = 0) -> str:
        """Return what it prints; fails: the exit code expected."""
        code = main(["--data", str(self._folder), *map(str, arguments)])
        shown = self._capsys.readouterr()
        assert (code, bool(shown.err)) == (fails, bool(fails))
        assert "PRIVATE" not in shown.out
        return shown.err if fails else shown.out


@pytest.fixture
def line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    return Line(tmp_path / "first", capsys)


@pytest.fixture
def second(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    return Line(tmp_path / "second", capsys)


def test_request_of_one_server_is_signed_by_another(
    line: Line, second: Line, tmp_path: Path
):
    line("make-authority", "Tower")
    request, answer = tmp_path / "node.csr", tmp_path / "node.pem"
    request.write_text(second("request", "Node", "--host", "192.0.2.7"))
    answer.write_text(line("sign", request, "--days", "90"))
    assert "issued by CN=Tower" in second("import", answer)
    assert "issued  CN=Node  until" in line("list")
    assert second("export", "node") == answer.read_text()


def test_key_leaves_under_a_passphrase_alone(
    line: Line, second: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    line("make-authority", "Tower")
    line("issue", "Hub", "--id", "main-hub")
    packed = tmp_path / "hub.p12"
    monkeypatch.setenv(PASSPHRASE, "")
    assert "passphrase" in line("export", "main-hub", "--pkcs12", packed, fails=2)
    monkeypatch.setenv(PASSPHRASE, "short")
    assert "8 characters" in line("export", "main-hub", "--pkcs12", packed, fails=1)
    monkeypatch.setenv(PASSPHRASE, "correct horse")
    line("export", "main-hub", "--pkcs12", packed)
    assert "credentials  hub  Hub" in second("import", packed)
    monkeypatch.setenv(PASSPHRASE, "battery staple")
    assert "does not open" in second("import", packed, fails=1)


def test_next_authority_takes_over_without_a_gap(line: Line):
    line("make-authority", "Tower")
    line("issue", "Hub")
    line("make-authority", "Tower, next")
    signs, trusted, *_ = line("list").splitlines()
    assert "signs" in signs
    assert "is trusted" in trusted
    fingerprint = trusted.split()[-1]
    assert "in use by Hub" in line("distrust", fingerprint, fails=1)
    assert "issued by CN=Tower\\, next" in line("renew", "hub")
    assert fingerprint not in line("distrust", fingerprint)


def test_what_cannot_be_is_said_and_nothing_is_written(line: Line, tmp_path: Path):
    assert "begin with make-authority" in line("list")
    assert "make one first" in line("issue", "Hub", fails=1)
    assert "name must be" in line("make-authority", "", fails=1)
    assert line("sign", tmp_path / "nowhere", fails=2)
    line("make-authority", "Tower")
    line("issue", "Hub")
    line("remove", "hub")
    assert "credentials" not in line("list")


def test_authority_moves_to_another_server_under_a_passphrase(
    line: Line, second: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(PASSPHRASE, "correct horse")
    line("make-authority", "Tower")
    packed = tmp_path / "authority.p12"
    line("export", "authority", "--pkcs12", packed)
    second("import", packed, "--id", "authority")
    assert second("export", "authority") == line("export", "authority")
    assert "issued by CN=Tower" in second("issue", "Hub")
