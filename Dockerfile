# The web page and its service, without what trains.
#
#   docker build -t deep-colorization .
#   docker run --rm -p 8000:7860 deep-colorization
FROM python:3.12-slim

WORKDIR /app
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY src src

# The locked versions of what the service imports: neither TensorFlow nor the client of Kaggle.
RUN sed -E '/^ +--hash/d; s/ +\\$//' requirements.lock > /tmp/constraints.txt \
 && pip install --no-cache-dir -c /tmp/constraints.txt '.[app]' \
 && rm -r src

ENV ORT_DISABLE_TELEMETRY=1

# Nothing is written, so any user will do.
USER 1000
EXPOSE 7860
HEALTHCHECK --start-period=20s CMD ["python", "-c", \
  "from urllib.request import urlopen; urlopen('http://127.0.0.1:7860/healthz', timeout=5)"]
CMD ["deepcolor", "app", "--host", "0.0.0.0", "--port", "7860"]
