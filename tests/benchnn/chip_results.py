"""The result of a run on a chip, with numbers of one's own."""

import json

import h5py
import numpy as np

MESH = 4
"""Routers of a row of the mesh, and rows; two cores each."""


def write_chip_result(folder, steps=50, without=(), chip="loihi1", seed=1, mesh=MESH, **edits):
    """Write ``result.json`` and ``traffic.h5``; returns the arrays of the file.

    Parameters
    ----------
    folder
        A folder that is made.
    steps
        Number of steps.
    without
        Times that are not known, such as ``("traffic_s",)``.
    edits
        Keys of the record's chip, replaced.
    """
    arrays = traffic(steps, without, seed, mesh)
    record = {
        "schema_version": 1,
        "run_id": f"run-{seed}",
        "command": ["benchnn", "run", "brunel", "--chip", chip],
        "simulator": {"name": "simcore", "version": "0"},
        "model": {"name": "brunel", "parameters": {}, "neurons": 64, "synapses": 640, "resolution_ms": 0.1},
        "layout": {"ranks": 1, "threads_per_rank": 1, "hosts": ["here"]},
        "wall_s": {"propagation": {"min": 1.0, "mean": 1.0, "max": 1.0, "sum": 1.0}},
        "provenance": {"started_utc": "2026-01-01T00:00:00Z"},
        "chip": chip_part(arrays, chip, mesh) | edits,
        "reasons": {
            "chip.energy_j.hop": "unpublished",
            "chip.step_time_s": "the sheet of the chip has no synop_s, update_active_s",
        },
    }
    folder.mkdir(parents=True)
    (folder / "result.json").write_text(json.dumps(record))
    with h5py.File(folder / "traffic.h5", "w") as file:
        file.attrs.update({"chip": chip, "model": "brunel", "resolution_ms": 0.1, "first_step": 5000})
        for name, values in arrays.items():
            file[name] = values
    return arrays


def traffic(steps, without=(), seed=1, mesh=MESH):
    """What the file of a run holds, by path: random counts that agree with each other."""
    rng = np.random.default_rng(seed)
    routers, cores = mesh * mesh, 2 * mesh * mesh
    synops, messages = rng.poisson(20.0, (steps, cores)), rng.poisson(3.0, (steps, cores))
    synops[:, 0] *= 3
    synops[: max(steps // 10, 1)] = 0
    x, y = np.arange(routers) % mesh, np.arange(routers) // mesh
    near = np.abs(x[:, None] - x) + np.abs(y[:, None] - y) == 1
    origin, target = np.nonzero(near)
    loads = rng.poisson(5.0 + 40.0 * (origin == 5), (steps, len(origin)))
    times = {
        "memory_s": 3.5e-9 * synops.max(axis=1),
        "compute_s": np.full(steps, 2.0e-7),
        "traffic_s": loads.max(axis=1) / 1.0e9,
        "barrier_s": np.full(steps, 1.5e-7),
    }
    known = [values for name, values in times.items() if name not in (*without, "barrier_s")]
    if known:
        times["total_s"] = np.max(known, axis=0) + times["barrier_s"] * ("barrier_s" not in without)
    per_step = {
        "synops_max": synops.max(axis=1),
        "synops_max_core": synops.argmax(axis=1),
        "synops": synops.sum(axis=1),
        "messages_in_max": messages.max(axis=1),
        "messages_out_max": messages.max(axis=1),
        "messages": messages.sum(axis=1),
        "spikes": messages.sum(axis=1),
        "hops": loads.sum(axis=1),
        "link_messages_max": loads.max(axis=1),
        "busiest_link": loads.argmax(axis=1),
        **{name: values for name, values in times.items() if name not in without},
    }
    sums = {"synops": synops, "messages_in": messages, "messages_out": messages, "spikes": messages}
    return {
        **{f"steps/{name}": values for name, values in per_step.items()},
        **{f"cores/{name}": values.sum(axis=0) for name, values in sums.items()},
        "cores/router": np.arange(cores) // 2,
        "cores/chip": np.zeros(cores, dtype=np.int64),
        "cores/neurons": np.where(np.arange(cores) == 3, 4, 2),
        "links/origin": origin,
        "links/target": target,
        "links/kind": np.where(origin // mesh == target // mesh, 0, 1).astype(np.int8),
        "links/crosses_chip": np.zeros(len(origin), dtype=bool),
        "links/messages": loads.sum(axis=0),
        "links/messages_max": loads.max(axis=0),
        "routers/position": np.stack([x, y], axis=1).astype(np.float64),
        "routers/chip": np.zeros(routers, dtype=np.int32),
    }


def chip_part(arrays, chip, mesh):
    """What the record says of the chip."""
    times = {name: arrays.get(f"steps/{name}_s") for name in ("memory", "compute", "traffic", "barrier", "total")}
    total = times.pop("total")
    parts = {name: None if values is None else float(values.mean()) for name, values in times.items()}
    known = {"mean": np.mean, "min": np.min, "max": np.max, "sum": np.sum}
    step_time = None if total is None else {name: float(of(total)) for name, of in known.items()} | parts
    links = len(arrays["links/origin"])
    busiest = int(arrays["links/messages_max"].argmax())
    return {
        "name": chip,
        "title": "Intel Loihi",
        "mapper": "in_order",
        "neurons_per_core": 4,
        "weight_bits": 8,
        "cores": 2 * mesh * mesh,
        "chips": 1,
        "on_violation": "adapt",
        "limits": [
            {"quantity": "neurons_per_core", "allowed": 3, "largest": 4, "place": "core 3", "over": 1, "reason": None},
            {"quantity": "synapses_per_core", "allowed": None, "largest": 9, "place": "", "over": 0, "reason": "none"},
        ],
        "adaptation": None,
        "network_on_chip": {
            "topology": "mesh",
            "multicast": False,
            "routers": mesh * mesh,
            "links": links,
            "assumptions": ["routers lie in a square"],
            "messages_out": int(arrays["cores/messages_out"].sum()),
            "messages_in": int(arrays["cores/messages_in"].sum()),
            "hops": int(arrays["steps/hops"].sum()),
            "chip_crossings": 0,
            "link_messages_max": int(arrays["steps/link_messages_max"].max()),
            "busiest_link": [int(arrays["links/origin"][busiest]), int(arrays["links/target"][busiest])],
            "mean_hops": 1.5,
        },
        "per_core": {
            "synops_max": int(arrays["steps/synops_max"].max()),
            "messages_in_max": int(arrays["steps/messages_in_max"].max()),
            "messages_out_max": int(arrays["steps/messages_out_max"].max()),
            "spikes_max": 3,
            "synops_max_mean": float(arrays["steps/synops_max"].mean()),
            "synops_mean": float(arrays["steps/synops"].mean() / (2 * mesh * mesh)),
            "neurons_max": 4,
        },
        "step_time_s": step_time,
        "emulated_real_time_factor": 0.004,
        "missed_deadlines": None,
        "energy_j": {
            "synop": 2.0e-6,
            "update": 1.0e-6,
            "spike": 2.5e-8,
            "message": None,
            "hop": None,
            "static": 4.0e-6,
            "total": 7.025e-6,
        },
        "energy_per_synaptic_event_pj": 31.4,
        "floorline": {"state": "memory", "steps": {}, "imbalance": {}, "advice": ""},
        "neurobench": {},
    }
