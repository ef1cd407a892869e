#!/usr/bin/env bash
# Coverage-guided fuzzing of every decoder and all that follows it, up to the rows of the database, under address sanitizer.
#   fuzz.sh [--cases N] [--seconds N] [--only TARGET]... [--jobs N] [--scratch FOLDER] [--json FILE]
# Each target runs N cases (default 1,000,000) or for so many seconds. Ends with 1 when an input was found; it is kept in
# FOLDER/findings and `fuzz.sh --only TARGET --input FILE` runs it again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cases=1000000 seconds=0 jobs=$(nproc) scratch=${TMPDIR:-/tmp}/quipu-fuzz json= input=
targets=()
while [ $# -gt 0 ]; do
  case $1 in
    --cases) cases=$2 ;; --seconds) seconds=$2 cases=-1 ;; --only) targets+=("$2") ;; --jobs) jobs=$2 ;;
    --scratch) scratch=$2 ;; --json) json=$2 ;; --input) input=$(realpath "$2") ;;
    *) echo "fuzz.sh: $1 is not known; expected --cases, --seconds, --only, --jobs, --scratch, --json or --input" >&2; exit 2 ;;
  esac
  shift 2
done

if ! ls "$(dirname "$(dirname "$(readlink -f "$(command -v swiftc)")")")"/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a >/dev/null 2>&1; then
  echo "fuzz.sh: this toolchain has no libFuzzer" >&2; exit 3
fi
mkdir -p "$scratch"
python3 "$here/part_package.py" "$scratch/package" Wire Ingest Domain Pricing Store Postgres HTML Pages --fuzz
python3 "$here/fuzz/seeds.py" "$scratch"
build=(swift build -c release --package-path "$scratch/package" --scratch-path "$scratch/build" -Xswiftc -sanitize=fuzzer,address
  -Xswiftc -enable-testing --product Fuzz)
"${build[@]}" >"$scratch/build.log" 2>&1 || { grep -E "error" "$scratch/build.log" >&2; exit 2; }
swiftc -sanitize=fuzzer,address "$scratch/build/release/libFuzz.a" -o "$scratch/fuzz" -lz -lzstd -lpq -lcrypto 2>"$scratch/link.log" ||
  { tail -20 "$scratch/link.log" >&2; exit 2; }

if [ ${#targets[@]} = 0 ]; then mapfile -t targets < <(ls "$scratch/seeds"); fi
if [ -n "$input" ]; then QUIPU_FUZZ_TARGET=${targets[0]} exec "$scratch/fuzz" "$input"; fi

# Slow inputs are findings too: 10 s, 2 GB of memory (the sanitizer keeps freed pieces), or 256 MB in one allocation. Leaks are not looked for: Swift
# marks bits of the pointers to texts, so that the sanitizer takes every text that a global holds for lost.
# Bytes of the longest input: small ones run faster and find as much.
longest() {
  case $1 in numbers) echo 200 ;; attributes) echo 800 ;; json | content | metrics-*) echo 2000 ;; *) echo 8000 ;; esac
}
run() {
  local target=$1
  mkdir -p "$scratch/findings" "$scratch/logs"
  QUIPU_FUZZ_TARGET=$target SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=64:malloc_context_size=3:max_malloc_fill_size=0 nice "$scratch/fuzz" -runs="$cases" -max_total_time="$seconds" -max_len="$(longest "$target")" \
    -len_control=50 -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=256 -dict="$scratch/names.dict" -print_final_stats=1 -detect_leaks=0 \
    -artifact_prefix="$scratch/findings/$target-" "$scratch/corpus/$target" "$scratch/seeds/$target" >"$scratch/logs/$target.log" 2>&1 || true
}
export -f run longest
export scratch cases seconds
printf '%s\n' "${targets[@]}" | xargs -P "$jobs" -I{} bash -c 'run {}'
exec python3 "$here/fuzz/summary.py" "$scratch" "$json" "${targets[@]}"
