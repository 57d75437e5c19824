"""What the dialogue asks of understanding: how an answer, a fragment or a request in progress is read and worded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from harken.events import Interpretation, Slot


class Reader(Protocol):
    """Reads sentences in the light of a request (`harken.nlu.interpreter.Interpreter` does)."""

    def answer(
        self, skill: str, intent: str, ask: str, heard: Interpretation, known: Mapping[str, Any] | None = None
    ) -> tuple[Slot, ...]:
        """The values that an answer gives to a request in progress: the slot asked for, and others named with it.

        Every word of the answer is explained; otherwise there is none.

        Args:
            skill, intent: the request.
            ask: the slot asked for.
            heard: the answer.
            known: the values that the request has; an answer in any words may name others ('my tablets at nine', of
                what to be reminded of).
        """

    def follow_up(
        self, skill: str, intent: str, heard: Interpretation, *, closed: bool = False
    ) -> Interpretation | None:
        """A fragment ("and tomorrow", "what about london", "plus five", "turn it off") in the light of the last
        request: an intent of the same skill, with the slots that the fragment names; None if it is something else.

        Args:
            skill, intent: the last request.
            heard: the fragment.
            closed: whether only values count that are known, not any words.
        """

    def continued(self, before: str, heard: Interpretation) -> tuple[Interpretation, ...]:
        """The requests that a fragment adds to an earlier sentence: 'and the light in the kitchen' after 'turn on the
        fan'; none if it is something else.

        Args:
            before: the earlier sentence.
            heard: the fragment.
        """

    def instead(self, before: str, first: int, last: int, heard: Interpretation) -> Interpretation | None:
        """An earlier sentence with what is said now in the place of a name that was not known: 'the kettle then' after
        'turn on the toaster'; None if that makes no request.

        Args:
            before: the earlier sentence, as words.
            first, last: the unknown name is its words [first, last).
            heard: what is said now.
        """

    def phrase(self, skill: str, intent: str, slots: Mapping[str, Any]) -> str:
        """A request as a plain command: 'turn off the light in the kitchen'; '' if no sentence says it."""
