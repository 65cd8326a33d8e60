"""The sub-command ``benchnn scale``."""

import argparse
import sys
from typing import TYPE_CHECKING

from benchnn.commands.output import emit, report
from benchnn.commands.parser import EXIT_CODES, add_energy, add_messages, add_model, add_study, message_values
from simcore.errors import InputError

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands
    from benchnn.studies.prediction import PredictOptions


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    scale = commands.add_parser(
        "scale",
        help="run one network on several layouts of ranks and threads, and compare the runs",
        description="Run a network on every combination of the numbers of ranks and threads, each run in a separate "
        "process, and write a folder with scaling.json, scaling.csv and the result of every run. In strong scaling, "
        "the network stays the same. In weak scaling, the network grows with the number of cores, ranks x threads, "
        "starting from the first layout.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    scale.set_defaults(call=call)
    scale.add_argument(
        "kind",
        choices=("strong", "weak"),
        help="the same network on all layouts, or a network that grows with the number of cores",
    )
    add_model(scale)
    scale.add_argument("--ranks", metavar="N,N,...", required=True, help="numbers of ranks")
    scale.add_argument(
        "--threads",
        metavar="N,N,...",
        dest="thread_numbers",
        default="1",
        help="numbers of threads per rank (default: 1)",
    )
    scale.add_argument("--seeds", metavar="N,N,...", default="1", help="seeds, each run on every layout (default: 1)")
    scale.add_argument(
        "--launcher",
        metavar="COMMAND",
        help="command that starts the ranks of a run, such as 'srun -n {ranks} -c {threads}' (default: mpiexec, or "
        "nothing for one rank)",
    )
    scale.add_argument(
        "--grow", metavar="PARAM", help="parameter of the model that grows, for weak scaling of your own model"
    )
    for name in ("backend", "precision", "weight-bits", "exchange", "placement", "delivery"):
        scale.add_argument(f"--{name}", metavar="VALUE", help="as for benchnn run")
    scale.add_argument("--accept-quantisation", action="store_true", default=None, help="as for benchnn run")
    predict = scale.add_argument_group(
        "prediction", "predict runs on more ranks than the machine has room for, from dry runs of some ranks"
    )
    predict.add_argument("--predict", metavar="N,N,...", help="numbers of ranks to predict")
    predict.add_argument(
        "--dry-run-rate",
        metavar="[POP=]HZ",
        action="append",
        default=[],
        help="mean rate of the neurons in predictions, 1/s (repeatable; default: the rates of the series or the model)",
    )
    add_messages(predict)
    add_energy(scale)
    add_study(scale, "series", "scale-KIND-MODEL")


def call(arguments: argparse.Namespace) -> int:
    """Run the sub-command."""
    from benchnn.studies.prediction_table import to_text as prediction_text
    from benchnn.studies.scaling import RUN_OPTIONS, ScaleOptions, plan_series, run_series
    from benchnn.studies.scaling_table import to_text

    options = ScaleOptions(
        kind=arguments.kind,
        ranks=arguments.ranks,
        threads=arguments.thread_numbers,
        seeds=arguments.seeds,
        launcher=arguments.launcher,
        grow=arguments.grow,
        run={name: getattr(arguments, name) for name in RUN_OPTIONS},
        params=arguments.param,
        predict=_predict(arguments),
    )
    plan = plan_series(options, arguments.command_line)
    outcome = run_series(plan, sys.stderr)
    prediction = outcome.record["prediction"]
    emit(to_text(outcome.record) + ("" if prediction is None else prediction_text(prediction)))
    if outcome.problem is not None:
        return report(outcome.problem, 1)
    files = ["scaling.json", "scaling.csv", *([] if prediction is None else ["prediction.csv"])]
    emit(f"\nwritten to {plan.folder}: {', '.join(files)}\n")
    return 0


def _predict(arguments: argparse.Namespace) -> "PredictOptions | None":
    from benchnn.running.message_costs import MessageOptions
    from benchnn.studies.prediction import PredictOptions

    messages = message_values(arguments)
    if arguments.predict is not None:
        return PredictOptions(arguments.predict, tuple(arguments.dry_run_rate), MessageOptions(**messages))
    given = [*messages, *(["dry_run_rate"] if arguments.dry_run_rate else [])]
    if given:
        raise InputError(f"{given[0]} requires --predict, because it describes a prediction")
    return None
