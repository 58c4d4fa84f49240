"""An operator that dies at a named step, as if its power had failed.

    python -m ipse_lab.faults --step STEP --home HOME --operator N

It is the real operator with one thing added: at the step it sends itself SIGKILL, so
nothing is flushed, closed or said. Steps are those of `ipse.operator.desk.Step`.
"""

import argparse
import os
import signal
import sys

from ipse.operator.__main__ import main
from ipse.operator.desk import Step


def main_with_fault(arguments: list[str] | None = None) -> int:
    """Run an operator until it reaches a step."""
    parser = argparse.ArgumentParser(prog="ipse_lab.faults", description=__doc__)
    parser.add_argument("--step", type=Step, choices=list(Step), required=True)
    chosen, others = parser.parse_known_args(arguments)

    def die(step: Step) -> None:
        if step is chosen.step:
            os.kill(os.getpid(), signal.SIGKILL)

    return main(others, die)


if __name__ == "__main__":
    sys.exit(main_with_fault())
