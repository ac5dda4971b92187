#!/bin/sh
# Serve the book on this machine until Ctrl-C: `sh book.sh`, or `PORT=8080 sh book.sh`.
. "$(dirname "$0")/start.sh"
exec .venv/bin/python -u -m http.server "${PORT:-8000}" --bind 127.0.0.1 --directory site
