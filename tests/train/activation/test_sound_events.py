"""Quantised distillation: losses, straight-through steps, folding, and a packed file that says what training said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor, nn
from torch.nn import functional

from harken.activation.packing import PLAIN, quantize, read_weights, tensor_bytes
from harken.activation.sound_network import NOTHING, SoundNetwork, normalized, sounding
from harken.train.activation.loudness import frame_energy
from harken.train.activation.sound_events import cell
from harken.train.activation.sound_events.arms import ALONE, DISTILLED, TEACHER, after_training, while_training
from harken.train.activation.sound_events.cell import Trained, train_students, train_teacher
from harken.train.activation.sound_events.configs import (
    DistillationConfig,
    LoopsConfig,
    SceneConfig,
    SoundNetConfig,
    SoundsConfig,
)
from harken.train.activation.sound_events.distillation import sigmoid_distillation, softmax_distillation
from harken.train.activation.sound_events.material import LABELS
from harken.train.activation.sound_events.network import SoundNet, fold_norms, parameter_count, pool
from harken.train.activation.sound_events.quantizer import quantized_parameters, straight_through
from harken.train.activation.sound_events.scenes import (
    SceneMaker,
    Sound,
    between_classes,
    measure_scaling,
)
from harken.train.activation.sound_events.tasks import Arm, SoundTask
from harken.train.schedule import LoopConfig

SMALL = SoundNetConfig(channels=(4, 6, 8), hidden=10)


def logits(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def one_hot(classes: Tensor, count: int) -> Tensor:
    return functional.one_hot(classes, count).to(torch.float64)


@pytest.mark.parametrize("loss", [softmax_distillation, sigmoid_distillation])
def test_without_a_teachers_share_the_labels_alone_count(loss: object) -> None:
    given, wanted = logits(6, 5), one_hot(torch.arange(6) % 5, 5)
    plain = loss(given, wanted)  # type: ignore[operator]
    assert torch.equal(loss(given, wanted, logits(6, 5, seed=1), share=0.0, temperature=4.0), plain)  # type: ignore[operator]
    if loss is softmax_distillation:
        assert torch.allclose(plain, functional.cross_entropy(given, torch.arange(6) % 5))
    else:
        assert torch.allclose(plain, 5 * functional.binary_cross_entropy_with_logits(given, wanted))


@pytest.mark.parametrize("loss", [softmax_distillation, sigmoid_distillation])
def test_a_student_that_says_what_the_teacher_says_has_nothing_to_learn(loss: object) -> None:
    given = logits(6, 5).requires_grad_()
    value = loss(given, torch.zeros(6, 5), given.detach().clone(), share=1.0, temperature=3.0)  # type: ignore[operator]
    value.backward()
    assert float(value.detach()) == pytest.approx(0, abs=1e-12)
    assert float(given.grad.abs().max()) < 1e-12


@pytest.mark.parametrize("loss", [softmax_distillation, sigmoid_distillation])
def test_with_the_teachers_share_alone_labels_do_not_matter(loss: object) -> None:
    given, teacher = logits(6, 5), logits(6, 5, seed=1)
    one, other = (one_hot(torch.full((6,), label), 5) for label in (0, 3))
    values = [loss(given, wanted, teacher, share=1.0, temperature=2.0) for wanted in (one, other)]  # type: ignore[operator]
    assert torch.equal(*values)


def test_the_teachers_gradient_is_temperature_times_the_difference() -> None:
    teacher, temperature = logits(4, 5, seed=1).requires_grad_(), 2.5
    given = logits(4, 5).requires_grad_()
    softmax_distillation(given, torch.zeros(4, 5), teacher, share=1.0, temperature=temperature).backward()
    soft = (given / temperature).softmax(1) - (teacher / temperature).softmax(1)
    assert torch.allclose(given.grad, temperature * soft / 4, atol=1e-9)
    assert teacher.grad is None

    def value(moved: Tensor) -> Tensor:
        return softmax_distillation(moved, torch.zeros(4, 5), teacher, share=1.0, temperature=temperature)

    assert torch.autograd.gradcheck(value, given.detach().clone().requires_grad_())


def test_a_decision_between_an_event_and_none_is_a_softmax_of_two() -> None:
    student, teacher, there = logits(7, 1), logits(7, 1, seed=1), (logits(7, 1, seed=2) > 0).double()
    one = sigmoid_distillation(student, there, teacher, share=0.6, temperature=2.0)

    def with_none(values: Tensor, fill: Tensor) -> Tensor:
        return torch.cat([values, fill], dim=1)

    zeros = torch.zeros(7, 1, dtype=torch.float64)
    two = softmax_distillation(
        with_none(student, zeros), with_none(there, 1 - there), with_none(teacher, zeros), share=0.6, temperature=2.0
    )
    assert torch.allclose(one, two, atol=1e-12)


def test_a_step_moves_the_master_copy_by_the_gradient_at_the_quantised_weights() -> None:
    layer = nn.Linear(40, 3)
    before = layer.weight.detach().clone()
    inputs = logits(5, 40, dtype=torch.float32)
    optimizer = torch.optim.SGD([layer.weight], lr=0.1)

    def loss(weights: Tensor) -> Tensor:
        return (functional.linear(inputs, weights) ** 3).sum()

    for _ in range(2):
        optimizer.zero_grad()
        before = layer.weight.detach().clone()
        quantised = torch.from_numpy(quantize(before.numpy(), bits=2)).requires_grad_()
        loss(quantised).backward()
        loss(straight_through(layer.weight, bits=2)).backward()
        optimizer.step()
        assert not torch.equal(quantised.detach(), before)
        assert torch.allclose(layer.weight.detach() - before, -0.1 * quantised.grad, atol=1e-6)


def test_biases_are_not_quantised() -> None:
    net = fold_norms(SoundNet(SMALL).eval())
    names = set(quantized_parameters(net, bits=4))
    assert {name for name, _ in net.named_parameters()} - names == {
        "convs.0.bias", "convs.1.bias", "convs.2.bias", "gru.bias_ih_l0", "gru.bias_hh_l0", "out.bias",
    }  # fmt: skip
    assert quantized_parameters(net, bits=PLAIN) == {}


def test_a_folded_network_says_the_same_without_normalisation() -> None:
    net = SoundNet(SMALL)
    for _ in range(5):
        net(3 + 2 * torch.randn(4, 64, 40))  # moves the running statistics
    net.eval()
    for norm in net.norms:
        nn.init.normal_(norm.weight)
        nn.init.normal_(norm.bias)
    folded, frames = fold_norms(net), torch.randn(2, 64, 40)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in folded.modules())
    assert torch.allclose(folded(frames), net(frames), atol=1e-5)


@pytest.mark.parametrize("bits", [8, 4, 2, PLAIN])
def test_the_packed_file_says_what_the_training_graph_says(bits: int) -> None:
    torch.manual_seed(0)
    net = fold_norms(SoundNet(SoundNetConfig()).eval())
    frames = (10 + 4 * np.random.default_rng(0).standard_normal((496, 40))).astype(np.float32)
    centre, deviation = np.full(40, 10, np.float32), np.full(40, 3, np.float32)
    weights = read_weights(Trained(net=net, bits=bits).packed(256))
    run = SoundNetwork(weights, centre, deviation)
    with torch.no_grad():
        ready = torch.from_numpy(normalized(frames, centre, deviation))[None]
        trained = net(ready, quantized_parameters(net, bits=bits))[0].numpy()
    assert np.abs(run.run(frames) - trained).max() <= 1e-4


def test_the_students_size_is_a_sixth_of_the_teachers() -> None:
    config = SoundsConfig()
    share = parameter_count(SoundNet(config.student)) / parameter_count(SoundNet(config.teacher))
    assert 0.15 <= share <= 0.18


def test_the_students_weights_take_an_eighth_and_a_fiftieth_of_the_teachers() -> None:
    def coded(config: SoundNetConfig, bits: int) -> int:
        shapes = [tuple(value.shape) for value in SoundNet(config).parameters() if value.ndim > 1]
        return sum(tensor_bytes(shape, bits=bits) for shape in shapes)

    config = SoundsConfig()
    small = coded(config.student, 4)
    assert small / coded(config.student, PLAIN) <= 0.135
    assert 0.020 <= small / coded(config.teacher, PLAIN) <= 0.023


def test_steps_without_sound_do_not_count_in_the_whole() -> None:
    given = torch.tensor([[[1.0], [3.0], [50.0]], [[2.0], [4.0], [6.0]]])
    heard = torch.tensor([[True, True, False], [False, False, False]])
    assert pool(given, heard)[:, 0].tolist() == [2, 4]


def sounds(*, folds: tuple[int, ...] = (1, 2)) -> list[Sound]:
    """Two recordings of each class in each fold, each class with its own band, and two of hiss."""
    rng, made = np.random.default_rng(0), []
    for fold in (*folds, 0):
        for place, label in enumerate((*LABELS,) if fold else (NOTHING,)):
            for n in range(2):
                frames = rng.normal(6, 0.5, (160, 40)).astype(np.float32)
                if fold:
                    frames[40:120, 4 * place : 4 * place + 4] += 10
                loud = np.arange(40, 120) if fold else np.arange(160)
                level = float(frame_energy(frames)[loud].mean())
                made.append(
                    Sound(frames=frames, event=label, fold=fold, source=f"{label}{fold}{n}", loud=loud, level=level,
                          held_back=False)
                )  # fmt: skip
    return made


def maker(config: SceneConfig) -> SceneMaker:
    everything = sounds()
    return SceneMaker(everything, measure_scaling(everything), config)


def test_scenes_are_drawn_from_the_seed_and_their_targets_add_up_to_one() -> None:
    draw = maker(SceneConfig(frames=64, batch=40))
    one, same, other = (draw(np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert np.array_equal(one.frames, same.frames)
    assert not np.array_equal(one.frames, other.frames)
    assert one.frames.shape == (40, 64, 40)
    assert one.heard.shape == (40, 8)
    assert np.allclose(one.targets.sum(axis=1), 1)
    mixed = (one.targets > 0).sum(axis=1) == 2
    assert 5 < mixed.sum() < 35
    assert (one.targets[:, -1] == 1).any()


def test_a_scene_holds_the_sound_of_its_class() -> None:
    plain = SceneConfig(frames=64, batch=60, nothing=0, mixed=0, noisy=0, pitch=1, speed=1, bands=0, gap=0)
    drawn = maker(plain)(np.random.default_rng(0))
    bands = drawn.frames.max(axis=1).reshape(60, 10, 4).mean(axis=2)
    assert (bands.argmax(axis=1) == drawn.targets.argmax(axis=1)).mean() > 0.9


def test_noise_under_a_scene_is_as_much_quieter_as_was_drawn() -> None:
    plain = SceneConfig(
        frames=64, batch=60, nothing=0, mixed=0, noisy=1, snr=(20, 20), pitch=1, speed=1, bands=0, gap=0
    )
    drawn = maker(plain)(np.random.default_rng(0))
    bands = drawn.frames.max(axis=1).reshape(60, 10, 4).mean(axis=2)
    assert (bands.argmax(axis=1) == drawn.targets.argmax(axis=1)).mean() > 0.9


def test_of_two_sounds_that_are_mixed_the_louder_one_has_the_larger_share() -> None:
    plain = SceneConfig(frames=64, batch=200, nothing=0, mixed=1, pitch=1, speed=1, bands=0, gap=0)
    drawn = maker(plain)(np.random.default_rng(0))
    clear = (drawn.targets.max(axis=1) > 0.8) & (drawn.targets.max(axis=1) < 1)
    bands = drawn.frames.max(axis=1).reshape(200, 10, 4).mean(axis=2)
    assert clear.sum() > 20
    assert (bands.argmax(axis=1) == drawn.targets.argmax(axis=1))[clear].mean() > 0.8


def test_further_examples_of_a_class_do_not_make_it_more_frequent() -> None:
    made = sounds()
    further = [replace(sound, fold=0, source=f"tent {n}") for n in range(20) for sound in made if sound.event == "rain"]
    plain = SceneConfig(frames=8, batch=1000, nothing=0, mixed=0, noisy=0, examples=0.5)
    draw = SceneMaker([*made, *further], measure_scaling(made), plain)
    frequent = draw(np.random.default_rng(0)).targets.mean(axis=0)
    assert np.allclose(frequent[:-1], 0.1, atol=0.03)


def test_what_is_held_back_is_never_drawn() -> None:
    made = [replace(sound, held_back=sound.event == NOTHING) for sound in sounds()]
    draw = SceneMaker(made, measure_scaling(made), SceneConfig(frames=8, batch=200, nothing=0.5))
    assert draw(np.random.default_rng(0)).targets[:, -1].max() == 0


def test_stretches_of_bands_and_frames_are_hidden() -> None:
    draw = maker(SceneConfig(frames=64, batch=30, bands=8, gap=20))
    frames = draw(np.random.default_rng(0)).frames
    assert ((frames == 0).all(axis=1).sum(axis=1) > 2).any()
    assert ((frames == 0).all(axis=2).sum(axis=1) > 5).any()
    assert (frames != 0).mean() > 0.4


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_mixture_is_heard_in_the_ratio_of_its_label(share: float) -> None:
    level, other = 20.0, 14.0
    first, second = between_classes(share, level, other)
    amplitudes = np.exp((level + first) / 2), np.exp((other + second) / 2)
    assert amplitudes[0] / sum(amplitudes) == pytest.approx(share)


def test_networks_that_learn_side_by_side_learn_as_they_would_alone() -> None:
    def learned(names: tuple[str, ...]) -> dict[str, Tensor]:
        arms = {}
        for name in names:
            torch.manual_seed(0)
            arms[name] = Arm(net=SoundNet(replace(SMALL, dropout=0.0)), bits=2 if name == "few" else PLAIN)
        task = SoundTask(arms, maker(SceneConfig(frames=32, batch=6)))
        optimizer = torch.optim.SGD(task.module.parameters(), lr=0.1)
        for step in range(2):
            optimizer.zero_grad()
            task.loss(step, np.random.default_rng(step))[0].backward()
            optimizer.step()
        return {name: arm.net.out.weight.detach() for name, arm in arms.items()}

    together = learned(("plain", "few"))
    assert torch.allclose(together["plain"], learned(("plain",))["plain"], atol=1e-6)
    assert torch.allclose(together["few"], learned(("few",))["few"], atol=1e-6)
    assert not torch.allclose(together["few"], together["plain"], atol=1e-4)


def test_the_teacher_reaches_those_who_learn_from_it_alone() -> None:
    net = SoundNet(replace(SMALL, dropout=0.0)).eval()
    arms = {"alone": Arm(net=net), "distilled": Arm(net=net, distilled=True)}
    draw = maker(SceneConfig(frames=32, batch=6))
    torch.manual_seed(1)
    with_teacher = SoundTask(arms, draw, teacher=SoundNet(SMALL)).loss(0, np.random.default_rng(0))[1]
    without = SoundTask(arms, draw).loss(0, np.random.default_rng(0))[1]
    assert with_teacher["alone"] == without["alone"] == without["distilled"]
    assert with_teacher["distilled"] != without["distilled"]


@pytest.mark.parametrize("only_shipped", [False, True])
def test_students_in_few_bits_keep_their_teacher(
    only_shipped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned: list[dict[str, tuple[bool, int]]] = []

    class Noted(SoundTask):
        def __init__(self, arms: dict[str, Arm], *rest: object, **options: object):
            learned.append({name: (arm.distilled, arm.bits) for name, arm in arms.items()})
            super().__init__(arms, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(cell, "SoundTask", Noted)
    loop = LoopConfig(steps=1, validate_every=1)
    loops, config = LoopsConfig(teacher=loop, student=loop, quantized=loop), SoundsConfig(teacher=SMALL, student=SMALL)
    draw = maker(SceneConfig(frames=32, batch=4))
    train_students(draw, SoundNet(SMALL), config, loops, seed=0, run=tmp_path, only_shipped=only_shipped)
    floats, few = learned
    assert few.pop("distilled-student-4") == (True, 4)
    if only_shipped:
        assert (floats, few) == ({DISTILLED: (True, PLAIN)}, {})
    else:
        assert floats == {ALONE: (False, PLAIN), DISTILLED: (True, PLAIN)}
        assert few.pop("student-4") == (False, 4)
        assert all(distilled == name.startswith("distilled") for name, (distilled, _) in few.items())


def test_the_teacher_does_not_learn_with_its_students() -> None:
    teacher = SoundNet(SMALL)
    before = {name: value.clone() for name, value in teacher.state_dict().items()}
    task = SoundTask(
        {"student": Arm(net=SoundNet(SMALL), distilled=True)}, maker(SceneConfig(frames=32, batch=4)), teacher=teacher,
        distillation=DistillationConfig(share=1.0),
    )  # fmt: skip
    task.loss(0, np.random.default_rng(0))[0].backward()
    assert not teacher.training
    assert all(value.grad is None for value in teacher.parameters())
    assert all(torch.equal(value, before[name]) for name, value in teacher.state_dict().items())


def test_teacher_and_students_learn_and_continue_where_they_stopped(tmp_path: Path) -> None:
    config = SoundsConfig(teacher=replace(SMALL, hidden=16), student=SMALL)
    loop = LoopConfig(steps=60, lr=1e-2, average=0.9, clip=1e3, validate_every=60)
    loops = LoopsConfig(teacher=loop, student=loop, quantized=replace(loop, steps=6))
    made = sounds()
    draw = SceneMaker(made, measure_scaling(made), SceneConfig(frames=64, batch=24, mixed=0.2, nothing=0.1))
    teacher = train_teacher(draw, config, loops, seed=0, run=tmp_path / "teacher")
    nets = train_students(draw, teacher, config, loops, seed=0, run=tmp_path)
    widths = [name(arm, bits) for name in (after_training, while_training) for arm in (ALONE, DISTILLED)
              for bits in (8, 4, 3, 2)]  # fmt: skip
    assert set(nets) == {TEACHER, ALONE, DISTILLED, *widths}
    again = train_students(draw, teacher, config, loops, seed=0, run=tmp_path)
    assert {name: one.packed(256) for name, one in again.items()} == {n: one.packed(256) for n, one in nets.items()}
    assert nets[while_training(DISTILLED, 4)].packed(256) != nets[after_training(DISTILLED, 4)].packed(256)
    assert nets[DISTILLED].packed(256) != nets[ALONE].packed(256)
    tested = [sound for sound in made if sound.fold == 2]
    scaling = measure_scaling(made)
    run = SoundNetwork(read_weights(nets[TEACHER].packed(256)), scaling.centre, scaling.deviation)
    right = 0
    for sound in tested:
        run.reset()
        rows = run.run(sound.frames)[sounding(sound.frames)]
        right += LABELS[int(rows.mean(axis=0)[:-1].argmax())] == sound.event
    assert right / len(tested) > 0.5
