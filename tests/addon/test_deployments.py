"""What docs/server.md says for Docker and Kubernetes is what the server takes."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from addon_image.buildah import ROOT
from plantroom_server.options import Options, read_options
from plantroom_server.site_file import read_site_file

PAGE = (ROOT / "docs" / "server.md").read_text(encoding="utf-8")
BLOCKS: list[dict[str, Any]] = [
    yaml.safe_load(block)
    for block in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
]


def block_with(key: str, value: str = "") -> dict[str, Any]:
    (found,) = (block for block in BLOCKS if key in block and value in ("", block[key]))
    return found


def container() -> dict[str, Any]:
    pod = block_with("kind", "Deployment")["spec"]["template"]["spec"]
    (found,) = pod["containers"]
    assert isinstance(found, dict)
    return found


def options_of(program: list[str], arguments: list[str]) -> Options:
    assert program == ["python3", "-m", "plantroom_server"]
    return read_options(arguments, {})


def test_compose_starts_the_server_with_its_files_where_they_are_mounted():
    service = block_with("services")["services"]["plantroom"]
    options = options_of(service["entrypoint"], service["command"])
    targets = {volume.split(":")[1] for volume in service["volumes"]}
    assert targets == {str(options.data_folder), str(options.site)}
    asked = service["healthcheck"]["test"][-1]
    assert asked == f"http://{options.health_host}:{options.health_port}/health/ready"


def test_kubernetes_probes_ask_where_the_server_answers():
    made = container()
    options = options_of(made["command"], made["args"])
    for name, path in (
        ("livenessProbe", "/health/live"),
        ("startupProbe", "/health/live"),
        ("readinessProbe", "/health/ready"),
    ):
        assert made[name]["httpGet"] == {"path": path, "port": options.health_port}
    assert options.health_host == options.host == ""
    mounts = [mount["mountPath"] for mount in made["volumeMounts"]]
    assert mounts == [str(options.data_folder), str(Path(str(options.site)).parent)]


def test_kubernetes_runs_one_engine_at_a_time_as_nobody_special():
    deployment = block_with("kind", "Deployment")["spec"]
    assert deployment["replicas"] == 1
    assert deployment["strategy"] == {"type": "Recreate"}
    pod = deployment["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert container()["securityContext"]["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize("name", ["ConfigMap", "site"])
def test_site_of_the_page_is_served(tmp_path: Path, name: str):
    path = tmp_path / "site.yaml"
    if name == "ConfigMap":
        path.write_text(block_with("kind", "ConfigMap")["data"]["site.yaml"])
    else:
        path.write_text(yaml.safe_dump(block_with("networks")))
    assert read_site_file(path).networks[0].network_id == "lan"
