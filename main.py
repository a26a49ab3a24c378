"""Start here: read the settings, build the bot, run it."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this very line tells people with an older Python
    print("This bot needs Python 3.11 or newer: install one and start again with `python3.11 main.py`.")
    sys.exit(2)

try:
    import argparse
    import faulthandler
    import os
    from pathlib import Path

    os.environ.setdefault("PATH", os.defpath)  # pydub looks there for an ffmpeg as it loads, and fails without one

    from telebot.apihelper import ApiTelegramException

    import checkup
    import config
    import demo
    import logs
    import owner_tools
    import wizard
    from bot import Bot
    from engine.datafile import DataFileError
    from heartbeat import Heartbeat
    from reception import Reception
    from secrecy import Redaction
    from webhook import DoorError
    from workers import Role
except ModuleNotFoundError as missing:
    print(f"The package {missing.name} is missing: start with `make run`, or in a virtual environment of your own run")
    print("`python -m pip install -r requirements.txt` and then this program again.")
    sys.exit(2)

HERE = Path(__file__).resolve().parent
CONFIG_ERROR = 2
START_ERROR = 1


def main() -> int:
    """Run the bot as the arguments say; returns the exit code."""
    arguments = _arguments().parse_args()
    if arguments.demo:
        return demo.run(HERE, arguments.port)
    if arguments.move_storage:
        return owner_tools.move_storage(*arguments.move_storage)
    try:
        if len(sys.argv) == 1 and wizard.wanted(HERE, os.environ) and not wizard.run(HERE, os.environ):
            return CONFIG_ERROR
        settings = config.load(os.environ, HERE)
    except config.ConfigError as error:
        return _refuse(error.problems, CONFIG_ERROR)
    if arguments.check:
        return checkup.run(settings)
    if arguments.verify:
        return owner_tools.verify(settings)
    if arguments.restore:
        return owner_tools.restore(settings, arguments.restore)
    if arguments.export_csv:
        return owner_tools.export_csv(settings, arguments.export_csv)
    if arguments.export_sqlite:
        return owner_tools.export_sqlite(settings, arguments.export_sqlite)
    if arguments.role != "all" and not settings.storage_url:
        return _refuse([f"--role {arguments.role} needs STORAGE_URL: processes share a database."], CONFIG_ERROR)
    if arguments.role == "webhook" and not settings.webhook_url:
        return _refuse(["--role webhook needs WEBHOOK_URL and WEBHOOK_SECRET."], CONFIG_ERROR)
    return run(settings, arguments.role)


def run(settings: config.Config, role: Role = "all") -> int:
    """Run one bot until it is told to leave, or the part of it that serves what others take in."""
    redaction = Redaction(settings.secrets)
    try:
        logs.begin(redaction, settings.debug_mode, settings.log_file, settings.log_format == "json")
    except OSError as error:
        return _refuse([f"LOG_FILE cannot be written to: {error.strerror}."], CONFIG_ERROR)
    logs.say_sources(settings.sources)
    faulthandler.enable()  # where each thread was, should a library or the watchdog end the process
    try:
        bot = Reception(settings) if role == "webhook" else Bot(settings, role)
    except config.ConfigError as error:
        return _refuse(error.problems, CONFIG_ERROR)
    except DataFileError as error:
        return _refuse([redaction.clean(str(error))], START_ERROR)
    except DoorError as error:
        return _refuse([f"WEBHOOK_LISTEN: {error}."], START_ERROR)
    except ApiTelegramException as error:
        return _refuse([f"TELEGRAM_API_KEY is not accepted by Telegram (error {error.error_code})."], CONFIG_ERROR)
    return bot.run(Heartbeat(os.environ.get("NOTIFY_SOCKET", ""), settings.heartbeat_file))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="A personal assistant in Telegram; settings stand in .env.",
        epilog="Exit codes: 0 done, 1 not done, 2 settings or arguments are wrong, 143 ended by SIGTERM.",
    )
    parser.add_argument("--port", type=_port, default=0, help="of the demo's page (default: any free one)")
    parser.add_argument(
        "--role",
        choices=("all", "webhook", "worker"),
        default="all",
        help="for processes with one STORAGE_URL: only take updates in, or only serve them (default: all)",
    )
    add = parser.add_mutually_exclusive_group().add_argument
    add("--check", action="store_true", help="try every part, start nothing")
    add("--demo", action="store_true", help="run on this machine alone: no keys, no network")
    data = parser.add_argument_group("with the data of a stopped bot")
    add = data.add_mutually_exclusive_group().add_argument
    add("--verify", action="store_true", help="prove that every wallet is the sum of its ledger lines")
    add("--restore", type=Path, metavar="FILE", help="put a copy in the place of data.json")
    add("--export-csv", type=Path, metavar="DIR", help="write users, ledger and usage as CSV files")
    add("--export-sqlite", type=Path, metavar="FILE", help="write the same into a new SQLite database")
    places = ("FROM", "TO")
    add("--move-storage", nargs=2, metavar=places, help="move everything: each a path, or postgresql://user@host/base")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError("a port is a whole number from 0 (any free one) to 65535")
    return int(text)


def _refuse(problems: list[str], code: int) -> int:
    for problem in problems:
        print(problem, file=sys.stderr)
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # before the bot runs; afterwards Ctrl-C is its way to stop
        sys.exit(0)
