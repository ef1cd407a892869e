#!/usr/bin/env python3
"""Part `database`: every way a database fails without losing anything, for a minute each, under full load."""
import sys

import paths  # noqa: F401

import audit
import outages
import rounds
import trial
from ledger import Ledger


def main():
    report = rounds.Report("database")
    seconds, only = rounds.chosen("seconds", 60), sys.argv[1:]
    for kind in outages.ALL:
        if only and kind.name not in only:
            continue
        try:
            findings, detail = trial.run(kind, seconds, Ledger(rounds.chosen("seed", 1)), flood_threads=48)
        except outages.NotPossible as reason:
            report.notes.append(f"left out {kind.name}: {reason}")
            continue
        except AssertionError as problem:
            findings, detail = audit.Findings(wrong=[f"{kind.name}: {problem}"]), ""
        report.add(kind.name, findings, detail)
    report.finish()


if __name__ == "__main__":
    main()
