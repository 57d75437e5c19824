"""How commands load what they answer with."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """For code that loads skills and models, of which hundreds of thousands of small objects stay: the garbage collector
    does not search them again and again, neither now nor later."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
