# The web page and its service, without what trains.
#
#   docker build -t deep-colorization .
#   docker run --rm -p 8000:7860 deep-colorization
# The digest of the tag 3.12-slim in August 2026; renew it together with the lock.
FROM python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea

WORKDIR /app
COPY pyproject.toml requirements-app.lock README.md LICENSE ./
# The locked versions of what the service imports, with their hashes: newest releases, and neither
# TensorFlow nor the client of Kaggle.
RUN pip install --no-cache-dir --require-hashes -r requirements-app.lock
COPY src src
RUN pip install --no-cache-dir --no-deps --no-build-isolation . && rm -r src

ENV ORT_DISABLE_TELEMETRY=1

# Nothing is written, so any user will do.
USER 1000
EXPOSE 7860
HEALTHCHECK --start-period=20s CMD ["python", "-c", \
  "from urllib.request import urlopen; urlopen('http://127.0.0.1:7860/healthz', timeout=5)"]
CMD ["deepcolor", "app", "--host", "0.0.0.0", "--port", "7860"]
