# The command line in an image, for copy jobs in clusters and for CI; docs/installing.md says why no engine is in it.
# Build it after `make dist`.
ARG PYTHON=docker.io/library/python:3.11-slim

FROM ${PYTHON} AS installed
COPY requirements.lock dist/*.whl /tmp/
# each package at the version, and with one of the hashes, that the tests ran with
RUN python -m venv /opt/hub2ghcr \
 && /opt/hub2ghcr/bin/pip install --no-cache-dir --require-hashes --requirement /tmp/requirements.lock \
 && /opt/hub2ghcr/bin/pip install --no-cache-dir --no-index --no-deps /tmp/*.whl

FROM ${PYTHON}
COPY --from=installed /opt/hub2ghcr /opt/hub2ghcr
ENV PATH=/opt/hub2ghcr/bin:$PATH
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["hub2ghcr"]
CMD ["--help"]
