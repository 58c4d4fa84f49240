"""An operator that dies at a named step, or whose disk is small.

    python -m ipse_lab.faults --step STEP --home HOME --operator N
    python -m ipse_lab.faults --file-bytes 500000 --home HOME --operator N

It is the real operator with one thing added. At the step it sends itself SIGKILL, as
if its power had failed: nothing is flushed, closed or said. Files that may not grow
further fail like those on a full disk. Steps are those of `ipse.operator.desk.Step`.
"""

import argparse
import os
import resource
import signal
import sys

from ipse.operator.__main__ import main
from ipse.operator.desk import Step


def main_with_fault(arguments: list[str] | None = None) -> int:
    """Run an operator until it reaches a step, or with little room."""
    parser = argparse.ArgumentParser(prog="ipse_lab.faults", description=__doc__)
    parser.add_argument("--step", type=Step, choices=list(Step))
    parser.add_argument("--file-bytes", type=int)
    chosen, others = parser.parse_known_args(arguments)
    if chosen.file_bytes is not None:
        bound = (chosen.file_bytes, chosen.file_bytes)
        resource.setrlimit(resource.RLIMIT_FSIZE, bound)

    def die(step: Step) -> None:
        if step is chosen.step:
            os.kill(os.getpid(), signal.SIGKILL)

    return main(others, die)


if __name__ == "__main__":
    sys.exit(main_with_fault())
