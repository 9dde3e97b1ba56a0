# Sourced by ./run and ./test: find the tools, choose where builds go. Sets `root` and CARGO_TARGET_DIR.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

# The root of the clone, wherever the caller stands.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# What this machine keeps for us between builds: outside the clone, so that the clone stays clean and can be moved.
cache="${XDG_CACHE_HOME:-$HOME/.cache}/gongxin"

# Builds go where the caller says, else into the cache. Absolute, because cargo runs at the root.
choose_target() {
  local chosen="${CARGO_TARGET_DIR:-$cache/target}"
  case "$chosen" in
    /*) ;;
    *) chosen="$PWD/$chosen" ;;
  esac
  mkdir -p "$chosen" || { say "cannot write to \`$chosen\`: set CARGO_TARGET_DIR to a folder that can hold 10 GB"; return 1; }
  export CARGO_TARGET_DIR="$chosen"
  # Cargo tells by dates what it need not build again. Where another checkout was built here last, its dates say nothing
  # about this one's files.
  if [ "$(cat "$chosen/.checkout" 2>/dev/null)" != "$root" ]; then
    find "$root/crates" "$root/xtask" -name '*.rs' -exec touch {} +
    printf '%s\n' "$root" >"$chosen/.checkout"
  fi
}

# cargo, also where the login shell has not put it on the path.
need_cargo() {
  command -v cargo >/dev/null 2>&1 || PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
  if ! command -v cargo >/dev/null 2>&1; then
    say "cargo was not found. Install rustup, which brings the version that rust-toolchain.toml names:"
    say "  sudo apt-get install rustup    (Debian 13 and later), or follow https://rustup.rs"
    return 1
  fi
  # rustup fetches the pinned compiler by itself, or is asked to here where that is switched off.
  if ! (cd "$root" && cargo --version >/dev/null); then
    say "fetching the compiler that rust-toolchain.toml names"
    (cd "$root" && rustup toolchain install >&2) || { say "the compiler could not be fetched: see above"; return 1; }
  fi
}

need_cc() {
  command -v cc >/dev/null 2>&1 && return 0
  say "no C compiler (\`cc\`) was found; SQLite and some ciphers are compiled from C. On Debian:"
  say "  sudo apt-get install build-essential"
  return 1
}
