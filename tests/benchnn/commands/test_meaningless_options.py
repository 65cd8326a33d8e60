"""Options that another one makes meaningless are refused with both names, not ignored.

Every option of the sub-commands that run something is listed here: a new one fails until somebody has thought about
which others leave it without a meaning.
"""

import argparse

import pytest

from benchnn import cli

ALWAYS = "always"
"""Has a meaning whatever the other options are."""
SHORT = ("small.py:small", "--time=1", "--warmup=0")
SLURM_RUN = ("--", "run", "small.py:small", "--time=1")
MEANINGLESS = {
    "run": {
        "--chip-weight-bits": [("--chip-weight-bits=8", "chip")],
        "--mapper": [("--mapper=random", "chip")],
        "--place": [("--place=anneal", "chip"), ("--place=anneal --chip=loihi1 --mapping=x.h5", "--mapping")],
        "--mapping": [("--mapping=x.h5", "chip")],
        "--neurons-per-core": [("--neurons-per-core=8", "chip")],
        "--on-violation": [("--on-violation=adapt", "chip")],
        "--tick": [("--tick=1", "chip")],
        "--record": [("--record=link_messages", "chip")],
        "--power-column": [("--power-column=1", "--power-log")],
        "--idle": [("--idle=500 --meters=none", "--meters none")],
        "--delivery": [
            ("--delivery=by_source --backend=oracle", "--backend oracle"),
            ("--delivery=by_source --simulator=nest", "simulator nest"),
        ],
        "--backend": [("--backend=oracle --simulator=nest", "simulator nest")],
        "--precision": [("--precision=float64 --simulator=nest", "simulator nest")],
        "--exchange": [("--exchange=directed --simulator=nest", "simulator nest")],
        "--placement": [
            ("--placement=areas --simulator=nest", "simulator nest"),
            ("--placement=areas", "has no area"),
            ("--placement=by_population --chip=loihi1", "chip"),
        ],
        "--checkpoint-every": [
            ("--checkpoint-every=1 --simulator=nest", "simulator nest"),
            ("--checkpoint-every=1 --dry-run-ranks=2", "dry run"),
        ],
        "--chip": [
            ("--chip=loihi1 --simulator=nest", "simulator nest"),
            ("--chip=loihi1 --dry-run-ranks=2", "dry run"),
        ],
        "--weight-bits": [("--weight-bits=8 --simulator=nest", "simulator nest")],
        "--accept-quantisation": [("--accept-quantisation --simulator=nest", "simulator nest")],
        "--connectivity": [("--connectivity=exact", "simulator simcore")],
        "--simulator-mode": [("--simulator-mode=runtime", "simulator simcore")],
        "--simulator": [("--simulator=nest --dry-run-ranks=2", "--dry-run-ranks")],
        "--resume": [("--resume=x --dry-run-ranks=2", "x")],
        "--meters": [("--meters=none --dry-run-ranks=2", "--dry-run-ranks")],
        "--require-energy": [
            ("--require-energy --dry-run-ranks=2", "--dry-run-ranks"),
            ("--require-energy --meters=none", "energy cannot be measured"),
        ],
        "--power-log": [("--power-log=x --dry-run-ranks=2", "--dry-run-ranks")],
        "--power-every": [
            ("--power-every=100 --dry-run-ranks=2", "--dry-run-ranks"),
            ("--power-every=100 --meters=none", "--meters none"),
        ],
        "--power-estimate": [("--power-estimate=50 --dry-run-ranks=2", "--dry-run-ranks")],
        "--dry-run-rank": [("--dry-run-rank=1", "--dry-run-ranks")],
        "--dry-run-rate": [("--dry-run-rate=1", "--dry-run-ranks")],
        "--latency-us": [("--latency-us=1", "--dry-run-ranks")],
        "--bandwidth-gb-s": [("--bandwidth-gb-s=1", "--dry-run-ranks")],
        "--interconnect": [("--interconnect=infiniband_hdr", "--dry-run-ranks")],
        "--ranks-per-node": [("--ranks-per-node=2", "--dry-run-ranks")],
        "--node-latency-us": [
            ("--node-latency-us=1", "--dry-run-ranks"),
            ("--node-latency-us=1 --dry-run-ranks=2", "--ranks-per-node"),
        ],
        "--node-bandwidth-gb-s": [
            ("--node-bandwidth-gb-s=1", "--dry-run-ranks"),
            ("--node-bandwidth-gb-s=1 --dry-run-ranks=2", "--ranks-per-node"),
        ],
        "--json": [("--json --lines", "--lines")],
        "--lines": [("--lines --json", "--json")],
        "--estimate": [
            (f"--estimate {option}", "estimate")
            for option in (
                *("--dry-run-ranks=2", "--checkpoint-every=1", "--chip=loihi1", "--simulator=nest", "--trials=2"),
                *("--record=spikes", "--meters=none", "--backend=oracle", "--out=x"),
            )
        ],
        "--ranks": [("--ranks=2", "--estimate")],
        **dict.fromkeys(
            (
                *("--param", "--config", "--time", "--warmup", "--seed", "--threads", "--dry-run-ranks"),
                *("--out", "--overwrite", "--transform"),
            ),
            ALWAYS,
        ),
        "--transform-seed": [("--transform-seed=1", "transform")],
        "--trials": [
            ("--trials=2 --dry-run-ranks=2", "dry run"),
            ("--trials=2 --simulator=nest", "it requires --simulator simcore"),
            ("--trials=2 --chip=loihi1", "chip"),
        ],
    },
    "scale": {
        "--dry-run-rate": [("--dry-run-rate=1 --ranks=1", "--predict")],
        "--interconnect": [("--interconnect=infiniband_hdr --ranks=1", "--predict")],
        "--latency-us": [("--latency-us=1 --ranks=1", "--predict")],
        "--bandwidth-gb-s": [("--bandwidth-gb-s=1 --ranks=1", "--predict")],
        "--ranks-per-node": [("--ranks-per-node=2 --ranks=1", "--predict")],
        "--node-latency-us": [("--node-latency-us=1 --ranks=1", "--predict")],
        "--node-bandwidth-gb-s": [("--node-bandwidth-gb-s=1 --ranks=1", "--predict")],
        "--grow": [("--grow=n --ranks=1", "weak scaling")],
        "--power-column": [("--power-column=1 --ranks=1", "--power-log")],
        "--idle": [("--idle=500 --meters=none --ranks=1", "--meters none")],
        "--power-every": [("--power-every=100 --meters=none --ranks=1", "--meters none")],
        "--delivery": [("--delivery=by_source --backend=oracle --ranks=1", "--backend oracle")],
        **dict.fromkeys(
            (
                *(
                    "--param",
                    "--ranks",
                    "--threads",
                    "--seeds",
                    "--predict",
                    "--launcher",
                    "--backend",
                    "--precision",
                    "--weight-bits",
                ),
                *("--exchange", "--placement", "--accept-quantisation", "--meters", "--require-energy", "--power-log"),
                *("--power-estimate", "--time", "--warmup", "--out", "--overwrite"),
            ),
            ALWAYS,
        ),
    },
    "compare": {
        "--coincidence-steps": [("--coincidence-steps=3", "--connectivity exact")],
        "--van-rossum-tau": [("--van-rossum-tau=3", "--connectivity exact")],
        "--victor-purpura-cost": [("--victor-purpura-cost=3 --connectivity=statistical", "--connectivity exact")],
        "--power-column": [("--power-column=1", "--power-log")],
        "--idle": [("--idle=500 --meters=none", "--meters none")],
        "--power-every": [("--power-every=100 --meters=none", "--meters none")],
        **dict.fromkeys(
            (
                *("--param", "--simulators", "--repeats", "--connectivity", "--seed", "--threads", "--meters"),
                *("--require-energy", "--power-log", "--power-estimate", "--time", "--warmup", "--out", "--overwrite"),
            ),
            ALWAYS,
        ),
    },
    "protocol": {
        "--power-column": [("--power-column=1", "--power-log")],
        "--idle": [("--idle=500 --meters=none", "--meters none")],
        "--power-every": [("--power-every=100 --meters=none", "--meters none")],
        **dict.fromkeys(
            (
                *("--param", "--seed", "--threads", "--backend", "--meters", "--require-energy", "--power-log"),
                *("--power-estimate", "--time", "--warmup", "--out", "--overwrite"),
            ),
            ALWAYS,
        ),
    },
    "validate": {
        "--coincidence-steps": [("--coincidence-steps=3 --candidate=a --reference=simcore", "are recordings")],
        "--van-rossum-tau": [("--van-rossum-tau=3 --candidate=simcore --reference=simcore", "are recordings")],
        "--victor-purpura-cost": [("--victor-purpura-cost=3 --candidate=simcore --reference=a", "are recordings")],
        "--candidate-param": [("--candidate-param=n=8 --candidate=a --reference=a", "requires a simulated candidate")],
        "--reference-seeds": [("--reference-seeds=7 --candidate=simcore --reference=a --reference=a", "--reference")],
        "--keep-spikes": [("--keep-spikes --candidate=a --reference=a --reference=a", "--candidate")],
        **dict.fromkeys(
            (
                *("--param", "--preset", "--candidate", "--reference", "--seeds", "--threads", "--time", "--warmup"),
                *("--out", "--overwrite"),
            ),
            ALWAYS,
        ),
    },
    "edges": dict.fromkeys(
        ("--param", "--out", "--seed", "--weight-bits", "--accept-quantisation", "--overwrite"), ALWAYS
    ),
    "slurm render": {
        "--at-once": [("--at-once=2", "--seeds")],
        "--mpi": [("--mpi=pmix --launcher=mpiexec", "srun")],
        "--oversubscribe": [("--oversubscribe --no-check", "--no-check")],
        "--requeue": [("--requeue=2 | --simulator=nest", "nest")],
        "--stop-before": [("--stop-before=20 | --simulator=nest", "peer simulator")],
        "--seeds": [("--seeds=1-3 | --seed=2", "--seeds")],
        "--threads": [("--threads=2 | --threads=3", "threads")],
        **dict.fromkeys(
            (
                *(
                    "--nodes",
                    "--tasks-per-node",
                    "--gpus-per-task",
                    "--multithread",
                    "--no-check",
                    "--time",
                    "--account",
                ),
                *("--partition", "--qos", "--constraint", "--mem", "--gres", "--job-name", "--exclusive", "--sbatch"),
                *("--launcher", "--module", "--setup", "--python", "--template", "--out"),
            ),
            ALWAYS,
        ),
    },
}
POSITIONS = {"scale": ("strong",)}
CASES = [
    (command, arguments, other)
    for command, options in MEANINGLESS.items()
    for cases in options.values()
    if cases is not ALWAYS
    for arguments, other in cases
]


def parser_of(command):
    parser = cli.make_parser()
    for word in command.split():
        (below,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
        parser = below.choices[word]
    return parser


@pytest.mark.parametrize("command", MEANINGLESS)
def test_every_option_is_in_the_table(command):
    options = {action.option_strings[-1] for action in parser_of(command)._actions if action.option_strings}
    assert options - {"--help"} == set(MEANINGLESS[command])


@pytest.mark.parametrize(("command", "arguments", "other"), CASES)
def test_an_option_without_a_meaning_is_refused_with_the_one_that_takes_it(home, benchnn, command, arguments, other):
    own, _, of_run = arguments.partition(" | ")
    (home / "a").mkdir()
    before = sorted(home.iterdir())
    if command == "slurm render":
        finished = benchnn(*command.split(), *own.split(), *SLURM_RUN, *of_run.split())
    else:
        finished = benchnn(*command.split(), *POSITIONS.get(command, ()), *SHORT, *own.split())
    assert finished.code in (1, 2) and finished.out == "" and finished.err.count("\n") == 1, finished
    assert other in finished.err
    assert sorted(home.iterdir()) == before, "something was left behind"
