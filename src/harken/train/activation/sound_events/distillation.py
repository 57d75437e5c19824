"""Losses of distillation: labels and a teacher's softened outputs in given shares.

    loss = (1 - a) * H(targets, p) + a * T^2 * KL(q || p),    q, p: teacher's and student's outputs at temperature T

G. Hinton, O. Vinyals, J. Dean, "Distilling the knowledge in a neural network", 2015. The factor T^2 keeps the size of
the teacher's gradient, which is T * (p - q).
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def softmax_distillation(
    student: Tensor, targets: Tensor, teacher: Tensor | None = None, *, share: float = 0.0, temperature: float = 1.0
) -> Tensor:
    """Mean loss of a batch of which each item belongs to one class, or to several in parts.

    Args:
        student: logits [B, classes].
        targets: shares of the classes [B, classes], each row adding up to 1.
        teacher: logits [B, classes]; no gradient reaches it. Not needed when `share` is 0.
        share: a, 0..1.
        temperature: T.
    """
    labels = -(targets * functional.log_softmax(student, dim=1)).sum(dim=1).mean()
    if teacher is None or share == 0:
        return labels
    wanted = functional.log_softmax(teacher.detach() / temperature, dim=1)
    given = functional.log_softmax(student / temperature, dim=1)
    divergence = (wanted.exp() * (wanted - given)).sum(dim=1).mean()
    return (1 - share) * labels + share * temperature**2 * divergence


def sigmoid_distillation(
    student: Tensor, targets: Tensor, teacher: Tensor | None = None, *, share: float = 0.0, temperature: float = 1.0
) -> Tensor:
    """Mean loss of a batch whose items may hold several events: summed over the events, each a decision of its own.

    Args:
        student: logits [B, events].
        targets: probabilities of the events [B, events].
        teacher: logits [B, events]; no gradient reaches it. Not needed when `share` is 0.
        share: a, 0..1.
        temperature: T.
    """
    labels = functional.binary_cross_entropy_with_logits(student, targets, reduction="none").sum(dim=1).mean()
    if teacher is None or share == 0:
        return labels
    wanted, given = teacher.detach() / temperature, student / temperature
    there = wanted.sigmoid() * (functional.logsigmoid(wanted) - functional.logsigmoid(given))
    absent = (-wanted).sigmoid() * (functional.logsigmoid(-wanted) - functional.logsigmoid(-given))
    divergence = (there + absent).sum(dim=1).mean()
    return (1 - share) * labels + share * temperature**2 * divergence
