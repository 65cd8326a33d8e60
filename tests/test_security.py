"""No text of a user reaches a shell, an interpreter, a pickle, HTML or a terminal as anything but text.

Hostile texts stand in place of each argument of each sub-command; arguments are found in the parser itself, so that a
new one is tried without being named here.
"""

import argparse
import ast
import contextlib
import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from benchnn import cli
from benchnn.studies import comparison, study
from benchnn.studies.child_runs import ChildRun

CANARY = "canary"
HOSTILE = {
    "a command": f"$(touch {CANARY})`touch {CANARY}`;touch {CANARY};'touch {CANARY}'\"&&touch {CANARY}",
    "a page": '<script>alert(1)</script>"><img src=x onerror=alert(1)>{{7*7}}{0.__class__}%(asctime)s%n${HOME}',
    "a terminal": f"\x1b]52;c;aGk=\x07\x1b[2J\x9b31m\x08\x7f\u202e\n#SBATCH --wrap=touch\ntouch {CANARY}\r\n\u2028",
    "an option": f"--wrap=__import__('os').system('touch {CANARY}')\udcff\udc80",
}
COMMANDS = {
    "run": ("small.py:small", "--backend=oracle", "--time=1", "--warmup=0", "--meters=none", "--out=o"),
    "scale": ("strong", "small.py:small", "--ranks=1", "--time=1", "--warmup=0", "--out=o"),
    "compare": ("small.py:small", "--simulators=simcore", "--repeats=1", "--time=1", "--warmup=0", "--out=o"),
    "validate": (
        *("small.py:small", "--time=20", "--warmup=5", "--out=o", "--candidate=done", "--reference=done"),
        "--reference=done",
    ),
    "report": ("plain", "--out=page.html", "--overwrite"),
    "results add": ("done", "--database=new.sqlite"),
    "results list": ("--database=d.sqlite",),
    "results show": ("done/", "--database=d.sqlite"),
    "results compare": ("done/", "done/", "--database=d.sqlite"),
    "results regressions": ("--database=d.sqlite",),
    "results remove": ("x", "--database=d.sqlite"),
    "energy": ("done", "--power-log=log.csv"),
    "slurm render": ("--", "run", "small.py:small", "--time=1", "--out=o"),
    "slurm submit": ("--", "run", "small.py:small", "--time=1", "--out=o"),
    "slurm check": ("--ranks=1", "--threads=1"),
    "models": ("brunel",),
    "edges": ("small.py:small", "--out=edges.csv", "--overwrite"),
    "convert": ("net.npz", "--calibration=samples.npz", "--data=samples.npz", "--out=net.nir", "--overwrite"),
    "chips": (),
    "chips show": ("loihi1",),
    "accelerators": (),
    "accelerators show": ("sata",),
    "accelerate": ("vgg9", "--on=sata", "--steps=1", "--out=a", "--overwrite"),
    "roofline": ("done", "--on=sata", "--workload=vgg9", "--steps=1", "--out=r", "--overwrite"),
    "crossbar": (
        *("spikesim_nice", "--sizes=8", "--wire=1", "--ratio=10", "--noise=0", "--read-noise=0", "--stuck=0"),
        *("--drift=0.1", "--endurance=9", "--seeds=1", "--out=c", "--overwrite"),
    ),
    "map": ("small.py:small", "--chip=loihi1"),
    "many-core": (
        "--designs=64,2,2,4",
        "--networks=resnet50",
        "--batch=1",
        "--sparsity=0.5",
        "--out=mc",
        "--overwrite",
    ),
    "bottlenecks": ("done",),
    "infer": ("net.nir", "--data=samples.npz", "--steps=1", "--samples=1", "--threads=1", "--out=i", "--overwrite"),
    "protocol": ("small.py:small", "--time=1", "--backend=oracle", "--meters=none", "--out=p", "--overwrite"),
    "transform": ("small.py:small", "prune:0.5", "--time=1", "--warmup=0", "--out=t", "--overwrite"),
    "floorline": ("done",),
    "rates": ("done",),
    "doctor": (),
}
"""Arguments with which each sub-command works, or is refused for a reason of its own."""
WITHOUT_TEXT = {"doctor", "chips", "accelerators"}


def leaves(parser, name=""):
    """Parsers of all sub-commands by name, those that have sub-commands of their own included if they can be called."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if name and (not below or not below[0].required):
        yield name, parser
    for action in below:
        for word, child in action.choices.items():
            yield from leaves(child, f"{name} {word}".strip())


def texts(parser):
    """Options and positions that take a text."""
    for action in parser._actions:
        takes = not isinstance(action, argparse._SubParsersAction) and action.nargs != 0
        if takes:
            yield action.option_strings[-1] if action.option_strings else action.dest


PARSERS = dict(leaves(cli.make_parser()))
PLACES = [(name, place) for name, parser in PARSERS.items() for place in texts(parser)]


def test_every_sub_command_has_arguments_here_and_texts_were_found():
    assert set(PARSERS) == set(COMMANDS)
    assert len(PLACES) > 120
    assert {name for name, _ in PLACES} == set(COMMANDS) - WITHOUT_TEXT


def with_text(parser, arguments, place, text):
    """The arguments with a text in one place."""
    if place.startswith("-"):
        before = [word for word in arguments if not word.startswith(f"{place}=")]
        # What follows -- belongs to another command.
        return [f"{place}={text}", *before]
    positions = [action.dest for action in parser._actions if not action.option_strings and action.nargs != 0]
    words = [word for word in arguments if not word.startswith("-")]
    if place == "run":
        return [*arguments, text]
    words[positions.index(place)] = text
    options = [word for word in arguments if word.startswith("-")]
    return [*options, "--", *words] if not {"scale", "slurm"} & {parser.prog.split()[1]} else [*options, *words]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A folder with a model, a finished run, a database, a power log, a trained network and samples of it."""
    from tests.benchnn.conftest import MODEL

    home = tmp_path_factory.mktemp("prepared")
    (home / "small.py").write_text(MODEL)
    with contextlib.chdir(home):
        called("run", "small.py:small", "--backend=oracle", "--time=20", "--warmup=5", "--record=spikes", "--out=done")
        called("run", "small.py:small", "--backend=oracle", "--time=2", "--warmup=0", "--out=plain")
        called("results", "add", "done", "--database=d.sqlite")
        start = json.loads(Path("done/result.json").read_text())["time"]["propagation_start_unix_s"]
        lines = [f"{start - 5 + second},50" for second in range(30)]
        weight = np.eye(2)
        network = {"input_shape": np.array([2]), "layers": np.array(["dense", "relu", "dense"])}
        np.savez("net.npz", **network, **{"0.weight": weight, "2.weight": weight})
        np.savez("samples.npz", x=weight, y=np.arange(2))
        called("convert", "net.npz", "--calibration=samples.npz", "--out=net.nir")
        Path("log.csv").write_text("\n".join(["time_s,power_w", *lines]))
    return home


def called(*arguments):
    """Exit code, standard output and standard error of a command, which must not raise."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = cli.main(list(arguments))
        except SystemExit as stopped:
            code = stopped.code
    return code, out.getvalue(), err.getvalue()


def unsafe(text):
    """Characters that a terminal obeys, and tags that a browser runs."""
    return sorted({letter for letter in text if not letter.isprintable() and letter not in "\n\t\udcff\udc80"})


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in WITHOUT_TEXT])
def test_hostile_texts_stay_texts(command, prepared, tmp_path, monkeypatch):
    home = tmp_path / "home"
    shutil.copytree(prepared, home)
    monkeypatch.chdir(home)
    started = []
    monkeypatch.setattr(comparison, "stream_triad_gb_s", lambda threads: 10.0)
    monkeypatch.setattr(study, "run_child", lambda words, *_: started.append(words) or ChildRun(1, "not run", None))
    parser, faults, calls = PARSERS[command], [], 0
    for place in texts(parser):
        for what, text in HOSTILE.items():
            for given in (text, f"n={text}", f"{text}=1") if "param" in place or place == "--sbatch" else (text,):
                arguments = with_text(parser, COMMANDS[command], place, given)
                calls += 1
                try:
                    code, out, err = called(*command.split(), *arguments)
                except Exception as error:  # noqa: BLE001 - any is a fault
                    faults.append(f"{place}, {what}: {type(error).__name__}: {error}")
                    continue
                if code not in (0, 1, 2):
                    faults.append(f"{place}, {what}: exit code {code}")
                if unsafe(out.replace("\r\n", "\n")) or unsafe(err):
                    faults.append(f"{place}, {what}: {unsafe(out + err)} reach the terminal")
                if list(tmp_path.rglob(CANARY)):
                    pytest.fail(f"{command} {place}: {what} was run")
                faults += [f"{place}, {what}: {page}: {tag}" for page, tag in tags(home)]
                restore(home, prepared)
    assert not faults, f"{len(faults)} of {calls}:\n" + "\n".join(faults)
    assert all(isinstance(word, str) for words in started for word in words)


def tags(home):
    """Pages in which a text became a tag."""
    for page in home.rglob("*.html"):
        found = re.search(r"<script|<img src=x|onerror=alert\(1\)>", page.read_text(encoding="utf-8"))
        if found is not None:
            yield page.name, found[0]


def restore(home, prepared):
    """Remove what a command left; the parts that all commands share stay as they are."""
    known = {entry.name for entry in prepared.iterdir()}
    for entry in home.iterdir():
        if entry.name not in known:
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()


FORBIDDEN = (
    "eval",
    "exec",
    "system",
    "popen",
    "getoutput",
    "getstatusoutput",
    "load",
    "loads",
    "unsafe_load",
    "Unpickler",
)
HARMLESS = {("json", "load"), ("json", "loads"), ("tomllib", "load"), ("tomllib", "loads"), ("platform", "system")}
KNOWN = {
    "simcore/jit/cache.py": "kernels that this program has written, with their digest, into a folder of its own",
    "simcore/comm/mpi_pieces.py": "objects that the ranks of one job exchange, as mpi4py does",
    "simcore/jit/blocks.py": "a function of numbers, written out",
    "simcore/neurons/cpu.py": "names that Python allows for arguments, of a neuron model's own code",
    "simcore/jit/intrinsics.py": "an instruction of a processor",
    "simcore/backends/gpu/device.py": "machine code of kernels",
    "benchnn/networks/conversion/npz_file.py": "arrays of a NumPy archive, with allow_pickle=False",
    "benchnn/networks/conversion/onnx_file.py": "a message of Protocol Buffers, which is data only",
}
"""Files that load or evaluate something that is no text of a user."""


def test_no_module_evaluates_unpickles_or_starts_a_shell():
    root = Path(cli.__file__).parent.parent
    found, looked = [], 0
    for package in ("simcore", "benchnn", "models"):
        for path in sorted((root / package).rglob("*.py")):
            looked, relative = looked + 1, path.relative_to(root)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                where = f"{relative}:{node.lineno}"
                called = node.func
                name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                owner = (
                    called.value.id if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) else ""
                )
                if name in FORBIDDEN and (owner, name) not in HARMLESS and str(relative) not in KNOWN:
                    found.append(f"{where}: {owner}.{name}")
                for keyword in node.keywords:
                    constant = isinstance(keyword.value, ast.Constant) and keyword.value.value
                    if keyword.arg in ("shell", "allow_pickle") and constant is not False:
                        found.append(f"{where}: {keyword.arg}")
    assert looked > 300
    assert not found, "\n".join(found)
