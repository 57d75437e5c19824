"""Judges and the vocoder they judge: who learns from which loss, and that judges learn to tell sounds apart."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from harken.train.tts.judges import Judges  # noqa: E402


def sounds(count: int = 4, length: int = 4096) -> tuple[torch.Tensor, torch.Tensor]:
    """Tones, and the same amount of noise."""
    generator = torch.Generator().manual_seed(0)
    hertz = 150 + 200 * torch.rand(count, 1, generator=generator)
    tones = 0.1 * torch.sin(2 * torch.pi * hertz * torch.arange(length) / 16000)
    return tones, 0.07 * torch.randn(count, length, generator=generator)


def judges() -> Judges:
    torch.manual_seed(1)
    return Judges(periods=(2, 3), channels=8)


def test_learning_reaches_the_judges_and_not_who_made_the_copy():
    original, copy = sounds()
    copy.requires_grad_(True)
    jury = judges()
    jury.learn(original, copy).backward()
    assert copy.grad is None
    assert all(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in jury.parameters())


def test_deceiving_reaches_who_made_the_copy_and_not_the_judges():
    original, copy = sounds()
    copy.requires_grad_(True)
    jury = judges()
    deceived, features = jury.deceive(original, copy)
    (deceived + features).backward()
    assert copy.grad is not None
    assert copy.grad.abs().sum() > 0
    assert all(parameter.grad is None and parameter.requires_grad for parameter in jury.parameters())


def test_a_perfect_copy_has_the_same_features():
    original, _ = sounds()
    assert judges().deceive(original, original.clone())[1].item() == pytest.approx(0, abs=1e-6)


def test_a_louder_pair_is_judged_as_a_quiet_one():
    original, copy = sounds()
    jury = judges()
    assert jury.learn(3 * original, 3 * copy).item() == pytest.approx(jury.learn(original, copy).item(), rel=0.1)


def test_judges_learn_to_tell_tones_from_noise():
    original, copy = sounds()
    jury = judges()
    optimizer = torch.optim.AdamW(jury.parameters(), lr=2e-3)
    before = jury.learn(original, copy).item()
    for _ in range(40):
        optimizer.zero_grad()
        loss = jury.learn(original, copy)
        loss.backward()
        optimizer.step()
    assert jury.learn(original, copy).item() < 0.3 * before
