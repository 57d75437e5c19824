"""Sessions: inputs and outputs by name, and what a graph with memory remembers from call to call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harken.bundle import load_bundle
from harken.errors import BundleError
from harken.onnx import Session, StreamingSession

SOUND = np.random.default_rng(0).normal(10, 3, (1, 48, 40)).astype(np.float32)


class Adder:
    """Stands for a session: y is the sum of all x so far; a second state counts the calls."""

    inputs = ("x", "state.sum", "state.calls")
    outputs = ("y", "y_lens", "next_state.sum", "next_state.calls")

    def zeros(self, name: str) -> np.ndarray:
        return np.zeros(1, np.float32 if name == "state.sum" else np.int64)

    def run_dict(self, arrays: dict[str, Any]) -> dict[str, Any]:
        assert set(arrays) == set(self.inputs)
        total, calls = arrays["state.sum"] + arrays["x"].sum(), arrays["state.calls"] + 1
        return {"y": total, "y_lens": calls, "next_state.sum": total, "next_state.calls": calls}


class Forgetful(Adder):
    outputs = ("y", "y_lens", "next_state.sum")


def adder(kind: type[Adder] = Adder) -> StreamingSession:
    return StreamingSession(kind())  # type: ignore[arg-type]


def add(session: StreamingSession, value: float) -> tuple[float, int]:
    out = session.run(x=np.array([value]))
    assert set(out) == {"y", "y_lens"}, "states stay inside"
    return float(out["y"][0]), int(out["y_lens"][0])


def test_each_state_is_carried_from_call_to_call() -> None:
    session = adder()
    assert [add(session, value) for value in (1, 2, 4)] == [(1, 1), (3, 2), (7, 3)]


def test_reset_goes_back_to_zero_states() -> None:
    session = adder()
    add(session, 5)
    session.reset()
    assert add(session, 1) == (1, 1)


def test_two_streams_over_one_graph_do_not_hear_each_other() -> None:
    graph = Adder()
    one, other = (StreamingSession(graph) for _ in range(2))  # type: ignore[arg-type]
    add(one, 5)
    assert add(other, 1) == (1, 1)
    assert add(one, 1) == (6, 2)


def test_a_fork_remembers_what_came_before_and_continues_by_itself() -> None:
    session = adder()
    add(session, 5)
    fork = session.fork()
    assert add(fork, 1) == (6, 2)
    assert add(fork, 1) == (7, 3)
    assert add(session, 2) == (7, 2)
    fork.reset()
    assert add(session, 1) == (8, 3)


def test_a_state_that_never_comes_out_again_is_named() -> None:
    with pytest.raises(BundleError, match=r"inputs \['state\.calls'\] without next_\* outputs; export it again"):
        adder(Forgetful)


@pytest.mark.parametrize("name", ["vad", "wakeword-computer"])
@pytest.mark.parametrize("cuts", [[2, 6, 40], [24, 24], [16, 2, 30]])
def test_a_shipped_graph_hears_a_stream_in_pieces_as_it_hears_the_whole(name: str, cuts: list[int]) -> None:
    whole = StreamingSession(load_bundle(name).session()).run(x=SOUND)["y"]
    session = StreamingSession(load_bundle(name).session())
    places = np.cumsum(cuts)[:-1]
    pieces = [session.run(x=piece)["y"] for piece in np.split(SOUND, places, axis=1)]
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), whole, atol=1e-4)
    session.reset()
    np.testing.assert_array_equal(session.run(x=SOUND)["y"], whole)


def test_a_shipped_graph_would_answer_otherwise_if_it_forgot() -> None:
    session = StreamingSession(load_bundle("vad").session())
    whole = session.run(x=SOUND)["y"][:, 12:]
    session.reset()
    assert np.abs(session.run(x=SOUND[:, 24:])["y"] - whole).max() > 0.01


def test_states_begin_as_zeros_of_the_declared_shape() -> None:
    session = load_bundle("vad").session()
    state = session.zeros("state.1")
    assert state.shape == (1, 16, 2, 5)
    assert state.dtype == np.float32
    assert not state.any()


def test_open_dimensions_count_one_and_types_are_kept() -> None:
    symbols = load_bundle("voice-kathleen").session("encoder.onnx").zeros("x")
    assert symbols.shape == (1, 1)
    assert symbols.dtype == np.int64


def test_inputs_and_outputs_go_by_their_names() -> None:
    session = load_bundle("vad").session()
    states = {name: session.zeros(name) for name in session.inputs if name != "x"}
    out = session.run_dict({**states, "x": SOUND})
    assert tuple(out) == session.outputs
    assert out["y"].shape == (1, 24, 1)
    assert {out[f"next_{name}"].shape == state.shape for name, state in states.items()} == {True}


def test_plain_inputs_can_be_given_as_keywords() -> None:
    encoder = load_bundle("voice-kathleen").session("encoder.onnx")
    symbols = np.array([[1, 2, 3]])
    assert set(encoder.run(x=symbols)) == set(encoder.outputs)
    np.testing.assert_array_equal(encoder.run(x=symbols)["y"], encoder.run_dict({"x": symbols})["y"])


def test_a_graph_can_come_as_bytes() -> None:
    content = load_bundle("vad").path("model.onnx").read_bytes()
    assert Session(content).inputs == load_bundle("vad").session().inputs


def test_a_graph_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"no graph")
    for name in ("broken.onnx", "missing.onnx"):
        with pytest.raises(BundleError, match=rf"{name} is not a readable ONNX graph .* install the bundle again"):
            Session(tmp_path / name)
    with pytest.raises(BundleError, match="model bytes is not a readable ONNX graph") as caught:
        Session(b"no graph")
    assert caught.value.__cause__ is not None
