"""Measure by resampling how often ``benchnn validate`` finds a fault, and how often it rejects an equal candidate.

The script simulates a network with many seeds, as described and with each fault, then draws groups of seeds from these
pools and judges them. With the default options (pd14 at scale 0.2, three faults; brunel, one fault) it takes about ten
minutes on two cores. The refractory period is tried in brunel: intervals between spikes of pd14 are hardly ever as
short. The statistics of finished simulations are kept in the folder and reused.

    python benchmarks/validation_power.py --out power
"""

import argparse
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchnn.models import models
from benchnn.statistics.distances import Recording, distance_matrices
from benchnn.statistics.statistics import statistics_of
from benchnn.statistics.statistics_set import StatisticsSet, is_set, read_set, write_set
from benchnn.statistics.verdict import judge_pooled
from simcore.display.text_table import aligned
from simcore.simulator import Simulator

WARMUP_MS = 500.0
FIRST_FAULTY_SEED = 5001


@dataclass(frozen=True)
class Study:
    """One fault: the network, the changed parameters, and the number of seeds of each side of a validation."""

    model: str
    params: dict[str, Any]
    fault: dict[str, Any]
    time_ms: float
    seeds: int

    @property
    def name(self) -> str:
        """Description of the fault."""
        return ", ".join(f"{key} = {value:g}" for key, value in self.fault.items()) or "nothing"


PD14 = {"scale": 0.2}
BRUNEL = {"order": 500, "j_mv": 0.45}
STUDIES = (
    Study("pd14", PD14, {}, 10_000.0, 6),
    Study("pd14", PD14, {"psp_mv": 0.1545}, 10_000.0, 6),
    Study("pd14", PD14, {"g": -3.8}, 10_000.0, 6),
    Study("pd14", PD14, {"delay_factor": 1.5}, 10_000.0, 6),
    Study("brunel", BRUNEL, {}, 2_000.0, 6),
    Study("brunel", BRUNEL, {"t_ref_ms": 2.1}, 2_000.0, 6),
)


def simulated(study: Study, fault: dict[str, Any], seeds: range, threads: int, folder: Path) -> list[Recording]:
    """Statistics of simulations, read from the folder if they exist there."""
    given = {**study.params, **fault}
    label = "-".join([study.model, *(f"{key}={value}" for key, value in given.items()), f"{study.time_ms:g}ms"])
    recordings = []
    for seed in seeds:
        path = folder / f"{label}-{seed}.h5"
        if not is_set(path):
            write_set(path, _simulate(study, given, seed, threads))
            print(f"{label} seed {seed}", flush=True)
        recordings.append(read_set(path).recordings[0])
    return recordings


def _simulate(study: Study, given: dict[str, Any], seed: int, threads: int) -> StatisticsSet:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        network = models.get(study.model)(record_spikes=True, **given)
    with Simulator(network, seed=seed, threads=threads) as simulator:
        simulator.run(WARMUP_MS)
        simulator.run(study.time_ms)
        spikes = simulator.spikes().since(round(WARMUP_MS / network.resolution_ms))
    sizes = dict(spikes.sizes)
    return StatisticsSet(
        study.model, given, "simcore", WARMUP_MS, study.time_ms, sizes, (seed,), ("",), (statistics_of(spikes),), {}
    )


def measured(study: Study, healthy: list[Recording], faulty: list[Recording], draws: int) -> tuple[float, str]:
    """Share of failing draws, and the statistic that differs most often."""
    pooled = [*faulty, *healthy]
    matrices = distance_matrices(pooled)
    generator = np.random.default_rng(1)
    failed, named = 0, Counter[str]()
    for _ in range(draws):
        candidates = generator.permutation(len(faulty))[: study.seeds] if faulty else []
        references = len(faulty) + generator.permutation(len(healthy))
        if not faulty:
            candidates, references = references[: study.seeds], references[study.seeds :]
        chosen = np.concatenate([candidates, references[: study.seeds]]).astype(int)
        picked = [pooled[place] for place in chosen]
        verdict = judge_pooled(picked, matrices[:, chosen][:, :, chosen], study.seeds)
        failed += verdict.passed is False
        smallest = min(verdict.findings, key=lambda finding: finding.adjusted_p)
        if smallest.adjusted_p <= verdict.level:
            named[f"{smallest.population} {smallest.statistic} ({smallest.metric})"] += 1
    return failed / draws, ", ".join(name for name, _ in named.most_common(2)) or "-"


def main() -> None:
    """Run the studies and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("power"), help="folder of the statistics")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--draws", type=int, default=200, help="validations for each fault")
    parser.add_argument("--pool", type=float, default=2.0, help="simulations of each side over seeds of a validation")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    rows = [("model", "fault", "length (s)", "seeds", "fails", "found by")]
    for study in STUDIES:
        pool = round(arguments.pool * study.seeds)
        # Without a fault both groups come from one pool.
        healthy = range(1, 1 + (pool if study.fault else 2 * pool))
        faulty = range(FIRST_FAULTY_SEED, FIRST_FAULTY_SEED + (pool if study.fault else 0))
        share, found_by = measured(
            study,
            simulated(study, {}, healthy, arguments.threads, arguments.out),
            simulated(study, study.fault, faulty, arguments.threads, arguments.out),
            arguments.draws,
        )
        label = " ".join([study.model, *(f"{key}={value}" for key, value in study.params.items())])
        seeds = f"{study.seeds} + {study.seeds}"
        rows.append((label, study.name, f"{study.time_ms * 1e-3:g}", seeds, f"{100.0 * share:.1f} %", found_by))
        print("  ".join(rows[-1]), flush=True)
    print(aligned(rows, "llrrrl"))


if __name__ == "__main__":
    main()
