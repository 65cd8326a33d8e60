"""Stands for ``python ARGUMENTS``: lets a server (`server.py`) fork a process, passes signals on, and ends like it.

python -I -S start.py SOCKET ARGUMENTS...
"""

import array
import json
import os
import signal
import socket
import sys

PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)

path, *arguments = sys.argv[1:]
connection = socket.socket(socket.AF_UNIX)
connection.connect(path)
# Listing the folder takes a number that is free afterwards.
files = [
    n
    for n in map(int, os.listdir("/proc/self/fd"))
    if n != connection.fileno() and os.path.exists(f"/proc/self/fd/{n}")
]
request = {
    "arguments": arguments,
    "environment": dict(os.environ),
    "folder": os.getcwd(),
    "cpus": sorted(os.sched_getaffinity(0)),
    "files": files,
}
text = json.dumps(request).encode()
connection.sendmsg([b"%-8d" % len(text)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))])
for number in PASSED_ON:
    signal.signal(number, lambda received, _: connection.sendall(bytes([received])))
connection.sendall(text)
answer = connection.makefile().readline()
if answer == "start\n":
    for number in PASSED_ON:
        signal.signal(number, signal.SIG_DFL)
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - the interpreter itself
code = int(answer)
if code < 0:
    if -code in PASSED_ON:
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
sys.exit(code)
