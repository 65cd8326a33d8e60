"""Command lines of every sub-command."""

import shlex
from functools import cache, partial
from pathlib import Path

from fuzzing.argument_mutations import mutated_arguments
from fuzzing.case import Case, of_folder
from fuzzing.dice import Dice
from fuzzing.reader import Reader
from fuzzing.readers.command import call_main
from fuzzing.readers.energy import covering_log

BRUNEL = "brunel --param order=8"
TIMES = "--time 20 --warmup 5"
LINES = {
    "run": rf"""
        run {BRUNEL} {TIMES} --seed 2 --threads 1 --backend oracle --out new
        run {BRUNEL} {TIMES} --record spikes --record V_m:E:0,2-4 --precision float64 --json
        run {BRUNEL} --weight-bits 8 --accept-quantisation --delivery by_source --exchange directed
        run {BRUNEL} {TIMES} --chip loihi1 --mapper greedy --neurons-per-core 5 --chip-weight-bits 8
        run {BRUNEL} --chip loihi1 --on-violation adapt --record link_messages --lines --overwrite
        run {BRUNEL} --chip spinnaker1 --tick 1
        run {BRUNEL} --chip loihi1 --place spectral
        run pd14 --param scale=0.01 --param input=dc --meters none --idle 0 --power-estimate 300
        run {BRUNEL} --power-log power.log --power-column 2 --checkpoint-every 10
        run {BRUNEL} --simulator nest --connectivity exact
        run --resume stopped
    """,
    "run --dry-run-ranks": f"""
        run {BRUNEL} {TIMES} --dry-run-ranks 4 --dry-run-rank 1 --dry-run-rate E=5 --dry-run-rate 7
        run {BRUNEL} --dry-run-ranks 8 --latency-us 1.5 --bandwidth-gb-s 10 --dry-run-rate 7 --out dry
    """,
    "scale": f"""
        scale strong {BRUNEL} {TIMES} --ranks 1,2 --threads 1,2 --seeds 1,2 --out new
        scale weak brunel --param order=100 --ranks 1,2 --launcher 'mpiexec -n {{ranks}}' --backend cpu
        scale weak pd14 --ranks 1 --precision float64 --weight-bits 32 --delivery auto
    """,
    "compare": f"""
        compare {BRUNEL} {TIMES} --simulators simcore,nest,brian2 --repeats 2 --seed 3 --threads 1
        compare {BRUNEL} --simulators simcore --connectivity exact --meters none --out new
    """,
    "validate": f"""
        validate {BRUNEL} {TIMES} --candidate simcore --reference nest --out new
        validate {BRUNEL} --preset short --seeds 6 --reference-seeds 7 --candidate-param g=4
    """,
    "report": "report seed1 --out page.html --overwrite --figures drawn",
    "results": """
        results add seed1 --replace --database new.sqlite
        results list --database runs.sqlite --where spikes>=1 --sort spikes --reverse --limit 2
        results list --database runs.sqlite --columns run_id,seed,wall_s.construction.max --csv
        results list --database runs.sqlite --where model.name~run --where interrupted=false --json
        results show ./seed1 --json
        results compare ./seed1 ./seed1
        results regressions --database runs.sqlite --baseline seed=1 --min-change 2 --level 0.05
        results regressions --database runs.sqlite --since 2024-01-01 --any-host --json --where seed=1
    """,
    "energy": "energy seed1 --power-log power.log --power-column 2",
    "slurm": f"""
        slurm render --nodes 2 --tasks-per-node 4 --threads 2 --time 1:00:00 -- run {BRUNEL} {TIMES}
        slurm render --account a1 --partition p --qos q --constraint c --mem 4G --exclusive -- run pd14
        slurm render --gres gpu:1 --job-name j --sbatch comment=x --seeds 1-3,7 --at-once 2 -- run pd14
        slurm render --requeue 2 --stop-before 30 --launcher mpiexec --module m/1 --python /x/p -- run {BRUNEL}
        slurm render --no-check --multithread -- run {BRUNEL} --out 'a b' --checkpoint-every 10
        slurm render --mpi pmi2 --setup power.log --gpus-per-task a100:1 -- run brunel
        slurm check --ranks 1 --threads 1 --oversubscribe
    """,
    "models": f"""
        models
        models {BRUNEL}
        models pd14 --param scale=0.5 --param input=dc
    """,
    "edges": f"""
        edges {BRUNEL} --out e.npz --seed 2 --weight-bits 32
        edges {BRUNEL} --out e.csv.gz --accept-quantisation --overwrite
        edges pd14 --param scale=0.001 --out e.h5
    """,
    "chips": """
        chips
        chips --json
        chips show loihi1
        chips show spinnaker1 --json
    """,
    "accelerators": """
        accelerators
        accelerators --json
        accelerators show sata
        accelerators show tpu_v1 --json
    """,
    "accelerate": """
        accelerate vgg9 --on sata,spikesim_65nm,loihi1 --steps 1,4 --density 0.1 --compare --out a --overwrite
        accelerate vgg5 --on estimate_28nm --accounting corrected --dataflow weight_stationary --json
        accelerate vgg5 --on sata_training --gradient-density 0.3 --forward-bits 2 --packed-spikes 2
        accelerate vgg5 --on sata --lif-sharing 4 --membrane-bits 4 --accounting published
    """,
    "crossbar": """
        crossbar spikesim_nice --sizes 8,16 --wire 0,2 --ratio 10 --noise 0,0.1 --read-noise 0.1 --stuck 0.1 --seeds 1
        crossbar spikesim_nice --sizes 8 --wire 1 --drift 0.1 --time 1,10 --endurance 1e6 --cycles 10 --seeds 1 --json
    """,
    "map": f"""
        map {BRUNEL} --chip loihi1 --mapper round_robin --neurons-per-core 5 --weight-bits 8
        map {BRUNEL} --chip loihi1 --on-violation adapt --rates 2.5 --seed 3 --json
        map {BRUNEL} --chip spinnaker1 --rates seed1 --neurons-per-core 10
        map {BRUNEL} --chip loihi1 --neurons-per-core 3 --place anneal --mapping-out m.h5
    """,
    "floorline": "floorline chip --json --out a.svg --overwrite",
    "doctor": """
        doctor
        --version
        --help
        run --help
    """,
}
"""Valid command lines of each sub-command."""
SHARES = {
    "run": 2.5,
    "report": 0.1,
    "doctor": 0.05,
    "floorline": 0.2,
    "models": 0.5,
    "chips": 0.5,
    "accelerators": 0.5,
    "accelerate": 0.5,
    "crossbar": 0.3,
    "scale": 0.8,
}


@cache
def _files(results: Path) -> dict[str, bytes]:
    """Files that the command lines name."""
    folders = (of_folder(results / name, within=name).files for name in ("seed1", "chip", "stopped"))
    files = {"runs.sqlite": (results / "runs.sqlite").read_bytes(), "power.log": covering_log(results / "seed1")}
    return {name: content for folder in (*folders, files) for name, content in folder.items()}


@cache
def _pool() -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for name in LINES for line in _commands(name) for word in line))


def _commands(name: str) -> list[tuple[str, ...]]:
    return [tuple(shlex.split(line)) for line in LINES[name].splitlines() if line.strip()]


def _lines(name: str, results: Path) -> list[Case]:
    known = _files(results)
    cases = []
    for line in _commands(name):
        text = " ".join(line)
        cases.append(Case({path: known[path] for path in known if path.partition("/")[0] in text}, line))
    return cases


def _damaged(case: Case, dice: Dice) -> Case:
    return Case(case.files, mutated_arguments(case.arguments, _pool(), dice))


READERS = tuple(
    Reader(f"benchnn {name}", partial(_lines, name), _damaged, call_main, SHARES.get(name, 1.0), (0, 1, 2))
    for name in LINES
)
