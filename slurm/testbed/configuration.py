"""The configuration files of the daemons of a testbed."""

import os
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

NODES = ("n1", "n2")
MUNGE_FILES = {"socket": "munge.socket", "key-file": "munge.key", "pid-file": "munged.pid", "seed-file": "munged.seed"}
"""Names in the folder by option of munged."""
CONFIGURATION = "slurm.conf"
FOLDERS = ("state", "spool-n1", "spool-n2")

TEXT = """\
ClusterName=testbed
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# A requeued job waits for the lifetime of its credential, by default 120 s.
AuthInfo=socket={folder}/munge.socket,cred_expire=5
PlugStackConfig={folder}/plugstack.conf

StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/jobs.txt

# Plug-ins that work without systemd, control groups and a database.
ProctrackType=proctrack/linuxproc
TaskPlugin={task_plugin}
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
MailProg=/bin/true

SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,bf_interval=1
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=5

GresTypes=gpu
{nodes}
# Jobs share CPUs, so that they do not wait for each other.
PartitionName=batch Nodes={names} Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:16
"""
NODE = "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={cpus} RealMemory={memory} Gres=gpu:1"
PRETENDED_GPU = "NodeName={names} Name=gpu File=/dev/null\n"


def write_configuration(folder: Path) -> Path:
    """Write key and configuration of a testbed into `folder`; returns the path of ``slurm.conf``."""
    for name in FOLDERS:
        (folder / name).mkdir()
    key = folder / MUNGE_FILES["key-file"]
    key.touch(mode=0o600)
    key.write_bytes(os.urandom(128))
    (folder / "plugstack.conf").touch()
    names = ",".join(NODES)
    (folder / "gres.conf").write_text(PRETENDED_GPU.format(names=names))
    host = socket.gethostname().partition(".")[0]
    controller_port, *ports = _free_ports(1 + len(NODES))
    cpus, task_plugin = _cpus()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    nodes = [
        NODE.format(name=name, host=host, port=port, cpus=cpus, memory=memory)
        for name, port in zip(NODES, ports, strict=True)
    ]
    text = TEXT.format(
        host=host,
        controller_port=controller_port,
        folder=folder,
        task_plugin=task_plugin,
        nodes="\n".join(nodes),
        names=names,
    )
    path = folder / CONFIGURATION
    path.write_text(text)
    return path


def _cpus() -> tuple[int, str]:
    """CPUs of a node, of which two tasks may need one each, and the plug-in that binds tasks where that can be done."""
    usable, count = os.sched_getaffinity(0), os.cpu_count() or 1
    # Slurm counts CPUs from 0, and ignores the limits of a container.
    binds = count >= 2 and len(usable) == count
    return max(2, len(usable)), "task/affinity" if binds else "task/none"


def _free_ports(number: int) -> Sequence[int]:
    """Ports that are free at this moment, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("", 0))
        return [one.getsockname()[1] for one in sockets]
