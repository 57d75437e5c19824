"""Runs the code of skills with a time limit, so that its faults do not affect the assistant."""

from __future__ import annotations

import importlib.util
import json
import logging
import threading
from collections.abc import Callable, Mapping
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from harken.dialogue.skill import ACTS, REPLIES, Answer, Context, IntentSpec, Request, SkillSpec
from harken.errors import HarkenError
from harken.languages.locale import Locale

log = logging.getLogger(__name__)

TIME_LIMIT = 2.0
"""Seconds that a skill may take to answer."""
MAX_TEXT = 2_000
"""Characters in a reply; more would take minutes to read aloud."""


class SkillFailed(HarkenError):
    """A skill could not answer: its code raised an exception, took too long, or returned something invalid."""


class Runner:
    """Keeps the loaded code of skills and calls it.

    Args:
        limit: seconds that an answer may take.
    """

    def __init__(self, limit: float = TIME_LIMIT):
        self.limit = limit
        self._code: dict[Path, ModuleType] = {}
        self._hanging: dict[str, threading.Thread] = {}

    def run(self, skill: SkillSpec, request: Request, context: Context) -> Answer:
        """The skill's answer.

        Raises:
            SkillFailed: with the reason, for the log.
        """
        if skill.code is None:
            return _from_responses(skill.intents[request.intent], request, context.locale)
        hanging = self._hanging.get(skill.name)
        if hanging is not None and hanging.is_alive():
            raise SkillFailed(f"skill '{skill.name}' is still busy with an earlier request")
        code = skill.code
        return _checked(skill.name, self._call(skill.name, lambda: self._load(code).answer(request, context)))

    def needless(self, skill: SkillSpec, request: Request, context: Context) -> Answer | None:
        """What the skill's function `needless` says about a request before it is confirmed; None when it has none.

        Raises:
            SkillFailed: with the reason, for the log.
        """
        code = skill.code
        if code is None:
            return None

        def judged() -> Any:
            needless = getattr(self._load(code), "needless", None)
            return None if needless is None else needless(request, context)

        answer = self._call(skill.name, judged)
        return None if answer is None else _checked(skill.name, answer)

    def check(self, name: str, path: Path) -> None:
        """Load a skill's code, as its first request would.

        Raises:
            SkillFailed: the code raised an exception, took too long, or has no function `answer`.
        """
        self._call(name, lambda: self._load(path))

    def _call(self, name: str, job: Callable[[], Any]) -> Any:
        outcome: dict[str, Any] = {}

        def work() -> None:
            try:
                outcome["answer"] = job()
            except BaseException as error:  # a skill may raise anything, SystemExit included
                outcome["error"] = error

        thread = threading.Thread(target=work, name=f"skill-{name}", daemon=True)
        thread.start()
        thread.join(self.limit)
        if thread.is_alive():
            self._hanging[name] = thread
            raise SkillFailed(f"skill '{name}' gave no answer within {self.limit:g} s")
        if "error" in outcome:
            error = outcome["error"]
            if isinstance(error, SkillFailed):
                raise error
            raise SkillFailed(f"skill '{name}' raised {type(error).__name__}: {error}") from error
        return outcome["answer"]

    def _load(self, path: Path) -> ModuleType:
        """The module of a skill.py, loaded once."""
        if path not in self._code:
            name = f"harken_skill_{path.parent.name}"
            spec = importlib.util.spec_from_file_location(name, path, loader=_FreshLoader(name, str(path)))
            if spec is None or spec.loader is None:
                raise SkillFailed(f"{path} cannot be loaded as Python")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            if not callable(getattr(module, "answer", None)):
                raise SkillFailed(f"{path} defines no function answer(request, context); add it")
            self._code[path] = module
        return self._code[path]


class _FreshLoader(SourceFileLoader):
    """Compiles the source each time: compiled code on disk counts as current if only the second and the size agree."""

    def path_stats(self, path: Any) -> Any:
        """Raises OSError, so that nothing compiled is looked for or kept."""
        raise OSError


def _from_responses(intent: IntentSpec, request: Request, locale: Locale) -> Answer:
    if not intent.responses:
        return Answer(text=locale.reply(REPLIES, "okay"), act="ack", data=dict(request.slots))
    values = _Blank({name: str(value) for name, value in request.slots.items()})
    return Answer(text=intent.responses[0].format_map(values), data=dict(request.slots))


class _Blank(dict[str, str]):
    """Unfilled slots read as empty."""

    def __missing__(self, key: str) -> str:
        return ""


def _checked(name: str, answer: Any) -> Answer:
    """What the skill returned, as an answer that can be spoken.

    Raises:
        SkillFailed: it cannot.
    """
    if isinstance(answer, str):
        answer = Answer(text=answer)
    if not isinstance(answer, Answer):
        raise SkillFailed(f"skill '{name}' returned {type(answer).__name__}; it must return an Answer or text")
    if not isinstance(answer.text, str) or not answer.text.strip() or len(answer.text) > MAX_TEXT:
        raise SkillFailed(f"skill '{name}' returned a text that cannot be spoken; expected 1 to {MAX_TEXT} characters")
    if answer.act not in ACTS:
        raise SkillFailed(f"skill '{name}' returned the act {answer.act!r}; known are {', '.join(ACTS)}")
    parts = {"data": answer.data, "remember": answer.remember}
    for what, request in (("undo", answer.undo), ("offer", answer.offer)):
        if request is not None and not isinstance(request, Request):
            raise SkillFailed(f"skill '{name}' returned '{what}' of type {type(request).__name__}; expected a Request")
        parts |= {} if request is None else {what: request.slots}
    for what, part in parts.items():
        _check_json(name, part, what)
    return answer


def _check_json(name: str, part: Any, what: str) -> None:
    try:
        json.dumps(part, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise SkillFailed(f"skill '{name}' returned '{what}' that is not JSON: {error}") from error
    if not isinstance(part, Mapping):
        raise SkillFailed(f"skill '{name}' returned '{what}' of type {type(part).__name__}; expected a mapping")
