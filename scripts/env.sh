# shellcheck shell=sh
# Sourced by the other scripts, with $root set: finds a Python and prepares .venv.
#
#   prepare run        what the program needs (requirements/run.txt)
#   prepare dev        that, the checkers and the build tools (requirements/dev.txt)
#   programs NAME…     on a CI machine, installs the Debian packages that have these

python=$root/.venv/bin/python

prepare() {
    stamp=$(cat "$root/.venv/stamp.$1" 2>/dev/null) || stamp=none
    if [ ! -x "$python" ] || [ "$stamp" != "$(expected_stamp "$1")" ]; then
        base=$(find_python) || exit 1
        "$base" -P "$root/scripts/bootstrap.py" "$1" || exit
    fi
}

# The lock file and the place: an environment does not survive being moved.
expected_stamp() {
    { cat "$root/requirements/$1.txt" && printf '%s\n' "$root"; } | sha256sum | cut -d' ' -f1
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    echo "botkube: no Python 3.11 or newer found: install one (Debian: apt install python3 python3-venv) or name it in PYTHON." >&2
    return 1
}

# Elsewhere than in CI nothing is installed: a test that misses a program says which one.
programs() {
    { [ "${CI:-}" = true ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; } || return 0
    packages=
    for program in "$@"; do
        has_program "$program" || packages="$packages $(package_of "$program")"
    done
    if [ -n "$packages" ]; then
        echo "installing$packages" >&2
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq >/dev/null
        # shellcheck disable=SC2086  # one word per package
        apt-get install -qq -y -o Dpkg::Use-Pty=0 --no-install-recommends $packages >/dev/null
    fi
}

has_program() {
    case $1 in
    ensurepip) python_says 'import ensurepip, venv' ;;
    libpython) python_says 'import ctypes, sysconfig as s; ctypes.CDLL(s.get_config_var("INSTSONAME"))' ;;
    libatomic) python_says 'import ctypes; ctypes.CDLL("libatomic.so.1")' ;; # the browser driver needs it
    *) command -v "$1" >/dev/null ;;
    esac
}

python_says() {
    found=$(find_python 2>/dev/null) && "$found" -c "$1" 2>/dev/null
}

package_of() {
    case $1 in
    ensurepip) echo python3-venv ;;
    libpython) python_says 'import sys; print("libpython3.%d" % sys.version_info[1])' ;;
    libatomic) echo libatomic1 ;;
    objdump) echo binutils ;;
    node) echo nodejs ;;
    systemd-analyze) echo systemd ;;
    chromium) echo chromium fonts-dejavu-core ;;
    *) echo "$1" ;;
    esac
}
