"""The network of the sound events in numpy: streams, state, what counts as sound."""

from __future__ import annotations

import numpy as np

from harken.activation.sound_network import FLOOR, SoundNetwork, heard_logits, normalized, pooled, smoothed, sounding

BANDS = np.arange(40, dtype=np.float32)


def network(seed: int = 0) -> SoundNetwork:
    """A network with small random weights: 4, 5, 6 kernels, 7 recurrent units, 3 outputs."""
    rng = np.random.default_rng(seed)

    def some(*shape: int) -> np.ndarray:
        return (0.3 * rng.standard_normal(shape)).astype(np.float32)

    weights = {
        "convs.0.weight": some(4, 1, 8, 5), "convs.0.bias": some(4), "convs.1.weight": some(5, 4, 4, 3),
        "convs.1.bias": some(5), "convs.2.weight": some(6, 5, 3, 3), "convs.2.bias": some(6),
        "gru.weight_ih_l0": some(21, 30), "gru.weight_hh_l0": some(21, 7), "gru.bias_ih_l0": some(21),
        "gru.bias_hh_l0": some(21), "out.weight": some(3, 7), "out.bias": some(3),
    }  # fmt: skip
    return SoundNetwork(weights, np.full(40, 10, np.float32), np.full(40, 3, np.float32))


def frames(count: int, seed: int = 1) -> np.ndarray:
    return (10 + 3 * np.random.default_rng(seed).standard_normal((count, 40))).astype(np.float32)


def test_a_stream_gives_what_the_whole_gives() -> None:
    heard = frames(80)
    whole = network().run(heard)
    net = network()
    parts = np.concatenate([net.run(heard[a:b]) for a, b in ((0, 8), (8, 40), (40, 48), (48, 80))])
    assert whole.shape == (10, 3)
    assert np.allclose(parts, whole, atol=1e-5)


def test_each_row_depends_on_what_came_before_and_not_on_what_comes_after() -> None:
    one, other = frames(80), frames(80)
    other[48:] = frames(32, seed=5)
    first, second = network().run(one), network().run(other)
    assert np.array_equal(first[:6], second[:6])
    assert not np.allclose(first[6], second[6])
    other[0] += 5
    assert not np.allclose(network().run(other)[3], second[3])


def test_a_reset_forgets_the_stream() -> None:
    net, heard = network(), frames(40)
    first = net.run(heard)
    assert not np.array_equal(net.run(heard), first)
    net.reset()
    assert np.array_equal(net.run(heard), first)


def test_bands_are_measured_against_their_own_mean_over_a_floor() -> None:
    ready = normalized(np.stack([BANDS, BANDS - 100]), BANDS / 2, np.full(40, 2, np.float32))
    assert ready[0, 20] == 5
    assert ready[0, 1] == (FLOOR - 0.5) / 2
    assert np.array_equal(ready[1], (FLOOR - BANDS / 2) / 2)


def test_a_step_with_a_single_loud_frame_holds_sound() -> None:
    heard = np.full((24, 40), -15, np.float32)
    heard[11] = 6
    assert sounding(heard).tolist() == [False, True, False]


def test_a_step_without_sound_is_none_of_the_labels() -> None:
    heard = frames(24)
    heard[8:16] = -15
    rows, plain = heard_logits(network(), heard), network().run(heard)
    assert rows[1].argmax() == 2
    assert rows[1, 2] - rows[1, :2].max() == 10
    assert np.array_equal(rows[[0, 2]], plain[[0, 2]])


def test_the_whole_is_judged_by_the_steps_that_hold_sound() -> None:
    logits = np.asarray([[1, 0], [3, 4], [100, 100]], np.float32)
    assert pooled(logits, np.asarray([True, True, False])).tolist() == [2, 2]
    assert pooled(logits[:2], np.asarray([False, False])).tolist() == [2, 2]


def test_rows_are_averaged_over_the_last_few() -> None:
    logits = np.asarray([[1.0], [3.0], [5.0], [10.0]], np.float32)
    assert smoothed(logits, 3)[:, 0].tolist() == [1, 2, 3, 6]
