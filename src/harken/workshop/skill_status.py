"""Which skills are out of date, what that is expected to cost, and whether training them again pays.

A skill's heads are trained alone, on the sentences that there were at the time. Since then its own sentences, those of
the other skills, or the encoder may have changed. `harken.nlu.divergence` says how far its data has moved and predicts
the loss.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from harken.bundle import Bundle
from harken.languages.loading import load_locale
from harken.languages.locale import Locale
from harken.nlu.divergence import CURVE, LARGEST_LOSS, divergence
from harken.nlu.shipped import read_shipped_skills
from harken.nlu.skill_file import Skill, read_skill
from harken.nlu.skill_model import Manifest, SkillModel, read_model
from harken.workshop.skills import built_bundles, interpreter_bundle, registered_folders


@dataclass(frozen=True, kw_only=True)
class SkillStatus:
    """How up to date a skill's trained parts are."""

    name: str
    origin: str
    """'shipped' or 'added'."""
    trained: bool
    changes: tuple[str, ...]
    """'sentences', 'encoder', 'other skills': what has changed since it was trained."""
    staleness: float
    """Share of today's sentence templates (its own and the other skills') that it has not seen, 0..1."""
    distance: float
    """Mean Jaccard distance of its templates to those of the other skills' models, 0..1."""
    loss: float
    """Expected loss of accuracy, in points."""
    refresh: bool
    """Whether training it again pays: its own sentences or the encoder changed, or the expected loss is large."""


def skill_status(locale: Locale | None = None) -> list[SkillStatus]:
    """The state of every skill of a language that has a trained interpreter.

    Args:
        locale: the language; English when None.

    Raises:
        ConfigError: the language has no trained interpreter.
        BundleError: it is missing.
        SkillError: a skill cannot be read.
    """
    locale = locale or load_locale()
    bundle = interpreter_bundle(locale)
    shipped = read_shipped_skills(locale)
    added = [skill for skill in map(read_skill, registered_folders()) if skill.locale is locale]
    states = [("shipped", skill, read_model(bundle, skill.name), True) for skill in shipped]
    states += [("added", skill, *_newest(skill, bundle)) for skill in added]
    models = [model for _, _, model, _ in states if model is not None]
    return [
        _status(origin, skill, model, current, [*shipped, *added], models) for origin, skill, model, current in states
    ]


def _newest(skill: Skill, shipped: Bundle) -> tuple[SkillModel | None, bool]:
    """The trained parts of a user's skill that were built last, and whether they were built on today's encoder."""
    for bundle in built_bundles(skill.name):
        return read_model(bundle, skill.name), bundle.info["origin"]["encoder"] == shipped.hash
    return None, False


def _status(
    origin: str, skill: Skill, model: SkillModel | None, current: bool, skills: Iterable[Skill],
    models: Iterable[SkillModel],
) -> SkillStatus:  # fmt: skip
    if model is None:
        return SkillStatus(name=skill.name, origin=origin, trained=False, changes=(), staleness=1.0, distance=1.0,
                           loss=CURVE.predict(1.0, 1.0), refresh=True)  # fmt: skip
    now, then = Manifest.of(skill, skills), model.manifest
    changed = {
        "sentences": not np.array_equal(now.own, then.own), "encoder": not current,
        "other skills": not np.array_equal(now.others, then.others),
    }  # fmt: skip
    staleness = divergence([then.all], now.all).staleness
    apart = [divergence([then.all, other.manifest.all], now.all).distance for other in models if other is not model]
    distance = float(np.mean(apart)) if apart else 0.0
    loss = CURVE.predict(staleness, distance)
    return SkillStatus(
        name=skill.name, origin=origin, trained=True, changes=tuple(name for name, is_so in changed.items() if is_so),
        staleness=round(staleness, 4), distance=round(distance, 4), loss=round(loss, 2),
        refresh=changed["sentences"] or changed["encoder"] or loss > LARGEST_LOSS,
    )  # fmt: skip
