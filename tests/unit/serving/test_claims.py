"""Of several clients that hear the same wake word, one answers."""

from __future__ import annotations

from harken.serving.claims import LOUDER, WINDOW, Claims


class Household:
    def __init__(self) -> None:
        self.now, self.lost = 100.0, []
        self.claims = Claims(clock=lambda: self.now)

    def hears(self, who: str, level: float) -> bool:
        return self.claims.claim(level, lose=self._losers.setdefault(who, lambda: self.lost.append(who)))

    _losers: dict[str, object] = {}


def test_the_first_one_answers_unless_a_clearly_louder_one_follows_soon() -> None:
    home = Household()
    assert home.hears("kitchen", -40.0)
    assert not home.hears("hall", -40.0 + LOUDER - 0.1)
    assert home.lost == []
    home.now += WINDOW - 0.01
    assert home.hears("study", -40.0 + LOUDER)
    assert home.lost == ["kitchen"]
    assert not home.hears("hall", -40.0 + LOUDER)
    assert home.lost == ["kitchen"]


def test_the_next_wake_word_is_a_new_one_however_soft() -> None:
    home = Household()
    assert home.hears("kitchen", -20.0)
    home.now += WINDOW
    assert home.hears("hall", -60.0)
    assert home.lost == []


def test_the_one_that_answers_does_not_lose_to_itself() -> None:
    home = Household()
    assert home.hears("kitchen", -40.0)
    assert home.hears("kitchen", -20.0)
    assert home.hears("kitchen", -50.0)
    assert home.lost == []
