# Askwell in a container. Build: docker build -t askwell .
# Run:  docker run -d --name askwell --read-only --cap-drop ALL --security-opt no-new-privileges \
#           --tmpfs /tmp --ulimit core=0 --env-file .env -v askwell-data:/srv/askwell/var askwell
# Key:  add -v /etc/askwell/key:/run/secrets/askwell_key:ro for anonymous posts (docs/deployment.md)
# Name: docker build --build-arg ASKWELL_COMMIT=$(git rev-parse HEAD) … (for askwell --version)
# Pin:  docker build --build-arg PYTHON_IMAGE=python:3.12-slim@sha256:… (see docs/deployment.md)

ARG PYTHON_IMAGE=python:3.12-slim
FROM ${PYTHON_IMAGE} AS build
# What is installed is compiled for how it will run: without the texts that document code.
ENV PYTHONOPTIMIZE=2
WORKDIR /build
RUN python -m venv /opt/askwell
COPY requirements/run.txt ./
RUN /opt/askwell/bin/pip install --no-cache-dir --no-deps --require-hashes -r run.txt
COPY pyproject.toml setup.py README.md LICENSE ./
COPY bot bot
COPY cogs cogs
COPY data data
ARG ASKWELL_COMMIT=
RUN ASKWELL_COMMIT=${ASKWELL_COMMIT} /opt/askwell/bin/pip install --no-cache-dir --no-deps .

FROM ${PYTHON_IMAGE}
# A fixed id, so that the owner of a mounted folder can be named: chown 10001 folder
RUN useradd --system --uid 10001 --home-dir /srv/askwell --create-home --shell /usr/sbin/nologin askwell \
    && install -d -o askwell -g askwell -m 0700 /srv/askwell/var
COPY --from=build /opt/askwell /opt/askwell
ENV PATH=/opt/askwell/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONOPTIMIZE=2 \
    HEALTH_PORT=8081
WORKDIR /srv/askwell
USER askwell
VOLUME /srv/askwell/var
# Needs no gateway: Discord being down is no reason to start the container anew.
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s --retries=3 CMD ["askwell", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["askwell"]
CMD ["run"]
