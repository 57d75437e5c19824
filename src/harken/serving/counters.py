"""What the server counts, in the format of Prometheus. No text, sound or address of anybody is among it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE

__all__ = ["CONTENT_TYPE", "Counters"]

_LATENCIES = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 5.0)
"""Upper edges in seconds."""


class Counters:
    """The counters of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        self.sessions = Gauge("harken_sessions", "Open sessions", ["kind"], registry=registry)
        self.refused = Counter("harken_refused", "Clients and requests refused", ["why"], registry=registry)
        self.heard = Counter("harken_heard_seconds", "Sound heard in conversations", registry=registry)
        self.turns = Counter("harken_turns", "Turns of conversations", ["how"], registry=registry)
        self.failures = Counter("harken_stage_failures", "Stages that failed in a turn", ["stage"], registry=registry)
        self.requests = Counter("harken_requests", "HTTP requests", ["route", "status"], registry=registry)
        self.latency = Histogram(
            "harken_answer_seconds", "From the end of a turn until the answer", ["step"], buckets=_LATENCIES,
            registry=registry,
        )  # fmt: skip

    def page(self) -> bytes:
        """All of them, as Prometheus reads them."""
        return generate_latest(self._registry)
