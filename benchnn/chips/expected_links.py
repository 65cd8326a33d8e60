"""Expected loads of the links of a chip for a mapping: a part of the record of ``benchnn map``."""

from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.mapping.adaptation import Fitted
from simcore.neuromorphic.noc.link_loads import link_loads
from simcore.neuromorphic.places.choosing import network_of
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.neuromorphic.traffic.expected import expected_traffic


def expected_on_links(
    chip: Chip, fitted: Fitted, rates_hz: npt.NDArray[np.float64]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Expected loads of links, and the reason for each value that is None."""
    names = ("hops_per_s", "mean_hops", "busiest_link_messages_per_s", "busiest_link")
    if chip.word("topology") is None:
        why = f"the topology is unknown ({chip.why_absent('topology')})"
        return dict.fromkeys(names), dict.fromkeys(names, why)
    system = network_of(chip, fitted.mapping)
    loads = link_loads(system, fitted.axons, fitted.mapping.core_of, rates_hz).messages_per_s
    hops, sent = float(loads.sum()), expected_traffic(fitted.demand, rates_hz).messages_per_s
    busiest = int(loads.argmax()) if hops else None
    ends = None if busiest is None else [int(system.link_origin[busiest]), int(system.link_target[busiest])]
    reasons = {} if sent else {"mean_hops": "no messages are expected"}
    if busiest is None:
        reasons["busiest_link"] = "no messages would traverse a link"
    record = {
        "hops_per_s": hops,
        "mean_hops": hops / sent if sent else None,
        "busiest_link_messages_per_s": float(loads.max(initial=0.0)),
        "busiest_link": ends,
    }
    return record, reasons
