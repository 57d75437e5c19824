"""What went wrong once, and whole families of it: each conversation goes as its file says."""

import pytest
from tests.cases.conversations import Case, faults, read_cases


@pytest.mark.parametrize("case", list(read_cases()), ids=lambda case: case.name)
def test_a_conversation_goes_as_written(case: Case) -> None:
    assert not faults(case)
