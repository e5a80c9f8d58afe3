# Tandem in a container: docker build -t tandem . Settings come from the environment when it runs, never into the image.
FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app

# The dependencies first: they change more seldom than the program does. Each is checked against its hash.
COPY requirements.lock ./
RUN python -m venv .venv \
 && .venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r requirements.lock

COPY tandem tandem.example.toml ./
COPY bot bot
COPY digests digests
COPY domain domain
COPY handlers handlers
COPY playground playground
COPY storage storage
RUN useradd --system --uid 10001 --home-dir /data --create-home tandem

# What Tandem keeps, when it keeps it in SQLite.
USER tandem
VOLUME /data
ENV DATABASE_URL=sqlite:////data/tandem.db PORT=3000 LOG_FORMAT=json
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD \
  [".venv/bin/python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["./tandem"]
CMD ["serve"]
