"""Files of networks of areas."""

import json
from collections.abc import Sequence
from pathlib import Path

from benchnn.models import models
from fuzzing.case import Case
from fuzzing.json_files import damaged_json
from fuzzing.reader import Reader

FILE = "areas.json"
POPULATIONS = [
    {"area": area, "name": name, "neurons": 20, "external_in_degree": 9.5, "external_weight_pa": 80.0, "rate_hz": 2.0}
    for area in ("V1", "V2")
    for name in ("23E", "23I")
]
CONNECTIONS = [
    [target, source, 40, 80.0 - 300.0 * (source % 2), 8.0, 1.5, 0.75] for target in (0, 3) for source in (1, 2)
]


def _files(results: Path) -> list[Case]:
    content = {"format": "benchnn areas 1", "external_rate_hz": 10.0, "populations": POPULATIONS}
    return [Case({FILE: json.dumps(content | {"connections": CONNECTIONS}).encode()})]


def _read(arguments: Sequence[str]) -> None:
    models.get("multi_area")(file=FILE, in_degree_scale=0.5)


READERS = (Reader("file of areas", _files, damaged_json, _read),)
