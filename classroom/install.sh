#!/bin/sh
# Make .venv from the wheels in this folder; asks no network. PYTHON=/path chooses the Python.
set -eu
cd "$(dirname "$0")"
PYTHON=${PYTHON:-python3}

if [ -e .venv/complete ]; then
    echo "install: .venv is there already; to make it anew, delete it first"
    exit 0
fi
command -v "$PYTHON" >/dev/null || {
    echo "install: no $PYTHON found; say: PYTHON=/path/to/python3 sh install.sh" >&2; exit 1; }
"$PYTHON" fits.py
"$PYTHON" -c 'import venv, ensurepip' 2>/dev/null || {
    echo "install: $PYTHON has no venv; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }

# What an installation that was stopped has left is of no use.
trap '[ -e .venv/complete ] || rm -rf .venv' EXIT
trap 'exit 130' INT TERM
rm -rf .venv
echo "install: making .venv"
"$PYTHON" -m venv .venv
echo "install: installing $(ls wheels | wc -l | tr -d ' ') packages from wheels/ (about a minute)"
# No settings of this machine: nothing may come from anywhere else.
PIP_CONFIG_FILE=/dev/null .venv/bin/python -m pip --isolated --disable-pip-version-check --no-input \
    --no-cache-dir install --quiet --no-index --find-links wheels 'serverless-tax[book,labs]'
touch .venv/complete
echo "install: done; next say: sh doctor.sh"
