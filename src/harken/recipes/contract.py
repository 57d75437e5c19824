"""What every recipe offers: the same four verbs, called the same way.

A recipe is a module `recipes/<stage>/<method>/recipe.py`. It may import torch only inside the verbs that need it, so
that the others run without the extra 'train'.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from harken.bundle import Bundle
from harken.metrics.result import Result

VERBS = ("prepare", "train", "export", "score")


class Recipe(Protocol):
    """The module of a recipe."""

    Config: type[Any]
    """Its settings: a frozen dataclass, see `harken.settings`."""

    def prepare(self, config: Any, run: Path) -> None:
        """Prepare the training material; what exists already is kept."""

    def train(self, config: Any, run: Path) -> Mapping[str, Any]:
        """Train in the run folder; resumes where it stopped. Returns figures for people."""

    def export(self, config: Any, run: Path) -> list[Bundle]:
        """Write the trained bundles into the run folder and nowhere else; `harken install` puts them in place.

        A recipe that only compares methods returns none.
        """

    def score(self, config: Any, run: Path) -> list[Result]:
        """Measure. What ships is measured as `load_bundle` finds it, through the run-time stage. Writes no results."""
