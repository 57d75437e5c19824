"""What a client may say: everything else is refused with words, whatever it is."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harken.errors import DataError
from harken.serving.messages import Listen, Played, Start, Text, read_message

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
TYPES = ["start", "text", "listen", "done", "stop", "played", "explain", "reset"]


def test_messages_are_read_with_their_defaults() -> None:
    assert read_message('{"type": "start"}', longest=9) == Start()
    assert read_message('{"type":"start","rate":48000,"wake":false}', longest=9) == Start(rate=48_000, wake=False)
    assert read_message('{"type": "text", "text": "hello"}', longest=9) == Text(type="text", text="hello")
    assert read_message('{"type": "listen"}', longest=9) == Listen(type="listen", seconds=10)
    assert read_message('{"type": "played", "turn": 3}', longest=9) == Played(type="played", turn=3)


@pytest.mark.parametrize(
    "line",
    [
        "", "{", "[]", "3", '"start"', "{}", '{"type": null}', '{"type": "Start"}', '{"type": "start", "rate": 7999}',
        '{"type": "start", "rate": 1e9}', '{"type": "start", "unknown": 1}', '{"type": "text"}',
        '{"type":"text","text":""}',
        '{"type": "text", "text": 3}', '{"type": "listen", "seconds": 0}', '{"type": "listen", "seconds": 61}',
        '{"type": "listen", "seconds": NaN}', '{"type": "played", "turn": -2}', "\x00", "[" * 5000,
    ],
)  # fmt: skip
def test_anything_else_is_refused(line: str) -> None:
    with pytest.raises(DataError, match="not a message of this protocol"):
        read_message(line, longest=100)


def test_a_long_text_is_refused() -> None:
    for kind in ("text", "explain"):
        with pytest.raises(DataError, match="10 characters; send at most 9"):
            read_message(json.dumps({"type": kind, "text": "x" * 10}), longest=9)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | JSON.map(json.dumps))
def test_no_text_makes_the_reader_fail(line: str) -> None:
    with suppress(DataError):
        read_message(line, longest=50)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(TYPES), st.dictionaries(st.sampled_from(["rate", "text", "seconds", "turn", "wake", "x"]), JSON))
def test_no_field_makes_the_reader_fail(kind: str, fields: dict[str, object]) -> None:
    with suppress(DataError):
        read_message(json.dumps({**fields, "type": kind}), longest=50)
