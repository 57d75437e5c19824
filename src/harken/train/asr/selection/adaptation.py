"""Adapts the acoustic model to its user, from their own recordings without text.

    report = adapt(recordings, seed=bundle, space=space, root=folder, run=run)

What the recogniser understood is chosen and learned from as in the method (`harken.train.asr.selection`). Some
recordings must come with what was really said: they are never learned from, and the result is kept only if it makes
fewer errors on them. Otherwise everything stays as it was; `undo_adaptation` also goes back.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harken import paths
from harken.asr.acoustic.model import AcousticModel
from harken.asr.ngram.model import NgramModel
from harken.asr.recognizer import Recognizer
from harken.asr.search.space import SearchSpace
from harken.bundle import Bundle, bundle_folders, install_bundle, load_bundle
from harken.data.utterances import Utterance
from harken.errors import BundleError, DataError
from harken.metrics.wer import WordErrors, word_errors
from harken.text.words import normalize_words
from harken.train.asr.selection.own_speech import AdaptConfig, choose, own_task
from harken.train.asr.selection.restoring import restored_network, write_changed_bundle
from harken.train.loop import best_weights, fit

ADAPTED_BY = "harken adapt"


@dataclass(frozen=True, kw_only=True)
class AdaptReport:
    """What came of it."""

    minutes: float
    """Of speech without text."""
    chosen_minutes: float
    """Of it learned from."""
    flipped: int
    """Words that were left out because the other recordings contradict them."""
    checked: int
    """Recordings that decided."""
    before: WordErrors
    """On them, with the model as it was."""
    after: WordErrors
    """With the adapted one."""
    kept: bool
    bundle: Bundle
    """The adapted one; in use only if `kept`."""

    def row(self) -> dict[str, object]:
        """For people and for JSON."""
        return {
            "minutes": round(self.minutes, 1), "chosen minutes": round(self.chosen_minutes, 1),
            "words left out": self.flipped, "recordings that decide": self.checked, "words in them": self.before.words,
            "errors before": self.before.errors, "errors after": self.after.errors, "kept": self.kept,
            "bundle": str(self.bundle.folder),
        }  # fmt: skip


def adapt(
    recordings: Sequence[Utterance], *, seed: Bundle, space: SearchSpace, language: NgramModel, root: Path, run: Path,
    config: AdaptConfig | None = None, install: bool = True, report: Callable[[str], None] = print,
) -> AdaptReport:  # fmt: skip
    """Adapt an acoustic model and put it in place if it is better; a killed run resumes.

    Args:
        recordings: of one user; those with a text decide, the others are learned from.
        seed: the acoustic bundle in use.
        space: what the assistant expects to hear.
        language: gives usual words, whose phones the training contrasts with.
        root: folder of the recordings.
        run: run folder.
        config: how much is needed, chosen and learned.
        install: False to leave the result in the run folder whatever it is.
        report: called as the work proceeds.

    Raises:
        DataError: too few recordings of either kind.
    """
    config = config or AdaptConfig()
    checked, own = _split(recordings, config)
    chosen = choose(own, seed, space, language, root, run, config, report)
    network = restored_network(seed)
    report(f"learning from {len(chosen.pieces)} pieces")
    fit(own_task(network, chosen, checked, seed, language, root, run, config), config.loop, run / "main", quiet=True)
    network.load_state_dict(best_weights(run / "main"))
    before = recognition_errors(seed, space, checked)
    origin = {"trained_by": ADAPTED_BY, "date": datetime.now(UTC).date().isoformat(), "from": seed.hash}
    bundle = write_changed_bundle(run / seed.name, seed, network, card=_CARD, origin=origin)
    after = recognition_errors(bundle, space, checked)
    better = after.errors < before.errors
    if better and install:
        bundle = _put_in_place(bundle)
    return AdaptReport(
        minutes=sum(u.duration for u in own) / 60, flipped=chosen.flipped, checked=len(checked), before=before,
        chosen_minutes=sum(piece.frames for piece in chosen.pieces) / 6000, after=after, kept=better and install,
        bundle=bundle,
    )  # fmt: skip


def undo_adaptation(name: str) -> Path | None:
    """Go back to the model before the last adaptation that was kept.

    Args:
        name: of the acoustic bundle.

    Returns:
        The folder of your own bundle that is used again; None if that is the shipped one.

    Raises:
        BundleError: the bundle in use does not come from an adaptation.
    """
    own = bundle_folders()[0] / name
    if not own.is_dir() or load_bundle(own).info.get("origin", {}).get("trained_by") != ADAPTED_BY:
        raise BundleError(f"the bundle '{name}' in use does not come from `{ADAPTED_BY}`; there is nothing to undo")
    before = _before(name)
    if before.is_dir():
        install_bundle(before)
        shutil.rmtree(before)
        return own
    shutil.rmtree(own)
    return None


def _split(recordings: Sequence[Utterance], config: AdaptConfig) -> tuple[list[Utterance], list[Utterance]]:
    checked = [u for u in recordings if u.text and normalize_words(u.text)]
    own = [u for u in recordings if u.text is None]
    if len(checked) < config.fewest_checked:
        raise DataError(
            f"what was really said is known of {len(checked)} recordings; at least {config.fewest_checked} are needed "
            "to tell whether adapting helps: `harken log show` lists them, `harken log correct NAME WORDS` notes it"
        )
    minutes = sum(u.duration for u in own) / 60
    if minutes < config.fewest_minutes:
        raise DataError(
            f"there are {minutes:.1f} minutes of other recordings to learn from; at least {config.fewest_minutes:g} "
            "are needed: use the assistant for a while with `harken log on`"
        )
    return checked, own


def recognition_errors(bundle: Bundle, space: SearchSpace, checked: Sequence[Utterance]) -> WordErrors:
    """Word errors of an acoustic bundle on recordings with texts."""
    recognizer = Recognizer(AcousticModel.from_bundle(bundle), space)
    counts = [word_errors(normalize_words(u.text or ""), recognizer.transcribe(u.read()).text.split()) for u in checked]
    return sum(counts, WordErrors())


def _put_in_place(bundle: Bundle) -> Bundle:
    """Install the adapted bundle; one of the user's own that it replaces is kept for `undo_adaptation`."""
    own, before = bundle_folders()[0] / bundle.name, _before(bundle.name)
    shutil.rmtree(before, ignore_errors=True)
    if own.is_dir():
        shutil.copytree(own, before)
    return install_bundle(bundle.folder)[0]


def _before(name: str) -> Path:
    return paths.home() / "before-adapting" / name


_CARD = """# Acoustic model adapted to its user

Trained on this machine by `harken adapt` from its user's own recordings, without text. It knows their voice, and
perhaps what they say: do not pass it on. `harken adapt --undo` goes back to the model before.
"""
