"""The trained parts of a skill, and the files of a bundle that hold them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.bundle import Bundle
from harken.languages.locale import Locale
from harken.nlu.divergence import Hashes, example_hashes
from harken.nlu.features import Encoder, Features
from harken.nlu.heads import Head, Judged
from harken.nlu.skill_file import Skill
from harken.nlu.strangers import Strangers
from harken.nlu.tagger import Tagger
from harken.nlu.token_encoder import UNITS_FILE, TokenEncoder

KIND = "interpreter"
"""Kind of the bundles with an encoder and the parts of many skills."""
ENCODER_FILE = "encoder.npz"
STRANGERS_FILE = "strangers.npz"


@dataclass(frozen=True)
class Manifest:
    """The sentence templates that a skill learned from, as hashes."""

    own: Hashes
    others: Hashes
    """Those of the skills whose sentences it learned to refuse."""

    @classmethod
    def of(cls, skill: Skill, others: Iterable[Skill]) -> Manifest:
        """What a skill would learn from now."""
        rest = [other for other in others if other.name != skill.name]
        return cls(example_hashes(_templates(skill)), example_hashes(text for o in rest for text in _templates(o)))

    @property
    def all(self) -> Hashes:
        """Both together."""
        return np.union1d(self.own, self.others)


@dataclass(frozen=True)
class SkillModel:
    """What training adds to a skill: its heads with their thresholds, and its tagger when it has slots."""

    head: Head
    tagger: Tagger | None
    act: Mapping[str, float]
    """Intent -> probability at which to act on a sentence that no template covers."""
    ask: Mapping[str, float]
    """Intent -> probability at which to ask whether it was meant; at most `act`."""
    manifest: Manifest
    carriers: frozenset[str] = frozenset()
    """Words that real requests to the skill are made of, beside those of its own sentences."""

    def judge(self, features: Features) -> Judged:
        """Probabilities of the skill, of its intents, and of the values that templates fix."""
        return self.head.judge(features)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For an .npz file."""
        arrays: dict[str, NDArray[Any]] = {f"head.{name}": array for name, array in self.head.arrays().items()}
        for name, limits in (("act", self.act), ("ask", self.ask)):
            arrays[name] = np.array([limits[intent] for intent in self.head.intents])
        arrays |= {"manifest.own": self.manifest.own, "manifest.others": self.manifest.others}
        arrays["carriers"] = np.frombuffer("\n".join(sorted(self.carriers)).encode(), dtype=np.uint8)
        if self.tagger is not None:
            arrays |= {f"tagger.{name}": array for name, array in self.tagger.arrays().items()}
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], tokens: TokenEncoder | None = None) -> SkillModel:
        """The inverse of `arrays`; the tagger reads words by the token encoder with which it was trained."""
        parts, tagger = (
            {key.removeprefix(part): array for key, array in arrays.items() if key.startswith(part)}
            for part in ("head.", "tagger.")
        )
        head = Head.from_arrays(parts)
        act, ask = (dict(zip(head.intents, arrays[name].tolist(), strict=True)) for name in ("act", "ask"))
        manifest = Manifest(arrays["manifest.own"], arrays["manifest.others"])
        carriers = frozenset(arrays["carriers"].tobytes().decode().split())
        return cls(head, Tagger.from_arrays(tagger, tokens) if tagger else None, act, ask, manifest, carriers)


def _templates(skill: Skill) -> Iterator[str]:
    """Every template with its intent and what it fixes."""
    for intent in skill.intents.values():
        for template in intent.templates:
            yield f"{skill.name}\t{intent.name}\t{sorted(template.constants.items())!r}\t{template.text}"


def model_file(skill: str) -> str:
    """Name of a skill's file in a bundle."""
    return f"skill-{skill}.npz"


def model_bytes(model: SkillModel) -> bytes:
    """The trained parts as an .npz file; the same weights give the same bytes."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **model.arrays())  # type: ignore[arg-type]
    return buffer.getvalue()


def read_model(bundle: Bundle, skill: str, tokens: TokenEncoder | None = None) -> SkillModel | None:
    """The trained parts of one skill; None when the bundle has none."""
    file = model_file(skill)
    if file not in bundle.info["files"]:
        return None
    return SkillModel.from_arrays(bundle.arrays(file), tokens)


def read_encoder(bundle: Bundle) -> Encoder:
    """The embedding of an interpreter bundle."""
    return Encoder.from_arrays(bundle.arrays(ENCODER_FILE))


def read_token_encoder(bundle: Bundle, locale: Locale) -> TokenEncoder | None:
    """The encoder of words of an interpreter bundle; None when it has none."""
    return TokenEncoder.from_bundle(bundle, locale) if UNITS_FILE in bundle.info["files"] else None


def read_strangers(bundle: Bundle) -> Strangers:
    """Sentences for no skill, in an interpreter bundle, as features of its encoder; none when it has no such file."""
    if STRANGERS_FILE not in bundle.info["files"]:
        return Strangers(())
    return Strangers.from_arrays(bundle.arrays(STRANGERS_FILE))
