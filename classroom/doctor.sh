#!/bin/sh
# Say whether this machine can run the labs, in about ten seconds.
. "$(dirname "$0")/start.sh"
exec .venv/bin/serverless-tax doctor
