"""Power logs, and what Slurm tells of a job."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

from benchnn.commands.output import report
from benchnn.energy.power_log import logged_energy_j, read_power_log
from benchnn.energy.slurm_accounting import job_energy
from fuzzing.byte_mutations import mutated
from fuzzing.case import Case
from fuzzing.dice import Dice
from fuzzing.hostile import ARGUMENTS
from fuzzing.json_files import damaged_json
from fuzzing.reader import Reader
from fuzzing.readers.command import call_main
from simcore.errors import UnavailableError

LOG = "power.log"
START_S, END_S = 1_700_000_000.0, 1_700_000_010.0
TIMES = range(1_699_999_998, 1_700_000_013)
HEADED = "time,power [W],current (A)\n" + "".join(f"{time},{100 + time % 7}.5,0.4\n" for time in TIMES)
PLAIN = "".join(f"{time}.25 {100 + time % 7}\n" for time in TIMES)
GERMAN = "Zeit (UTC);Leistung mW;Power kW\n" + "".join(
    f"2023-11-14T22:13:{time % 50 + 5:02d};12,5;0,25\n" for time in range(9)
)
NVIDIA = "timestamp, power.draw [W]\n" + "".join(
    f"2023-11-14T22:13:{10 + n:02d}+00:00, {50 + n}.00 W\n" for n in range(9)
)
COMMENTED = "# time_ms\tpower_w\tname\n" + "".join(f'{time}000\t{time % 9}e1\t"node, 1"\n' for time in TIMES)


def _logs(results: Path) -> list[Case]:
    texts = ((HEADED, ()), (PLAIN, ()), (GERMAN, ("Power kW",)), (GERMAN, ("2",)), (NVIDIA, ()), (COMMENTED, ()))
    return [Case({LOG: text.encode()}, columns) for text, columns in texts]


def _damaged_log(case: Case, dice: Dice) -> Case:
    if dice.chance(0.1):
        return Case(case.files, (dice.pick(ARGUMENTS),))
    return case.changed(LOG, mutated(case.files[LOG], dice))


def _read_log(arguments: Sequence[str]) -> None:
    samples = read_power_log(Path(LOG), *arguments)
    logged_energy_j(samples, START_S, END_S)


def _amended(results: Path) -> list[Case]:
    record = (results / "seed1" / "result.json").read_bytes()
    log = covering_log(results / "seed1")
    return [Case({"run/result.json": record, LOG: log}, ("energy", "run", "--power-log", LOG))]


def covering_log(folder: Path) -> bytes:
    """A log of the time in which a run propagated its state."""
    start = int(json.loads((folder / "result.json").read_text())["time"]["propagation_start_unix_s"])
    return b"time,power [W]\n" + b"".join(b"%d,10%d\n" % (start + second, second % 7) for second in range(-9, 30))


def _damaged_either(case: Case, dice: Dice) -> Case:
    return damaged_json(case, dice) if dice.chance(0.6) else case.changed(LOG, mutated(case.files[LOG], dice))


def _answered(results: Path) -> list[Case]:
    """What sacct tells."""
    return [Case({"answer_of_sacct": b"123|25|4500|2|COMPLETED\n"})]


def _damaged_answer(case: Case, dice: Dice) -> Case:
    return case.changed("answer_of_sacct", mutated(case.files["answer_of_sacct"], dice))


def _ask(arguments: Sequence[str]) -> int:
    answer_of_sacct = Path("answer_of_sacct").read_text(errors="replace")
    answer = subprocess.CompletedProcess((), 0, answer_of_sacct, "")
    with mock.patch.object(subprocess, "run", return_value=answer):
        try:
            job_energy("123")
        except UnavailableError as error:
            return report(error, 2)
    return 0


READERS = (
    Reader("power log", _logs, _damaged_log, _read_log, 5.0),
    Reader("energy of a record", _amended, _damaged_either, call_main, 0.5),
    Reader("sacct", _answered, _damaged_answer, _ask, 0.5),
)
