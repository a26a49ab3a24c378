#!/bin/sh
# Runs the bot and starts it again after a crash, for tmux, screen or a terminal that stays open.
# After /stop and Ctrl-C (0), bad settings (2) and SIGTERM (143) it stays down.
cd "$(dirname "$0")/.." || exit 2
trap : INT # Ctrl-C is for the bot; the loop ends with it
while :; do
    "${PYTHON:-.venv/bin/python}" main.py
    code=$?
    case $code in
    0 | 2 | 143) exit "$code" ;;
    esac
    echo "The bot ended with exit code $code; it starts again in 5 seconds, Ctrl-C leaves it." >&2
    sleep 5 || exit "$code"
done
