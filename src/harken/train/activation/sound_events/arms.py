"""Names of the networks that are compared."""

from __future__ import annotations

TEACHER, ALONE, DISTILLED = "teacher", "student", "distilled student"


def after_training(arm: str, bits: int) -> str:
    """Name of a student whose weights were quantised when it had learned."""
    return f"{arm}, {bits} bits after training"


def while_training(arm: str, bits: int) -> str:
    """Name of a student that learned with quantised weights."""
    return f"{arm}, {bits} bits"
