"""All measurements, one after another."""

from bench import answers, hang, many_users, storage, waiting

if __name__ == "__main__":
    for measured in (answers, hang, storage, many_users, waiting):
        measured.main()
        print()
