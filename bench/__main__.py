"""All measurements, one after another."""

from bench import answers, formatting, hang, many_users, storage, streams, waiting

if __name__ == "__main__":
    for measured in (answers, streams, formatting, hang, storage, many_users, waiting):
        measured.main()
        print()
