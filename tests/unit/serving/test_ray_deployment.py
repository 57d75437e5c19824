"""harken on Ray Serve: what can be set, who may come in, and, where Ray is installed, a real deployment."""

from __future__ import annotations

import builtins
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.end_to_end.servers import free_port
from tests.unit.serving.doors import BASE

import harken
from harken.errors import ConfigError, MissingExtra
from harken.serving.ray_deployment import RaySettings, application, make_replica, serve_options

TOKEN = "a-token-for-tests-only"

PROGRAM = """
import sys
import ray
from ray import serve
from harken.serving.ray_deployment import application

port = int(sys.argv[1])
ray.init(num_cpus=2, include_dashboard=False, configure_logging=False)
serve.start(http_options={"host": "127.0.0.1", "port": port})
serve.run(application({"replicas": "1", "sessions": "4"}), name="harken")
print("deployed", flush=True)
sys.stdin.readline()
serve.shutdown()
ray.shutdown()
"""


def test_without_a_token_it_is_not_deployed() -> None:
    with pytest.raises(ConfigError, match="HARKEN_TOKEN"):
        serve_options(RaySettings(), token="")


def test_settings_reach_the_server() -> None:
    chosen = RaySettings(sessions=5, threads=3, origin="https://home.example")
    options = serve_options(chosen, token=TOKEN)
    assert (options.limits.sessions, options.threads, options.origins) == (5, 3, ("https://home.example",))
    assert options.wyoming_port == 0, "Ray passes on HTTP and WebSockets alone"


def test_a_replica_serves_whoever_has_the_token_and_closes_its_house() -> None:
    app = make_replica(RaySettings(), serve_options(RaySettings(), token=TOKEN))
    with TestClient(app, base_url=BASE) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/v1/models").status_code == 401
        assert client.get("/v1/models", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    with pytest.raises(RuntimeError, match="shutdown"):
        app.state.house._live.submit(print)


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "ray":
            raise ModuleNotFoundError("No module named 'ray'", name="ray")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=r"harken\[ray\]"):
        application({})


@pytest.mark.slow
def test_ray_deploys_it_and_passes_requests_on(tmp_path: Path) -> None:
    pytest.importorskip("ray.serve")
    port = free_port()
    environment = {
        **os.environ, "HARKEN_TOKEN": TOKEN, "NO_PROXY": "*", "RAY_USAGE_STATS_ENABLED": "0",
        "PYTHONPATH": os.pathsep.join([str(Path(harken.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]),
    }  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(port)], env=environment, cwd=tmp_path, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert any(line.strip() == "deployed" for line in process.stdout), "the deployment failed"
            base = f"http://127.0.0.1:{port}"
            with urllib.request.urlopen(base + "/healthz", timeout=30) as answer:
                assert json.load(answer)["status"] == "ok"
            with pytest.raises(urllib.error.HTTPError, match="401"):
                urllib.request.urlopen(base + "/v1/models", timeout=30)
            speak = urllib.request.Request(
                base + "/v1/audio/speech", json.dumps({"input": "Dinner is ready.", "response_format": "wav"}).encode(),
                {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
            )  # fmt: skip
            with urllib.request.urlopen(speak, timeout=60) as answer:
                assert answer.read(4) == b"RIFF"
        finally:
            process.stdin.close()
            process.wait(timeout=60)
