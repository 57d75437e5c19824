"""Nothing is reachable for others by accident."""

from __future__ import annotations

import pytest

from harken.errors import ConfigError
from harken.serving.options import Limits, ServeOptions, is_loopback

TOKEN = "0123456789abcdef"


def test_by_default_everything_is_on_this_machine_alone() -> None:
    options = ServeOptions()
    assert is_loopback(options.host)
    assert is_loopback(options.wyoming_host)
    assert not options.announce


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "kitchen.local", "127.0.0.1.example", ""])
def test_an_address_that_others_can_reach_demands_a_token(host: str) -> None:
    with pytest.raises(ConfigError, match="--token"):
        ServeOptions(host=host)
    assert ServeOptions(host=host, token=TOKEN).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "[::1]"])
def test_loopback_needs_none(host: str) -> None:
    assert ServeOptions(host=host).host == host


def test_wyoming_beyond_loopback_demands_named_clients() -> None:
    with pytest.raises(ConfigError, match="--wyoming-client"):
        ServeOptions(wyoming_host="0.0.0.0", token=TOKEN)
    options = ServeOptions(wyoming_host="0.0.0.0", wyoming_clients=("192.168.1.20", "10.0.0.0/8"))
    assert [str(network) for network in options.allowed_networks] == ["192.168.1.20/32", "10.0.0.0/8"]


def test_without_wyoming_its_address_does_not_matter() -> None:
    assert ServeOptions(wyoming_host="0.0.0.0", wyoming_port=0).wyoming_port == 0


def test_a_token_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(ConfigError, match="15 characters"):
        ServeOptions(token=TOKEN[:-1])


def test_a_client_that_is_no_address_is_refused() -> None:
    with pytest.raises(ConfigError, match="kitchen"):
        ServeOptions(wyoming_clients=("kitchen",))


def test_what_nobody_can_reach_is_not_announced() -> None:
    with pytest.raises(ConfigError, match="announced"):
        ServeOptions(announce=True)
    assert ServeOptions(announce=True, wyoming_host="192.168.1.5", wyoming_clients=("192.168.1.0/24",)).announce


@pytest.mark.parametrize("options", [{"port": 70000}, {"threads": 0}, {"wyoming_port": -1}])
def test_numbers_out_of_range_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="expected"):
        ServeOptions(**options)  # type: ignore[arg-type]


def test_a_limit_is_positive() -> None:
    with pytest.raises(ConfigError, match="sessions"):
        Limits(sessions=0)
