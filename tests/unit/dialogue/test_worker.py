"""A request may be answered in a worker thread while the main thread rings, begins anew and exchanges skills."""

import datetime as dt
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.unit.dialogue.conftest import TurnedClock
from tests.unit.dialogue.scripted import ScriptedReader

from harken.dialogue.conversation import DialogueManager
from harken.dialogue.runner import Runner
from harken.dialogue.store import Store
from harken.events import Event, Interpretation, Reply
from harken.languages.loading import load_locale
from harken.nlu.skill_file import Skill, read_skill

YAML = "skill: slow\nintents: {go: {sentences: [go]}}\n"
CODE = """
from pathlib import Path
import time
from harken.dialogue.skill import Answer

def answer(request, context):
    context.timers.start(60, label="first")
    (Path(__file__).parent / "begun").touch()
    while not (Path(__file__).parent / "go on").exists():
        time.sleep(0.002)
    context.timers.start(60, label="second")
    context.store.add_item("shopping", "milk")
    return Answer(text="VERSION", remember={"was": "here"})
"""


def slow_skill(folder: Path, version: str = "old") -> Skill:
    folder.mkdir(exist_ok=True)
    (folder / "skill.yaml").write_text(YAML)
    (folder / "skill.py").write_text(CODE.replace("VERSION", version))
    return read_skill(folder)


def go(turn: int) -> Interpretation:
    return Interpretation(turn=turn, text="go", skill="slow", intent="go", score=1.0)


def wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.002)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "slow"


@pytest.fixture
def manager(folder: Path, clock: TurnedClock) -> DialogueManager:
    store = Store(folder.parent / "store.sqlite")
    return DialogueManager(
        {"slow": slow_skill(folder)},
        ScriptedReader(),
        locale=load_locale(),
        store=store,
        clock=clock,
        runner=Runner(20),
    )  # fmt: skip


@contextmanager
def in_worker(manager: DialogueManager, folder: Path, turn: int = 0) -> Iterator[list[Event]]:
    """The body runs while the skill is at work in a worker thread; the list holds its events afterwards."""
    for name in ("begun", "go on"):
        (folder / name).unlink(missing_ok=True)
    out: list[Event] = []
    worker = threading.Thread(target=lambda: out.extend(manager.process(go(turn))))
    worker.start()
    wait_for(folder / "begun")
    yield out
    (folder / "go on").touch()
    worker.join()


def text_of(events: list[Event]) -> str:
    (reply,) = [event for event in events if isinstance(event, Reply)]
    return reply.text


def test_a_timer_rings_while_a_skill_is_at_work(manager: DialogueManager, folder: Path, clock: TurnedClock) -> None:
    with in_worker(manager, folder) as events:
        clock.wait(60)
        began = time.perf_counter()
        assert [reply.data["label"] for reply in manager.ring()] == ["first"]
        assert time.perf_counter() - began < 10, "half of what the skill is given"
    assert text_of(events) == "old"
    assert [timer.label for timer in manager.timers.running()] == ["second"]
    clock.wait(60)
    assert [reply.data["label"] for reply in manager.ring()] == ["second"]


def test_what_is_answered_after_a_new_conversation_began_does_not_enter_it(
    manager: DialogueManager, folder: Path
) -> None:
    with in_worker(manager, folder) as events:
        manager.reset()
    assert text_of(events) == "old"
    assert (manager.state.turn, manager.state.history, manager.state.memory) == (-1, (), {})
    assert manager.store.items("shopping") == ["milk"]


def test_the_conversation_goes_on_with_skills_that_changed_meanwhile(manager: DialogueManager, folder: Path) -> None:
    with in_worker(manager, folder) as events:
        manager.use({"slow": slow_skill(folder, "new")}, ScriptedReader())
    assert text_of(events) == "old"
    assert dict(manager.state.memory) == {"slow": {"was": "here"}}
    assert text_of(manager.process(go(1))) == "new"
    assert [exchange.reply for exchange in manager.state.history] == ["old", "new"]


def test_a_skill_that_is_removed_while_it_is_at_work_still_answers(manager: DialogueManager, folder: Path) -> None:
    with in_worker(manager, folder) as events:
        manager.use({}, ScriptedReader())
    assert text_of(events) == "old"
    assert text_of(manager.process(go(1))).startswith("Sorry")


def test_timers_ring_in_their_session_after_skills_have_changed(
    manager: DialogueManager, folder: Path, clock: TurnedClock
) -> None:
    manager.timers.start(60, label="pasta")
    manager.use({}, ScriptedReader())
    clock.wait(60)
    assert [reply.data["label"] for reply in manager.ring()] == ["pasta"]


def test_a_hanging_skill_that_was_mended_is_called_again_with_the_same_limit(
    folder: Path, clock: TurnedClock, caplog: pytest.LogCaptureFixture
) -> None:
    skill = slow_skill(folder)
    manager = DialogueManager({"slow": skill}, ScriptedReader(), locale=load_locale(), clock=clock, runner=Runner(0.1))
    assert text_of(manager.process(go(0))).startswith("Sorry")
    (folder / "skill.py").write_text("def answer(request, context):\n    return 'mended'\n")
    manager.use({"slow": read_skill(folder)}, ScriptedReader())
    assert text_of(manager.process(go(1))) == "mended"
    manager.use({"slow": slow_skill(folder)}, ScriptedReader())
    caplog.clear()
    assert text_of(manager.process(go(2))).startswith("Sorry")
    assert "within 0.1 s" in caplog.text
    (folder / "go on").touch()


def test_a_skill_that_is_removed_between_decision_and_act_still_answers(folder: Path, clock: TurnedClock) -> None:
    folder.mkdir()
    (folder / "skill.yaml").write_text(YAML)
    (folder / "skill.py").write_text("def answer(request, context):\n    return 'done'\n")
    manager = DialogueManager({"slow": read_skill(folder)}, ScriptedReader(), locale=load_locale(), clock=clock)
    now = clock.now()

    def now_without_skills() -> dt.datetime:
        manager.use({}, ScriptedReader())
        return now

    clock.now = now_without_skills  # type: ignore[method-assign]
    assert text_of(manager.process(go(0))) == "done"


def test_threads_set_and_ring_timers_without_losing_one(clock: TurnedClock, tmp_path: Path) -> None:
    manager = DialogueManager({}, ScriptedReader(), locale=load_locale(), store=Store(tmp_path / "s"), clock=clock)
    rung: list[str] = []
    setting = threading.Event()

    def ring() -> None:
        while not setting.is_set():
            rung.extend(reply.data["label"] for reply in manager.ring())

    ringers = [threading.Thread(target=ring) for _ in range(2)]
    for thread in ringers:
        thread.start()
    for number in range(60):
        manager.timers.start(1, label=str(number))
        manager.timers.running()
        clock.wait(0.5)
    setting.set()
    for thread in ringers:
        thread.join()
    clock.wait(1)
    rung += [reply.data["label"] for reply in manager.ring()]
    assert sorted(rung, key=int) == [str(number) for number in range(60)]
