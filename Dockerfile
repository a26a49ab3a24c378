# The bot and nothing else: no compiler, no pip, no user but its own. The data lie in /data, everything else is read-only.
FROM python:3.13-slim-trixie AS packages
COPY requirements.txt /tmp/
# Wheels only, compiled here: nothing is built or written later. ffmpeg is in one of them, a third of Debian's size.
RUN python -m venv /opt/venv \
    && /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check -r /tmp/requirements.txt \
    && /opt/venv/bin/python -m pip uninstall --yes pip

FROM python:3.13-slim-trixie
LABEL org.opencontainers.image.title="telegram-assistant" \
      org.opencontainers.image.description="A self-hosted personal assistant in Telegram"
RUN groupadd --gid 10001 assistant \
    && useradd --uid 10001 --gid assistant --no-create-home --home-dir /data --shell /usr/sbin/nologin assistant \
    && install -d -m 700 -o assistant -g assistant /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
RUN /opt/venv/bin/python -m compileall -q .
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATA_FILE=/data/data.json \
    HEARTBEAT_FILE=/tmp/heartbeat
USER 10001:10001
VOLUME /data
# The file is there and younger than two minutes while updates are taken; nothing of Python is loaded for the question.
HEALTHCHECK --interval=30s --timeout=5s --start-period=2m --retries=2 \
    CMD ["/bin/sh", "-c", "test -n \"$(find /tmp/heartbeat -mmin -2)\""]
ENTRYPOINT ["python", "main.py"]
