#!/bin/sh
# Lambda hands its interpreter and arguments to this script; it starts our runtime client instead.
exec "$1" "$LAMBDA_TASK_ROOT/stream_runtime.py"
