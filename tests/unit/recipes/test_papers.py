from __future__ import annotations

from pathlib import Path

import pytest

from harken.errors import DataError
from harken.recipes.papers import PAPERS, read_papers


def test_sixteen_methods_each_with_a_claim_and_a_recipe() -> None:
    papers = read_papers()
    assert len(papers) == 16
    assert all(paper.claim and paper.recipe.count("/") == 1 and paper.data for paper in papers)


def test_a_method_is_not_called_shipped_without_its_bundle_or_its_recipe() -> None:
    for paper in read_papers():
        if paper.status != "planned":
            assert (PAPERS.parent / "recipes" / paper.recipe).is_dir(), paper.recipe
            assert (PAPERS.parent / "bundles" / paper.bundle / "bundle.json").is_file(), paper.bundle


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('status = "planned"', 'status = "soon"', "row 1: status 'soon' is none of planned"),
        ('status = "planned"', 'status = "measured"', "row 1: 'result' must be named"),
        ('venue = "', 'place = "', "row 1: unknown field place"),
        ('recipe = "', '# recipe = "', "row 1: .*recipe"),
        ("id = 1\n", "id = 3\n", "ids must count"),
        ("[[paper]]", "[[paper", "is no table of papers"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    path = tmp_path / "papers.toml"
    path.write_text(PAPERS.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=complaint):
        read_papers(path)
