"""All measurements, one after another."""

from bench import answers

if __name__ == "__main__":
    answers.main()
