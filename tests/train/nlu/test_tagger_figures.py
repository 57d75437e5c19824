from typing import Any

import pytest

from harken.recipes.nlu.subword_tagger.figures import figures_of


def report(name: str, inputs: str, seed: int, counts: list[list[int]], share: int = 100) -> dict[str, Any]:
    test = {"counts": counts, "unseen": [[0, 1, 0]] * len(counts), "f1": 0.0, "unseen_f1": 0.0}
    return {
        "set": name, "inputs": inputs, "seed": seed, "share": share, "crf": True, "rows": 40, "parameters": 1000,
        "dev": {"f1": 50.0}, "test": test,
    }  # fmt: skip


GOOD, POOR = [[2, 2, 2], [1, 1, 1]], [[1, 2, 2], [1, 1, 1]]
REPORTS = [
    *(report("atis", inputs, seed, GOOD if inputs == "all" else POOR) for inputs in ("all", "word") for seed in (1, 2)),
    *(report("snips", inputs, seed, POOR) for inputs in ("all", "word") for seed in (1, 2, 3)),
    *(report("wnut17", inputs, 1, GOOD if inputs == "word" else POOR) for inputs in ("all", "word")),
    report("snips", "all", 1, GOOD, share=5),
]


def test_a_claim_rests_on_the_sets_with_two_seeds_and_on_the_seeds_that_all_of_them_have() -> None:
    (claim,) = [result for result in figures_of(REPORTS) if result.metric == "difference of slot F1"]
    assert claim.condition == "words and units against words"
    assert claim.note == "atis, snips"
    assert claim.seeds == (1, 2)
    assert claim.n == 4
    assert claim.value == pytest.approx((100 - 200 * 2 / 6) / 2, abs=0.01)


def test_one_seed_is_compared_when_no_set_has_more() -> None:
    single = [each for each in REPORTS if each["seed"] == 1]
    (claim,) = [result for result in figures_of(single) if result.metric == "difference of slot F1"]
    assert (claim.note, claim.seeds) == ("atis, snips, wnut17", (1,))


def test_every_set_has_its_own_figure_for_each_share_of_the_training_sentences() -> None:
    found = {(r.set, r.condition): r for r in figures_of(REPORTS) if r.metric == "span F1"}
    assert found["atis test", "all"].value == 100
    assert found["snips test", "all"].value == pytest.approx(200 * 2 / 6, abs=0.01)
    assert found["snips test", "all"].seeds == (1, 2, 3)
    assert found["snips test", "all, 5 % of train"].value == 100
