"""Measurements: each one command, each printing a ratio against a baseline of the same run."""
