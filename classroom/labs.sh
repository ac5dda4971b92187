#!/bin/sh
# Open the labs in Jupyter Lab: `sh labs.sh`, or `sh labs.sh student-labs` for those without solutions.
. "$(dirname "$0")/start.sh"
FOLDER=${1:-labs}
[ -d "$FOLDER" ] || { echo "labs: there is no folder $FOLDER; say labs or student-labs" >&2; exit 1; }
# Jupyter asks for this where everything runs as root, as in a container.
AS_ROOT=$([ "$(id -u)" -ne 0 ] || echo --allow-root)
export PYTHONSTARTUP="$PWD/jupyter/startup.py"  # an error is a sentence before the set-up too
exec .venv/bin/jupyter-lab "$FOLDER" --LabApp.app_settings_dir=jupyter $AS_ROOT
