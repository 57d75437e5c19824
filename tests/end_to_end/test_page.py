"""The web page in Chromium: typed and spoken turns, by keyboard alone, on a phone, without faults of access."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.end_to_end.servers import Served, serving

from harken.audio.files import resample, write_wav
from harken.demo.requests import recorded_orders
from harken.events import SAMPLE_RATE
from harken.tts.voice import Voice
from harken.workshop.heard_log import HeardLog, LogSettings
from harken.workshop.wake_words import TaughtWords

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("there is no Chromium", allow_module_level=True)

WAIT = 180_000
"""Milliseconds."""
OPEN_ALL = "for (const one of document.querySelectorAll('details')) one.open = true"

Visit = Callable[..., Any]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Words that a test has taught do not outlive it."""
    yield
    for word in TaughtWords().words():
        TaughtWords().forget(word)


@contextmanager
def visiting(
    served: Served, *, microphone: Path | None = None, loop: bool = False, **options: Any
) -> Iterator[Any]:  # fmt: skip
    """The page in a browser; it must have had nothing to complain about."""
    flags = ["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    flags += ["--autoplay-policy=no-user-gesture-required"]
    flags += [f"--use-file-for-fake-audio-capture={microphone}{'' if loop else '%noloop'}"] if microphone else []
    complaints: list[str] = []
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_context(permissions=["microphone"], **options).new_page()
        page.set_default_timeout(WAIT)
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(served.base + "/")
        page.wait_for_selector("#status[data-state=ready]")
        yield page
        browser.close()
    assert complaints == []


def say(page: Any, text: str) -> str:
    """Type a request; the reply."""
    replies = page.locator("p.reply")
    before = replies.count()
    page.fill("#say", text)
    page.press("#say", "Enter")
    page.wait_for_selector(f".turn:nth-of-type({before + 1}) p.reply", state="attached")
    return str(page.inner_text(".turn:first-child p.reply"))


def test_a_typed_request_is_answered_and_everything_about_it_can_be_seen(served: Served) -> None:
    with visiting(served) as page:
        assert "10 minutes" in say(page, "set a pasta timer for ten minutes")
        page.wait_for_selector(".turn:first-child .spectrogram:not([hidden])")
        page.wait_for_selector("#timers time")
        assert "pasta" in page.inner_text("#timers")
        page.click(".turn:first-child summary")
        assert "duration" in page.inner_text(".turn:first-child table")
        page.click("text=What was each word taken for?")
        page.wait_for_selector(".explanation table")
        assert "ms from the end of the request" in page.inner_text(".turn:first-child .took")
        assert "bread" in say(page, "add bread to the shopping list")
        page.wait_for_selector("#lists li")
        page.click("#skills .try >> nth=0")
        page.wait_for_selector(".turn:nth-of-type(3) p.reply", state="attached")


def test_the_keyboard_is_enough(served: Served) -> None:
    with visiting(served) as page:
        reached = set()
        for _ in range(25):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
        assert {"skip", "theme", "mic", "free", "say", "reset", "try", "teach-open"} <= reached
        page.focus("#theme")
        for chosen in ("light", "dark", "auto"):
            page.keyboard.press("Enter")
            assert page.evaluate("document.documentElement.dataset.theme") == chosen
        page.focus("#mic")
        page.keyboard.down("Space")
        page.wait_for_selector("#mic[aria-pressed=true]")
        page.wait_for_timeout(500)
        page.keyboard.up("Space")
        page.wait_for_selector("#mic[aria-pressed=false]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(390, 844), (1360, 900)], ids=["phone", "desktop"])
def test_people_who_see_or_hear_less_can_use_it(served: Served, size: tuple[int, int], scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    width, height = size
    with visiting(served, viewport={"width": width, "height": height}, color_scheme=scheme) as page:
        say(page, "what is twelve times seven")
        page.evaluate(OPEN_ALL)
        page.click("text=What was each word taken for?")
        page.wait_for_selector(".explanation table")
        assert serious(axe.Axe().run(page)) == []
        assert page.evaluate("document.documentElement.scrollWidth") == width, "nothing sticks out"
        lesson(page, "jupiter station")
        assert serious(axe.Axe().run(page)) == []
        box = page.locator("#teach").bounding_box()
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width
        assert page.evaluate(
            "document.getElementById('teach').scrollWidth <= document.getElementById('teach').clientWidth"
        )


def serious(found: Any) -> list[Any]:
    """Faults of access that matter."""
    return [
        (one["id"], one["nodes"][0]["target"])
        for one in found.response["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def lesson(page: Any, word: str) -> None:
    """Begin to teach a word."""
    page.click("#teach-open")
    page.fill("#teach-word", word)
    page.press("#teach-word", "Enter")
    page.wait_for_selector("#lesson:not([hidden])")


def test_a_wake_word_is_typed_tried_recorded_and_forgotten(served: Served, voice: Voice, tmp_path: Path) -> None:
    quiet = np.zeros(SAMPLE_RATE // 2, np.float32)
    word = 0.5 * resample(voice.say("hey robin"), voice.rate, SAMPLE_RATE)
    write_wav(tmp_path / "word.wav", np.concatenate([quiet, word, quiet, quiet]))
    with visiting(served, microphone=tmp_path / "word.wav", loop=True) as page:
        lesson(page, "Hey  Robin")
        assert page.inner_text("#phones") == "/heɪ/ /ɹɑbən/"
        assert page.is_hidden("#record")
        page.click("#use")
        page.wait_for_selector("#active:not([hidden])")
        page.click("#try")
        page.wait_for_selector("#tried:has-text('Heard')")
        page.click("#try")
        page.click("#record")
        page.wait_for_selector("#take:has-text('Kept')")
        assert page.inner_text("#takes-label") == "1 of 5 recordings"
        assert "Train" in page.inner_text("#train")
        assert page.locator(".turn").count() == 0, "nothing said here is a request"
        page.click("[aria-label='Forget hey robin']")
        page.wait_for_selector("[aria-label='Forget hey robin']", state="detached")
        assert page.is_hidden("#lesson")
        assert page.inner_text("#words li:last-child b") == "computer"


@pytest.mark.pack
def test_a_recorded_person_wakes_it_and_is_answered(served: Served, tmp_path: Path) -> None:
    order = next(iter(recorded_orders(Path(os.environ["HARKEN_DATA"]), limit=1)))
    quiet = np.zeros(SAMPLE_RATE, np.float32)
    write_wav(tmp_path / "order.wav", np.concatenate([quiet, order.samples, *[quiet] * 10]))
    with visiting(served, microphone=tmp_path / "order.wav") as page:
        page.check("#free")
        page.wait_for_selector("#live:not([hidden]) .word[title*=sure]")
        page.wait_for_selector("p.reply")
        assert page.locator(".said .word").count() >= 4
        assert "sure" in page.locator(".said .word").first.get_attribute("title")
        page.wait_for_selector(".turn:first-child .spectrogram:not([hidden])")
        page.evaluate(OPEN_ALL)
        assert page.locator(".network li").count() >= 1


def test_a_misheard_turn_is_kept_for_adaptation_if_the_log_is_on(served: Served, voice: Voice, tmp_path: Path) -> None:
    quiet, heard = np.zeros(SAMPLE_RATE, np.float32), HeardLog()
    spoken = resample(voice.say("what time is it in london"), voice.rate, SAMPLE_RATE)
    write_wav(tmp_path / "request.wav", np.concatenate([quiet, spoken, *[quiet] * 20]))
    try:
        for on in (False, True):
            heard.configure(LogSettings(on=on))
            with visiting(served, microphone=tmp_path / "request.wav") as page:
                page.wait_for_selector(f"#kept:has-text('the log is {'on' if on else 'off'}')")
                page.focus("#mic")
                page.keyboard.down("Space")
                page.wait_for_selector(".turn p.reply")
                page.keyboard.up("Space")
                page.click("text=That was wrong")
                if not on:
                    assert "harken log on" in page.inner_text(".actions p.hint")
                    continue
                page.fill(".actions input", "what time is it in lyon")
                page.press(".actions input", "Enter")
                page.wait_for_selector(".actions p.good")
        assert [(entry.text, entry.said) for entry in heard.entries()] == [
            ("what time is it in london", "what time is it in lyon")
        ]
    finally:
        heard.wipe()
        heard.configure(LogSettings())
