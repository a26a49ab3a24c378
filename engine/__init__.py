"""How everything stays on the disk: journal, checkpoints into data.json, the ledger, the inbox of updates."""
