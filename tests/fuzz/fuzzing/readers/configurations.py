"""Options of a run from a TOML file."""

from pathlib import Path

from fuzzing.case import Case
from fuzzing.dice import Dice
from fuzzing.reader import Reader
from fuzzing.readers.command import call_main
from fuzzing.toml_files import mutated_toml

FILE = "run.toml"
BRUNEL = b"""[run]
model = "brunel"
time_ms = 20.0
warmup_ms = 5
seed = 3
threads = 1
backend = "oracle"
precision = "float64"
weight_bits = 16
record = ["spikes", "V_m:E:0,2-4"]
checkpoint_every_ms = 10.0
out = "out"
overwrite = true
meters = "none"
chip = "loihi1"
neurons_per_core = 10
tick_ms = 0.5

[params]
order = 8
g = 5.0
"""
PD14 = b"""[run]
model = "pd14"
time_ms = 20.0
record = "spikes"
[params]
scale = 0.01
input = "dc"
"""


def _configurations(results: Path) -> list[Case]:
    arguments = ("run", "--config", FILE)
    return [Case({FILE: BRUNEL.replace(b"tick_ms = 0.5\n", b"")}, arguments), Case({FILE: PD14}, arguments)]


def _damaged(case: Case, dice: Dice) -> Case:
    return case.changed(FILE, mutated_toml(case.files[FILE], dice))


READERS = (Reader("run --config", _configurations, _damaged, call_main, codes=(0, 1, 2)),)
