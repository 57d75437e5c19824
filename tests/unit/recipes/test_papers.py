from __future__ import annotations

from pathlib import Path

import pytest

from harken.errors import DataError
from harken.recipes.papers import PAPERS, read_papers


def test_sixteen_methods_each_with_claims_and_a_recipe() -> None:
    papers = read_papers()
    assert len(papers) == 16
    assert all(paper.claims and paper.recipe.count("/") == 1 and paper.data for paper in papers)


def test_a_method_is_not_called_begun_without_its_bundle() -> None:
    begun = [paper for paper in read_papers() if paper.begun and paper.bundle]
    assert begun
    for paper in begun:
        assert (PAPERS.parent / "bundles" / paper.bundle / "bundle.json").is_file(), paper.bundle


def test_no_two_claims_are_answered_by_the_same_result() -> None:
    keys = [
        (paper.recipe, claim.metric, claim.set, claim.condition) for paper in read_papers() for claim in paper.claims
    ]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('venue = "', 'venu = "', "row 1: unknown field 'venu'; did you mean 'venue'"),
        ('better = "lower"', 'bettr = "lower"', "row 1, claim 1: unknown field 'bettr'; did you mean 'better'"),
        ('better = "lower"', 'better = "less"', "row 1, claim 1: 'better' is 'less'; expected lower or higher"),
        ('recipe = "', '# recipe = "', "row 1: .*recipe"),
        ("id = 1\n", "id = 3\n", "ids must count"),
        ("number = 1\n", "number = 3\n", "row 1: numbers of claims must count"),
        ("[[paper]]", "[[paper", "is not a table of papers"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    path = tmp_path / "papers.toml"
    path.write_text(PAPERS.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=complaint):
        read_papers(path)


def test_a_paper_without_claims_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "papers.toml"
    path.write_text('[[paper]]\nid = 1\ntitle = "x"\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"row 1: there is no \[\[paper.claim\]\]"):
        read_papers(path)
