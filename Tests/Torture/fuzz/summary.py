"""Reads the logs of a fuzzing run: cases, coverage and findings by target. Ends with 1 when there are findings.

    summary.py FOLDER JSON-FILE-OR-EMPTY TARGET…
"""
import json
import re
import sys


def read(folder, target):
    text = open(f"{folder}/logs/{target}.log", errors="replace").read()
    last = lambda pattern: int((re.findall(pattern, text) or ["0"])[-1])
    finding = re.search(r"(FINDING: .*|SUMMARY: .*|==\d+== ?ERROR: .*|Fatal error: .*)", text)
    kept = re.search(r"Test unit written to (\S+)", text)
    done = re.search(r"^Done \d+ runs", text, re.M)
    cases = last(r"stat::number_of_executed_units: (\d+)") or last(r"^#(\d+)")
    return {"target": target, "cases": cases, "edges": last(r"cov: (\d+)"), "secondsPerMillion": None if not cases else
            round(1e6 / max(1, last(r"stat::average_exec_per_sec: +(\d+)"))), "peakMegabytes": last(r"stat::peak_rss_mb: +(\d+)"),
            "finding": None if done and not finding else (finding.group(1) if finding else "it ended early: see its log"),
            "input": kept.group(1) if kept else None}


def main(folder, report, *targets):
    results = [read(folder, target) for target in targets]
    for r in results:
        print(f'{r["target"]:16} {r["cases"]:>9} cases  {r["edges"]:>6} edges  {r["peakMegabytes"]:>5} MB  {r["finding"] or "nothing found"}')
        if r["input"]:
            print(f'{"":16} input: {r["input"]}')
    if report:
        with open(report, "w") as f:
            json.dump({"targets": results, "cases": sum(r["cases"] for r in results)}, f, indent=2)
    return 1 if any(r["finding"] for r in results) else 0


sys.exit(main(*sys.argv[1:]))
