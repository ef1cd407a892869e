#!/usr/bin/env bash
# Part `fuzz`: a million cases of each decoder; options go to ../fuzz.sh.
set -euo pipefail
torture=$(cd "$(dirname "$0")/.." && pwd)
scratch=${QUIPU_BUILD_DIR:-$HOME/.cache/quipu-build}/fuzz started=$SECONDS status=0
mkdir -p "$scratch"
"$torture/fuzz.sh" --scratch "$scratch" --json "$scratch/result.json" "$@" || status=$?
if [ -n "${TORTURE_SUMMARY:-}" ] && [ "$status" -lt 2 ]; then
  python3 - "$scratch/result.json" $((SECONDS - started)) >>"$TORTURE_SUMMARY" <<'PY'
import json, sys
result = json.load(open(sys.argv[1]))
found = [r for r in result["targets"] if r["finding"]]
notes = "; ".join(f'{r["target"]}: {r["finding"]}' for r in found)
print("fuzz", len(result["targets"]), result["cases"], "-", "-", len(found), sys.argv[2], notes, sep="\t")
PY
fi
exit "$status"
