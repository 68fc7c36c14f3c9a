# Sourced by deploy/demo, deploy/test and deploy/benchmark: makes .venv with the pinned packages (its first argument: "" or "[test]"), and fetches what the
# embedded parts need. Does nothing that is done already. Sets $root and $python.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=$root/.venv/bin/python

fail() {
  echo "distillwatch: $*" >&2
  exit 1
}

install_debian() { # package...: when we may and can
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  echo "installing $* (apt-get)" >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 && return
  apt-get update -qq >/dev/null 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
}

find_python() {
  local candidate
  for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

make_venv() {
  local base
  base=$(find_python) || { install_debian python3 python3-venv && base=$(find_python); } ||
    fail "Python 3.11 or newer is needed: install python3 and python3-venv"
  "$base" -m venv "$root/.venv" >/dev/null 2>&1 || {
    rm -rf "$root/.venv"
    install_debian python3-venv && "$base" -m venv "$root/.venv" >/dev/null 2>&1
  } || fail "$base cannot make a virtual environment: install python3-venv"
}

install_packages() { # extras
  local stamp wanted
  stamp=$root/.venv/installed$1
  wanted=$(cat "$root/pyproject.toml" "$root/deploy/constraints.txt" | sha256sum)
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return
  echo "installing the pinned packages into .venv (a minute or two the first time)" >&2
  PIP_CONSTRAINT=$root/deploy/constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 \
    "$python" -m pip install -q -e "$root$1" || fail "the packages could not be installed; see above"
  echo "compiling the judgement's inner loops (up to a minute the first time)" >&2
  (cd "$root" && "$python" -c 'from models.config import Config; from models.mind import Mind; Mind.of(Config(), b"compiled only")') ||
    fail "the judgement could not be compiled; see above"
  echo "$wanted" >"$stamp"
}

[ -x "$python" ] || make_venv
install_packages "$1"
export DISTILLWATCH_LOCAL__DIRECTORY=${DISTILLWATCH_LOCAL__DIRECTORY:-$root/.distillwatch}
if ! "$root/.venv/bin/distillwatch" local install >/dev/null 2>&1; then
  command -v mvn >/dev/null || install_debian maven || fail "Maven is needed once, for the Kafka jars: install the package maven"
  "$root/.venv/bin/distillwatch" local install >&2 || exit 1
fi
