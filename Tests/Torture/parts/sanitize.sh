#!/usr/bin/env bash
# Part `sanitize`: the tests of all that reads bytes under address sanitizer, those of the database under thread sanitizer.
#   sanitize.sh [--scratch FOLDER] [address|thread]...
# Ends with 1 when a test failed or a sanitizer reported something.
set -euo pipefail
torture=$(cd "$(dirname "$0")/.." && pwd)
scratch=${QUIPU_BUILD_DIR:-$HOME/.cache/quipu-build}/sanitize
kinds=()
while [ $# -gt 0 ]; do
  case $1 in
    --scratch) scratch=$2; shift ;;
    address | thread) kinds+=("$1") ;;
    *) echo "sanitize.sh: $1 is not known; expected --scratch, address or thread" >&2; exit 2 ;;
  esac
  shift
done
[ ${#kinds[@]} -gt 0 ] || kinds=(address thread)

targets_of() {
  if [ "$1" = address ]; then echo Wire Ingest Domain Pricing HTML Pages; else echo Postgres Store; fi
}

# Leaks are not looked for: Swift marks bits of the pointers to texts, and the sanitizer takes those texts for lost.
export ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS=halt_on_error=0:exitcode=66 SWIFT_BACKTRACE=enable=no

failed=0 rounds=0 tests_run=0 started=$SECONDS notes=()
for kind in "${kinds[@]}"; do
  folder=$scratch/$kind log=$scratch/$kind.log status=0
  read -ra targets <<<"$(targets_of "$kind")"
  python3 "$torture/part_package.py" "$folder" "${targets[@]}" --tests
  nice swift test --package-path "$folder" --scratch-path "$scratch/build-$kind" --sanitize="$kind" >"$log" 2>&1 || status=$?
  summary=$(grep -E 'Test run with [0-9]+ tests?' "$log" | tail -1 || true)
  reports=$(grep -cE 'WARNING: ThreadSanitizer|ERROR: AddressSanitizer' "$log" || true)
  count=$(grep -oE 'Test run with [0-9]+' <<<"$summary" | grep -oE '[0-9]+' || echo 0)
  echo "$kind sanitizer: ${summary:-no tests ran, see $log}; $reports reports"
  rounds=$((rounds + 1)) tests_run=$((tests_run + count))
  if [ "$status" != 0 ] || [ "$reports" != 0 ] || [ "$count" = 0 ]; then failed=$((failed + 1)); notes+=("$kind: see $log"); fi
done
if [ -n "${TORTURE_SUMMARY:-}" ]; then
  printf 'sanitize\t%s\t%s\t-\t-\t%s\t%s\t%s\n' "$rounds" "$tests_run" "$failed" $((SECONDS - started)) "${notes[*]:-}" >>"$TORTURE_SUMMARY"
fi
[ "$failed" = 0 ]
