"""Export: the graph gives what the network gives, in any length, or nothing is written."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from harken.onnx import Session, StreamingSession  # noqa: E402
from harken.train.export import ExportError, check_parity, export_onnx  # noqa: E402

OUTPUTS = ("y", "next_state.0")


class Causal(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.mix, self.out = torch.nn.Conv1d(40, 64, 3), torch.nn.Linear(64, 64)

    def forward(self, x, past):
        z = torch.cat([past, x], 1)
        return self.out(torch.relu(self.mix(z.transpose(1, 2)).transpose(1, 2))), z[:, -2:]


def example(frames: int) -> dict[str, object]:
    return {"x": torch.randn(1, frames, 40), "state.0": torch.zeros(1, 2, 40)}


@pytest.fixture(scope="module")
def graph() -> bytes:
    return export_onnx(Causal(), example(7), OUTPUTS, dynamic={"x": {1: "time"}})


@pytest.mark.parametrize("frames", [1, 2, 13, 100])
def test_graph_and_network_agree_at_any_length(graph: bytes, frames: int):
    assert check_parity(Causal(), graph, example(frames), OUTPUTS, tolerance=1e-5) <= 1e-5


def test_another_network_is_noticed(graph: bytes):
    other = Causal()
    with torch.no_grad():
        other.out.bias += 0.01
    with pytest.raises(ExportError, match="differ by"):
        check_parity(other, graph, example(5), OUTPUTS)


def test_chunks_give_what_the_whole_gives(graph: bytes):
    x = torch.randn(1, 30, 40).numpy()
    whole = StreamingSession(Session(graph)).run(x=x)["y"]
    stream = StreamingSession(Session(graph))
    parts = [stream.run(x=x[:, a:b])["y"] for a, b in [(0, 1), (1, 8), (8, 9), (9, 30)]]
    assert abs(torch.tensor(whole) - torch.cat([torch.tensor(p) for p in parts], 1)).max() < 1e-5


def test_no_path_of_the_machine_travels_with_the_graph(graph: bytes):
    assert b"/" + b"harken/train" not in graph
