# Read by the start scripts: go where they stand, and see that it is installed.
set -eu
cd "$(dirname "$0")"
[ -e .venv/complete ] || { echo "not installed yet; say first: sh install.sh" >&2; exit 1; }
