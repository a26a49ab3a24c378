"""All measurements, one after another."""

from bench import answers, hang

if __name__ == "__main__":
    answers.main()
    print()
    hang.main()
