"""A network from a bundle, to continue its training where only the bundle is at hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harken.asr.acoustic.ivector import Extractor
from harken.asr.acoustic.model import IVECTORS, AcousticModel
from harken.asr.acoustic.speaker import PhoneFilter
from harken.bundle import Bundle
from harken.errors import BundleError
from harken.settings import settings_from
from harken.train.asr.acoustic import AcousticNetwork, NetworkConfig
from harken.train.asr.data import Speech
from harken.train.asr.export import restore_weights, write_acoustic_bundle
from harken.train.asr.ivector_data import Ivectors, listen
from harken.train.asr.lexicon import LABELS


def network_config(bundle: Bundle) -> NetworkConfig:
    """Size and reach of the network in an acoustic bundle.

    Raises:
        BundleError: the bundle does not say how its network was made.
    """
    network: Any = bundle.info.get("origin", {}).get("config", {}).get("network")
    if not isinstance(network, Mapping):
        raise BundleError(
            f"the bundle '{bundle.name}' in {bundle.folder} does not name the sizes of its network; "
            "training can only continue from a bundle that `harken export asr/acoustic` wrote"
        )
    return settings_from(NetworkConfig, network)


def restored_network(bundle: Bundle) -> AcousticNetwork:
    """The network of a bundle with the weights that it computes with.

    Raises:
        BundleError: the bundle does not say how its network was made.
        ExportError: its weights do not fit what it says.
    """
    network = AcousticNetwork(network_config(bundle), len(LABELS))
    restore_weights(network, bundle)
    return network


def bundle_ivectors(bundle: Bundle, network: AcousticNetwork, speech: Speech, folder: Path) -> Ivectors | None:
    """I-vectors of speech by the extractor of a bundle; None if its network takes none.

    Args:
        bundle: acoustic.
        network: of the bundle; gives the phone posteriors.
        speech: whole recordings.
        folder: keeps the posteriors.
    """
    if network.speaker is None:
        return None
    extractor, phones = voices_of(bundle)
    return Ivectors(extractor, listen(network, speech, phones, folder), network.look_ahead)


def voices_of(bundle: Bundle) -> tuple[Extractor, PhoneFilter]:
    """I-vector extractor and phone filter of a bundle whose network takes i-vectors."""
    ivectors = AcousticModel.from_bundle(bundle).ivectors
    assert ivectors is not None, f"{bundle.folder} has no {IVECTORS}"
    return ivectors


def write_changed_bundle(
    folder: Path, seed: Bundle, network: AcousticNetwork, *, card: str, origin: Mapping[str, Any],
    scores: Mapping[str, Any] | None = None,
) -> Bundle:  # fmt: skip
    """The bundle of a network that continued from a seed: the same name, features and i-vectors, other weights.

    Raises:
        ExportError: the graph does not give what the network gives.
    """
    model = AcousticModel.from_bundle(seed)
    ivectors = None if network.speaker is None else voices_of(seed)
    sizes = seed.info["origin"]["config"]["network"]
    return write_acoustic_bundle(
        folder, network, model.normalizer, model.labels, eight_bit=seed.features["weights"] == "int8",
        card=card, name=seed.name, origin={**origin, "config": {"network": sizes}}, scores=scores, ivectors=ivectors,
    )  # fmt: skip
