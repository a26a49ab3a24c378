"""The second engine: the same records, ledger and inbox in PostgreSQL, for as many processes as one likes."""
