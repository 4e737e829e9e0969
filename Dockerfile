# One image for web, worker and beat. Built in stages; runs as a user without rights.
FROM node:22.20-bookworm-slim AS assets
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund

FROM python:3.13.9-slim-bookworm AS wheels
WORKDIR /build
COPY requirements.txt ./
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.13.9-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 SEOAPP_DATA=/data
# Pango and two fonts, for reports as PDF.
RUN apt-get update && apt-get install -y --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0 fonts-inter \
    fonts-dejavu-core && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin linkledger && install -d -o linkledger /data
COPY --from=wheels /opt/venv /opt/venv
WORKDIR /app
COPY . .
COPY --from=assets /build/node_modules/@tabler/core/dist node_modules/@tabler/core/dist
COPY --from=assets /build/node_modules/@tabler/icons/icons/outline node_modules/@tabler/icons/icons/outline
COPY --from=assets /build/node_modules/echarts/dist node_modules/echarts/dist
RUN SEOAPP_DATA=/tmp/build python manage.py collectstatic --noinput --verbosity 0 && rm -rf /tmp/build
USER linkledger
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["python", "-m", "seoapp.probe", "/healthz"]
CMD ["gunicorn", "-c", "python:seoapp.web", "seoapp.wsgi"]
