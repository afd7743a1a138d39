# The service as a small image: what built it stays behind, and a user without rights runs it. See docker-compose.yml.
FROM python:3.13-slim-trixie AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements/build.lock requirements/run.lock requirements/
RUN python -m venv /opt/isopath \
    && /opt/isopath/bin/pip install --no-build-isolation --require-hashes --requirement requirements/build.lock \
    && /opt/isopath/bin/pip install --no-build-isolation --require-hashes --requirement requirements/run.lock
COPY pyproject.toml README.md LICENSE ./
COPY api api
COPY encoders encoders
COPY engine engine
COPY ontology ontology
COPY cypher cypher
COPY seed_data seed_data
RUN /opt/isopath/bin/pip install --no-build-isolation --no-deps --no-index . \
    && /opt/isopath/bin/pip uninstall --yes pip setuptools wheel hatchling editables

FROM python:3.13-slim-trixie
LABEL org.opencontainers.image.title="Isopath" org.opencontainers.image.licenses="MIT"
RUN useradd --system --uid 10001 --create-home --home-dir /home/isopath isopath \
    && install --directory --owner=isopath --mode=0700 /home/isopath/data
COPY --from=build /opt/isopath /opt/isopath
ENV PATH=/opt/isopath/bin:$PATH PYTHONDONTWRITEBYTECODE=1 ISOPATH_HOME=/home/isopath/data \
    XDG_CACHE_HOME=/home/isopath/data/cache \
    ORT_DISABLE_TELEMETRY=1 HF_HUB_DISABLE_TELEMETRY=1 DO_NOT_TRACK=1
USER 10001
VOLUME /home/isopath/data
EXPOSE 8321
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=6 \
    CMD ["python", "-m", "api.healthy"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["isopath"]
CMD ["serve", "--host", "0.0.0.0"]
