"""What the network learns from: noise contrastive estimation, or cross-entropy with a penalty on (ln Z)^2."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from harken.train.asr.neural.network import WordNetwork


def contrast(score: Tensor, noise_scores: Tensor, log_q: Tensor, noise_log_q: Tensor, same: Tensor) -> Tensor:
    """Noise contrastive estimation (Gutmann and Hyvarinen 2010; Mnih and Teh 2012): the loss [N] of each position.

    With D(w) = sigmoid(s(w, h) - ln(k q(w))), the probability that w came from the text and not from the noise,
    the loss is -ln D(target) - sum over k noise words of ln(1 - D(noise)).

    Args:
        score: [N] s of the targets.
        noise_scores: [N, k] s of the noise words, which all positions share.
        log_q: [N] ln q of the targets.
        noise_log_q: [k] ln q of the noise words.
        same: [N, k] where a noise word is the target itself: left out.
    """
    log_k = math.log(noise_scores.shape[1])
    kept = nn.functional.softplus(noise_scores - log_k - noise_log_q).masked_fill(same, 0.0)
    return nn.functional.softplus(log_k + log_q - score) + kept.sum(1)


def noise_loss(network: WordNetwork, z: Tensor, targets: Tensor, noise: Tensor, log_q: Tensor) -> Tensor:
    """Mean loss of contrastive estimation.

    Args:
        network: for its embedding and bias.
        z: [N, E].
        targets: [N].
        noise: [k] words drawn from q.
        log_q: [V].
    """
    score = network.scores_of(z, targets).float()
    noise_scores = (z @ network.embedding(noise).t().to(z.dtype)).float() + network.bias[noise]
    same = targets[:, None] == noise
    return contrast(score, noise_scores, log_q[targets], log_q[noise], same).mean()


def normalised_loss(network: WordNetwork, z: Tensor, targets: Tensor, penalty: float) -> Tensor:
    """Mean cross-entropy over the whole vocabulary, and `penalty` times the mean of (ln Z)^2."""
    scores = network.scores(z).float()
    log_z = torch.logsumexp(scores, -1)
    chosen = scores.gather(1, targets[:, None])[:, 0]
    return (log_z - chosen).mean() + penalty * log_z.square().mean()
