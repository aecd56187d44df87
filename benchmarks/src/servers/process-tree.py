"""Runs a server that has processes of its own, and counts them all: the side of `server-process.ts` for such.

    python3 process-tree.py PROGRAM ARGUMENT…

The program keeps the same protocol: it prints its port and ends with its standard input. Its processes may run on every
core, those of the load included: they are there to run at the same time. Linux only: it reads /proc.
"""
import json
import os
import subprocess
import sys

TICK_US = 1_000_000 // os.sysconf("SC_CLK_TCK")
PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


def descendants(root):
    parents = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % name) as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append((int(name), fields))
    found = []
    waiting = [root]
    while waiting:
        for pid, fields in parents.get(waiting.pop(), []):
            found.append(fields)
            waiting.append(pid)
    return found


def usage():
    tree = descendants(os.getpid())
    return {
        "cpuUs": sum(int(fields[11]) + int(fields[12]) for fields in tree) * TICK_US,
        "residentSize": sum(int(fields[21]) for fields in tree) * PAGE_SIZE,
    }


os.sched_setaffinity(0, range(os.cpu_count()))
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
sys.stdout.write(server.stdout.readline())
sys.stdout.flush()
for line in sys.stdin:
    if line == "usage\n":
        print(json.dumps(usage()), flush=True)
server.stdin.close()
sys.exit(server.wait())
