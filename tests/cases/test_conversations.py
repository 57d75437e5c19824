"""What went wrong once, and whole families of it: each conversation goes as its file says."""

import logging
import random

import pytest
from tests.cases.conversations import Case, conversation, faults, read_cases


@pytest.mark.parametrize("case", list(read_cases()), ids=lambda case: case.name)
def test_a_conversation_goes_as_written(case: Case) -> None:
    assert not faults(case)


@pytest.mark.parametrize("seed", range(3))
def test_in_whatever_order_sentences_come_no_skill_fails(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    cases, chosen = list(read_cases()), random.Random(seed)
    says = [turn["say"] for case in cases for turn in case.turns]
    said: list[str] = []
    with caplog.at_level(logging.WARNING), conversation(cases[0].now) as assistant:
        for _ in range(300):
            said.append(chosen.choice(says))
            assistant.ask_text(said[-1])
            assert not [record for record in caplog.records if record.exc_info], said[-5:]
