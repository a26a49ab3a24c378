"""Taking everything from one place to another, each a file or a database: in pieces, so that it can be gone on with."""
