"""The same questions to every stage."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harken.events import Event, Samples
from harken.stage import Stage

_spec = importlib.util.spec_from_file_location("contract_cases", Path(__file__).with_name("cases.py"))
assert _spec is not None
assert _spec.loader is not None
cases = importlib.util.module_from_spec(_spec)
sys.modules["contract_cases"] = cases
_spec.loader.exec_module(cases)

TEXT = "good morning"
_made: dict[str, Stage] = {}


@pytest.fixture(params=cases.CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def stage(case: Any) -> Stage:
    """The stage as if newly made; loaded once, because loading is slow and `reset` is part of the contract."""
    if case.name not in _made:
        _made[case.name] = case.make()
    _made[case.name].reset()
    return _made[case.name]


def cuts(total: int, *, seed: int) -> list[int]:
    """Sizes that add up to `total`: a run of single samples, then anything up to half a second."""
    rng = np.random.default_rng(seed)
    sizes = [1] * min(40, total)
    while sum(sizes) < total:
        sizes.append(min(int(rng.integers(1, 8000)), total - sum(sizes)))
    return sizes


def answers(case: Any, stage: Stage, samples: Samples, *, sizes: list[int] | None = None, text: str = TEXT) -> Any:
    return cases.comparable(case.run(stage, samples, sizes or [len(samples)], text))


def test_it_states_what_it_takes_and_gives(stage: Stage) -> None:
    assert stage.name
    assert stage.consumes
    assert stage.emits
    assert all(issubclass(kind, Event) for kind in (*stage.consumes, *stage.emits))
    assert set(stage.replaces) <= set(stage.consumes)
    assert 0 <= stage.latency <= 16_000, "samples at 16 kHz"


def test_it_gives_only_what_it_states(case: Any, stage: Stage, request_sound: Samples) -> None:
    said = case.run(stage, request_sound, [len(request_sound)], TEXT)
    assert said, "the request is answered"
    assert all(isinstance(event, stage.emits) for event in said)


@pytest.mark.parametrize("seed", [1, 2])
def test_any_chunking_gives_the_same_events(case: Any, stage: Stage, request_sound: Samples, seed: int) -> None:
    whole = answers(case, stage, request_sound)
    stage.reset()
    assert answers(case, stage, request_sound, sizes=cuts(len(request_sound), seed=seed)) == whole


def test_after_a_reset_it_answers_as_if_newly_made(case: Any, stage: Stage, request_sound: Samples) -> None:
    first = answers(case, stage, request_sound)
    stage.reset()
    assert answers(case, stage, request_sound) == first


def test_a_reset_in_the_middle_leaves_nothing_behind(case: Any, stage: Stage, request_sound: Samples) -> None:
    first = answers(case, stage, request_sound)
    stage.reset()
    half = request_sound[: len(request_sound) // 2]
    for event in case.events(half, [len(half)], TEXT)[:-1]:
        list(stage.process(event))
    stage.reset()
    assert answers(case, stage, request_sound) == first


def sounds() -> dict[str, Samples]:
    rng = np.random.default_rng(3)
    broken = (0.1 * rng.standard_normal(16_000)).astype(np.float32)
    broken[::7], broken[3::11], broken[5::13] = np.nan, np.inf, -np.inf
    return {
        "silence": np.zeros(32_000, np.float32),
        "one sample": np.full(1, 0.5, np.float32),
        "not a number": broken,
        "clipping": np.sign(rng.standard_normal(16_000)).astype(np.float32),
        "far too loud": (1000 * rng.standard_normal(16_000)).astype(np.float32),
    }


@pytest.mark.parametrize("kind", list(sounds()))
def test_it_survives_any_sound_and_works_afterwards(case: Any, stage: Stage, request_sound: Samples, kind: str) -> None:
    before = answers(case, stage, request_sound)
    stage.reset()
    samples = sounds()[kind]
    said = case.run(stage, samples, [len(samples)], TEXT)
    assert all(isinstance(event, stage.emits) for event in said)
    assert "nan" not in str(cases.comparable(said))
    stage.reset()
    assert answers(case, stage, request_sound) == before


@pytest.mark.parametrize("text", ["", "   ", "?!", "größe naïve 東京 🙂", "word " * 500])
def test_it_survives_any_words(case: Any, stage: Stage, request_sound: Samples, text: str) -> None:
    said = case.run(stage, request_sound[:16_000], [16_000], text)
    assert all(isinstance(event, stage.emits) for event in said)


def test_flushing_without_any_sound_says_nothing_of_a_turn(case: Any, stage: Stage) -> None:
    assert not [event for event in stage.flush() if getattr(event, "turn", None) is not None]


def test_torch_stays_out() -> None:
    program = (
        "import sys; from harken.assistant.chain import Chain; from harken.assistant import alone, doctor; "
        "from harken.demo import demonstration; "
        "print([m for m in ('torch', 'matplotlib', 'sklearn', 'harken.train') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
