"""Many conversations in one process, and several processes: what each adds to memory, and that the answers stay."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="reads memory as Linux reports it")

PREPARE = """
import json, sys
from pathlib import Path
from harken import Assistant, Models
from harken.dialogue.store import Store
from harken.events import Reply, Transcript

def memory():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(rest.split()[0]) / 1000 for name, _, rest in (line.partition(":") for line in lines)}

models = Models.load("en", store=Store(":memory:"))
questions = [models.voice.say(text) for text in (
    "What is the capital of France?", "What is twelve times seven?", "Which country is Oslo in?")]

def answers(assistant, question):
    said = assistant.ask_audio(question)
    return [event.text for event in said if isinstance(event, Reply) or isinstance(event, Transcript) and event.final]

alone = Assistant.over(models, wake=False)
expected = [answers(alone, question) for question in questions]
"""

MANY = """
first = memory()["Rss"]
others = [Assistant.over(models, wake=False) for _ in range(20)]
found = [answers(other, questions[number % 3]) for number, other in enumerate(others)]
print(json.dumps({"added": memory()["Rss"] - first, "expected": expected, "found": found}))
"""

ONE = """
print(json.dumps({"expected": expected}), flush=True)
for _ in sys.stdin:
    print(json.dumps(memory()), flush=True)
"""


class Running:
    """A process with an assistant that has answered; it stays until it is closed."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PREPARE + ONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.expected = self._line()["expected"]

    def memory(self) -> dict[str, float]:
        """MB by the names of the kernel."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self._line()

    def close(self) -> None:
        self.process.communicate(timeout=30)

    def _line(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())


@pytest.fixture
def two(cold: None) -> Iterator[tuple[Running, Running]]:
    first = Running()
    second = Running()
    yield first, second
    first.close()
    second.close()


def test_twenty_conversations_take_little_more_than_one_and_answer_as_one_alone() -> None:
    done = subprocess.run([sys.executable, "-c", PREPARE + MANY], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["expected"][0][-1] == "The capital of France is Paris."
    assert found["found"] == [found["expected"][number % 3] for number in range(20)]
    assert found["added"] < 20 * 3, "MB"


def test_a_second_process_shares_the_compiled_graph_of_the_first(two: tuple[Running, Running]) -> None:
    first, second = two
    assert second.expected == first.expected
    memory = second.memory()
    private = memory["Private_Dirty"] + memory["Private_Clean"]
    assert private < 0.7 * first.memory()["Rss"]
    assert memory["Private_Clean"] < 2, "MB: what is mapped belongs to both"
