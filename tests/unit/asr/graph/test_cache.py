"""Kept graphs: the same as fresh ones, mapped where they are large, joined without a copy, built again when damaged."""

from __future__ import annotations

import logging
import mmap
import os
from pathlib import Path

import numpy as np
import pytest
from tests.unit.asr.toy import PHONES, open_grammar, pronounce, random_grammar, random_scores, toy_graph, toy_search

from harken.asr.graph import cache
from harken.asr.graph.cache import cached_graph, content_key, graph_room, load_graph, save_graph
from harken.asr.graph.compiler import compile_graph
from harken.asr.graph.grammar import grammar_acceptor
from harken.asr.graph.graph import DERIVED, Graph
from harken.asr.graph.joining import join_graphs
from harken.errors import DataError

TABLES = (
    "first", "phone", "word", "cost", "target", "backoff", "backoff_cost", "final", "starts", "start_costs", *DERIVED,
)  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cold: None) -> Path:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    return tmp_path / "cache" / "graphs"


@pytest.fixture(params=["read", "mapped"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How graphs of any size come back."""
    monkeypatch.setattr(cache, "MAPPED", 0 if request.param == "mapped" else 10**12)
    return str(request.param)


@pytest.fixture
def mapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs of any size are mapped, with room for graphs of about their own size."""
    monkeypatch.setattr(cache, "MAPPED", 0)
    monkeypatch.setattr(cache, "ROOM", 20)


def equal(one: Graph, two: Graph) -> bool:
    same = (np.array_equal(getattr(one, name), getattr(two, name)) for name in TABLES)
    return one.words == two.words and one.gaps.lists == two.gaps.lists and all(same)


def is_mapped(table: np.ndarray) -> bool:
    base: object = table
    while isinstance(base, np.ndarray | memoryview):
        base = base.base if isinstance(base, np.ndarray) else base.obj
    return isinstance(base, mmap.mmap)


def test_a_saved_graph_is_the_same_and_cannot_be_changed(tmp_path: Path, way: str) -> None:
    graph = toy_graph()
    save_graph(graph, tmp_path / "g.graph")
    again = load_graph(tmp_path / "g.graph")
    assert equal(graph, again)
    assert is_mapped(again.cost) == is_mapped(again.sources) == (way == "mapped")
    assert {table.dtype for table in (again.first, again.target, again.sources)} == {np.dtype(np.int32)}
    with pytest.raises(ValueError, match="read-only"):
        again.cost[0] = 0


def test_a_saved_graph_has_its_gaps(tmp_path: Path, way: str) -> None:
    grammar = random_grammar(np.random.default_rng(0))
    sentences = compile_graph(grammar_acceptor(grammar), pronounce, PHONES)
    save_graph(sentences, tmp_path / "g.graph")
    again = load_graph(tmp_path / "g.graph").gaps
    assert again.lists == sentences.gaps.lists != ()
    assert all(np.array_equal(getattr(again, n), getattr(sentences.gaps, n)) for n in ("source", "list", "target"))


@pytest.mark.usefixtures("way")
def test_a_search_in_a_kept_graph_finds_the_same(tmp_path: Path) -> None:
    save_graph(toy_graph(), tmp_path / "g.graph")
    searches = [toy_search(graph) for graph in (toy_graph(), load_graph(tmp_path / "g.graph"))]
    for search in searches:
        search.accept(random_scores(40, 3))
    assert searches[0].best_words(ended=True) == searches[1].best_words(ended=True)
    assert np.array_equal(searches[0].frames[-1].cost, searches[1].frames[-1].cost)


@pytest.mark.usefixtures("way")
def test_every_kind_of_damage_is_noticed(tmp_path: Path) -> None:
    save_graph(toy_graph(), tmp_path / "g.graph")
    whole = (tmp_path / "g.graph").read_bytes()
    places = np.flatnonzero(np.frombuffer(whole, np.uint8))[:: max(1, len(whole) // 4000)].tolist()
    flipped = [whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :] for at in places]
    for damaged in (b"", b"PK\x03\x04 not a graph", whole[:-1], whole[: len(whole) // 2], whole + b"\0", *flipped):
        (tmp_path / "g.graph").write_bytes(damaged)
        with pytest.raises(DataError, match="delete it"):
            load_graph(tmp_path / "g.graph")


@pytest.mark.usefixtures("way")
def test_a_kept_graph_is_built_once_and_again_after_damage(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    built = []

    def build() -> Graph:
        built.append(1)
        return toy_graph()

    key = content_key(["a", b"b"])
    assert equal(cached_graph(key, build), cached_graph(key, build))
    assert len(built) == 1
    (folder / f"{key}.graph").write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        assert equal(cached_graph(key, build), toy_graph())
    assert "not a readable graph" in caplog.text
    assert len(built) == 2
    assert equal(cached_graph(key, build), toy_graph())
    assert len(built) == 2
    assert content_key(["ab", b""]) != key


def test_another_version_has_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    before = content_key(["a"])
    monkeypatch.setattr(cache, "VERSION", cache.VERSION + 1)
    assert content_key(["a"]) != before


def test_a_cache_that_cannot_be_written_only_costs_time(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        assert equal(cached_graph("key", toy_graph), toy_graph())
    assert "cannot cache" in caplog.text


def test_a_kill_while_writing_leaves_the_old_graph_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached_graph("key", toy_graph)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("killed")))
        with pytest.raises(OSError, match="killed"):
            save_graph(toy_graph(1), folder / "key.graph")
    assert equal(load_graph(folder / "key.graph"), toy_graph())
    assert [path.name for path in folder.iterdir()] == ["key.graph"]


def test_graphs_that_were_not_used_for_longest_are_dropped(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "KEPT", 2)
    for key, moment in (("old", 1), ("used", 2)):
        cached_graph(key, toy_graph)
        os.utime(folder / f"{key}.graph", (moment, moment))
    cached_graph("old", toy_graph)
    cached_graph("new", toy_graph)
    assert {path.stem for path in folder.iterdir()} == {"old", "new"}


def test_what_earlier_versions_and_kills_left_is_ignored_and_goes_at_last(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    folder.mkdir(parents=True)
    for name in ("key.npz", ".key-half"):
        (folder / name).write_bytes(b"anything")
        os.utime(folder / name, (1, 1))
    (folder / ".other-half").write_bytes(b"being written now")
    assert equal(cached_graph("key", toy_graph), toy_graph())
    assert {path.name for path in folder.iterdir()} == {"key.npz", "key.graph", ".other-half"}
    monkeypatch.setattr(cache, "KEPT", 1)
    cached_graph("another", toy_graph)
    assert {path.name for path in folder.iterdir()} == {"another.graph", ".other-half"}


@pytest.mark.usefixtures("mapped")
@pytest.mark.parametrize("seed", range(4))
def test_a_graph_joined_in_the_room_of_another_is_that_joined_by_copying(folder: Path, seed: int) -> None:
    large, small = cached_graph("large", toy_graph), open_grammar(random_grammar(np.random.default_rng(seed)))
    cache_before = (folder / "large.graph").read_bytes()
    pairs = [(large, 1.0), (small, 3.0)]
    room = room_of(large, small)
    joined, copied = join_graphs(pairs, room=room), join_graphs(pairs)
    assert equal(joined, copied)
    assert all(is_mapped(getattr(joined, name)) for name in ("cost", "target", "sources", "least"))
    with pytest.raises(ValueError, match="read-only"):
        joined.cost[-1] = 0
    other = open_grammar(random_grammar(np.random.default_rng(seed + 100)))
    assert equal(join_graphs([(large, 1.0), (other, 3.0)], room=room_of(large, other)),
                 join_graphs([(large, 1.0), (other, 3.0)]))  # fmt: skip
    assert equal(joined, copied)  # two mappings do not write into each other
    assert equal(large, toy_graph())
    assert (folder / "large.graph").read_bytes() == cache_before


def room_of(*graphs: Graph) -> dict[str, np.ndarray]:
    room = graph_room("large", sum(graph.states for graph in graphs), sum(graph.arcs for graph in graphs))
    assert room is not None
    return room


def test_without_room_there_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert graph_room("large", 10**6, 10**6) is None
    graph = cached_graph("small", toy_graph)
    assert graph_room("small", graph.states + 1, graph.arcs + 1) is None  # read, not mapped
    monkeypatch.setattr(cache, "MAPPED", 0)
    cached_graph("large", toy_graph)
    assert graph_room("large", graph.states + 1, graph.arcs + 1) is not None
    assert graph_room("large", graph.states + 1, 2 * graph.arcs) is None
    assert graph_room("large", 2 * graph.states, graph.arcs + 1) is None
    (folder / "large.graph").write_bytes(b"damaged")
    assert graph_room("large", graph.states + 1, graph.arcs + 1) is None
