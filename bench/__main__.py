"""All measurements, one after another."""

from bench import answers, formatting, hang, long_lists, many_users, moving, storage, streams, waiting, workers
from proof import server

if __name__ == "__main__":
    among_many = (workers, moving, long_lists) if server.programs() else ()  # they start a PostgreSQL of their own
    for measured in (answers, streams, formatting, hang, storage, many_users, waiting, *among_many):
        measured.main()
        print()
