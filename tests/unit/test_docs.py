"""The documentation says what is true: commands exist, names are listed, links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import harken
from harken import errors, events

ROOT = Path(harken.__file__).parents[2]
if not (ROOT / "mkdocs.yml").is_file():
    pytest.skip("harken was installed without its source tree", allow_module_level=True)

PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
FENCE = re.compile(r"^```(\S*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
MARKED = {"console", "python", "toml", "json", "yaml", "text", "diff"}
RECIPES = sorted((ROOT / "src/harken/recipes").rglob("README.md"))
TECHNICAL = """
acoustic model, alignment, allophone, ARPAbet, augmentation, back-off, barge-in, baseline, beam, bootstrap, bundle,
calibration error, cepstrum, checkpoint, claim, conditional random field, confidence, confusion network, consensus,
corpus, cross entropy, CTC, dB, denominator, dialect, dialogue, distillation, echo, echo return loss enhancement, EER,
embedding, end-point, epoch, equal error rate, event, F1, false accept, false alarm, flat start, frame, gate, grammar,
graph, grapheme-to-phoneme, hash, head, hypothesis, i-vector, int8, eight bit, intent, interpretation, interpreter,
IPA, Kneser-Ney, language model, lattice, lattice-free MMI, LF-MMI, lexicon, locale, log, log-mel, look-ahead,
manifest, MFCC, miss rate, n-best, n-gram, NCE, normalised cross entropy, numerator, ONNX, oracle, pack, partial
result, pass, perplexity, phone, phone map, phoneme, pivot, pool, posterior, profile, pronouncer, pruning,
quantisation, real-time factor, recipe, recogniser, record, refractory time, rejection, rejection curve, reliability
diagram, rescoring, result, RNG, RT60, RTF, search space, seed, session, skill, skill set, slot, spectrogram, speech
detector, split, SSML, stage, synthesiser, template, threshold, time-delay network, token, trace, transcript, turn,
utterance, VAD, verdict, Viterbi, vocoder, wake word, WER, word error rate
"""
"""Words that a newcomer may not know. Whoever uses another one adds it here and to the glossary."""


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> Iterator[str]:
    for kind, content in FENCE.findall(page.read_text(encoding="utf-8")):
        if kind == language:
            yield content


@pytest.fixture(scope="module")
def hooks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("documentation_hooks", ROOT / "docs" / "hooks.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def commands(hooks: ModuleType) -> dict[str, Any]:
    return dict(hooks.walk_commands())


def built(hooks: ModuleType, page: str) -> str:
    return str(hooks.on_page_markdown((ROOT / "docs" / page).read_text(encoding="utf-8")))


def test_every_command_and_option_is_in_the_reference(hooks: ModuleType, commands: dict[str, Any]) -> None:
    page = built(hooks, "reference/commands.md")
    assert len(commands) >= 20
    for name, command in commands.items():
        _, _, rest = page.partition(f"\n## harken {name}\n")
        section = rest.split("\n## ")[0]
        assert section, name
        options = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
        assert [option for option in options if f"`{option}`" not in section] == []


def test_every_command_has_a_help_and_an_example(commands: dict[str, Any]) -> None:
    assert [name for name, command in commands.items() if not command.help] == []
    assert [name for name, command in commands.items() if f"harken {name}" not in (command.epilog or "")] == []


def test_every_event_and_its_fields_are_in_the_reference(hooks: ModuleType) -> None:
    page = built(hooks, "reference/events.md")
    kinds = [kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, events.Event)]
    assert len(kinds) >= 15
    assert [kind.__name__ for kind in kinds if kind is not events.Event and f"## {kind.__name__}\n" not in page] == []
    assert "Mean probability of speech over the span" in page


def test_every_event_that_a_stage_exchanges_is_an_event() -> None:
    page = (ROOT / "docs/reference/stages.md").read_text(encoding="utf-8")
    named = {name for line in page.splitlines() if line.startswith("| ") for name in re.findall(r"`(\w+)`", line)}
    assert len(named) >= 15
    assert [name for name in named if not hasattr(events, name)] == []


def test_every_error_is_in_the_reference(hooks: ModuleType) -> None:
    page = built(hooks, "reference/errors.md")
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert [kind.__name__ for kind in kinds if f"`{kind.__name__}`" not in page] == []


def test_every_environment_variable_is_in_the_reference() -> None:
    page = (ROOT / "docs/reference/configuration.md").read_text(encoding="utf-8")
    used = {
        name
        for file in (ROOT / "src").rglob("*.py")
        for name in re.findall(r"[\"'](HARKEN_[A-Z_]+)[\"']", file.read_text(encoding="utf-8"))
    }
    assert "HARKEN_HOME" in used
    assert {name for name in used if f"`{name}`" not in page} == set()


def test_every_shipped_bundle_is_in_the_reference() -> None:
    page = (ROOT / "docs/reference/bundles.md").read_text(encoding="utf-8")
    shipped = {manifest.parent.name for manifest in (ROOT / "src/harken/bundles").glob("*/bundle.json")}
    assert {name for name in shipped if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_code_blocks_say_what_they_are(page: Path) -> None:
    languages = [kind for kind, _ in FENCE.findall(page.read_text(encoding="utf-8"))]
    assert [kind for kind in languages if kind not in MARKED] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_in_the_text_exist_with_their_options(page: Path, commands: dict[str, Any]) -> None:
    for block in blocks(page, "console"):
        for line in block.splitlines():
            if re.match(r"\$ (\S*/)?harken\s", line):
                check_command(
                    shlex.split(line.split(" harken ", 1)[-1].split("harken ", 1)[-1], comments=True), commands
                )


def check_command(words: list[str], commands: dict[str, Any]) -> None:
    name = next((name for n in (2, 1) if (name := " ".join(words[:n])) in commands), None)
    assert name is not None, f"no such command: harken {' '.join(words)}"
    known = {option for parameter in commands[name].params for option in parameter.opts}
    used = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    assert used <= known | {"--help", "-h"}, f"harken {' '.join(words)}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_python_in_the_text_can_be_read_and_imports_what_there_is(page: Path) -> None:
    for block in blocks(page, "python"):
        compile(block, str(page), "exec")
        for module, names in re.findall(r"^from (harken[\w.]*) import (.+)$", block, re.MULTILINE):
            home = importlib.import_module(module)
            for name in re.split(r"[,\s]+", names.strip("() ")):
                assert hasattr(home, name), f"{module} has no {name}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_files(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), target


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = [page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")]
    assert [page for page in pages if f": {page}\n" not in navigation + "\n"] == []


def glossary() -> dict[str, str]:
    """Title -> explanation, in the order of the page."""
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    return {title: said.strip() for title, said in re.findall(r"^(\S.*)\n:   ((?:.+\n?)+)", text, re.MULTILINE)}


def test_technical_words_stand_in_the_glossary() -> None:
    written = "\n".join(page.read_text(encoding="utf-8") for page in [*PAGES, *RECIPES] if page.name != "glossary.md")
    titles = "\n".join(glossary()).lower()
    words = [word.strip() for word in TECHNICAL.replace("\n", " ").split(",")]
    used = [word for word in words if re.search(rf"\b{re.escape(word)}s?\b", written, re.IGNORECASE)]
    assert len(used) > 80
    assert [word for word in used if not re.search(rf"\b{re.escape(word.lower())}\b", titles)] == []


def test_the_glossary_is_in_alphabetical_order_and_explains_in_a_few_sentences() -> None:
    titles = list(glossary())
    assert titles == sorted(titles, key=str.lower)
    assert [title for title, said in glossary().items() if not 10 <= len(said) <= 300] == []


def test_decision_notes_have_their_four_parts() -> None:
    for note in (ROOT / "docs" / "decisions").glob("[0-9]*.md"):
        text = note.read_text(encoding="utf-8")
        missing = [part for part in ("**Status:**", "## Context", "## Decision", "## Consequences") if part not in text]
        assert missing == [], note.name


def test_the_makefiles_commands_stand_in_the_readme_in_plain_pip_too() -> None:
    makefile, readme = ((ROOT / name).read_text(encoding="utf-8") for name in ("Makefile", "README.md"))
    for install in re.findall(r"pip install .*--editable (\S+)", makefile):
        assert f"pip install -e {install}" in readme


def test_the_recipes_own_texts_name_commands_that_exist(commands: dict[str, Any]) -> None:
    recipes = ROOT / "src" / "harken" / "recipes"
    told = [
        command
        for file in [*recipes.rglob("README.md"), *recipes.rglob("*.toml")]
        for line in file.read_text(encoding="utf-8").splitlines()
        for command in re.findall(r"(?:^|[`#&] *|: )harken (?!\.)([a-z]+ [^`&#]*)", line)
    ]
    assert len(told) >= 40
    for command in told:
        check_command(shlex.split(command.split("   ")[0]), commands)
