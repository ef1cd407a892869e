# Shared by deploy/run, deploy/test and deploy/torture; sourced, not run.
# shellcheck shell=bash
# shellcheck disable=SC2034

# Debian 12 packages. Each is installed only if it is missing.
build_packages=(
  ca-certificates pkg-config libpq-dev zlib1g-dev libzstd-dev libargon2-dev libpcre2-dev libssl-dev libxlsxwriter-dev
  libcurl4-openssl-dev libqrencode-dev
)
run_packages=(
  postgresql-15 libpq5 zlib1g libzstd1 libargon2-1 libpcre2-8-0 libssl3 libxlsxwriter4 libcurl4 libqrencode4 util-linux
)
test_packages=(
  chromium chromium-driver libreoffice-calc procps python3 python3-venv
)

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build_directory=${QUIPU_BUILD_DIR:-$HOME/.cache/quipu-build}

say() { printf '==> %s\n' "$*" >&2; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || printf '%s\n' "$package"
  done
}

# Runs a command as root: directly or by sudo; 1 if neither works.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    sudo "$@"
  else
    return 1
  fi
}

# Debian starts a server of its own when postgresql-15 is installed; Quipu brings its own and needs only the programs.
refuse_default_cluster() {
  local file=/etc/postgresql-common/createcluster.conf
  [ -e "$file" ] && return
  as_root mkdir -p /etc/postgresql-common
  echo 'create_main_cluster = false' | as_root tee "$file" >/dev/null
}

ensure_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "this is no Debian: make sure that the equivalents of these packages are there: $*"
    return
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -eq 0 ] && return
  say "installing: ${missing[*]}"
  if ! as_root true; then
    fail "these packages are missing and only root may install them: run  apt-get install ${missing[*]}"
  fi
  if [[ " ${missing[*]} " == *" postgresql-15 "* ]]; then refuse_default_cluster; fi
  as_root apt-get -q update >&2 || say "apt-get update failed; trying with the lists that are there"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "${missing[@]}" >&2 ||
    fail "apt-get could not install: ${missing[*]}"
}

ensure_swift() {
  command -v swift >/dev/null || fail "Swift 6.3 is needed and no swift is in the PATH: https://www.swift.org/install/linux/"
  local version
  version=$(swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | head -n 1 | grep -oE '[0-9]+\.[0-9]+')
  [ -n "$version" ] || fail "swift --version gives no version"
  if [ "$(printf '%s\n6.3\n' "$version" | sort -V | head -n 1)" != 6.3 ]; then
    fail "Swift 6.3 or newer is needed; this is $version ($(command -v swift))"
  fi
}

# The Python environment of the end-to-end tests; made anew when the list of requirements changes.
ensure_python() {
  local list=$repository/Tests/EndToEnd/requirements.txt environment=$build_directory/venv
  local stamp=$environment/requirements.sha256 wanted
  wanted=$(sha256sum <"$list")
  if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$wanted" ]; then
    say "making the Python environment of the end-to-end tests"
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$list" >&2 || fail "pip could not install $list"
    printf '%s\n' "$wanted" >"$stamp"
  fi
  export QUIPU_TEST_PYTHON=$environment/bin/python
}
