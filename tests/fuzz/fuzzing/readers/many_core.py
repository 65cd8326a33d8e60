"""Records of designs of many cores."""

import json
from functools import cache
from pathlib import Path

from benchnn.accelerators.many_core.plan import ManyCoreOptions, plan_many_core
from benchnn.accelerators.many_core.sweep import run_many_core
from fuzzing.case import Case
from fuzzing.json_files import damaged_json
from fuzzing.reader import Reader
from fuzzing.readers.command import call_main


@cache
def _record() -> bytes:
    options = ManyCoreOptions(networks="vgg9", designs="64,2,2,4;8,4,4,8", batch="1,latency", sparsity="0,0.9,0.99")
    return json.dumps(run_many_core(plan_many_core(options), ["benchnn", "many-core"])).encode()


def _records(results: Path) -> list[Case]:
    return [Case({"m/many_core.json": _record()}, ("report", "m", "--out", "page.html"))]


READERS = (Reader("report of many cores", _records, damaged_json, call_main, 0.06),)
