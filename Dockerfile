# syntax=docker/dockerfile:1
#
#   docker build --target cpu  -t digits:cpu  .     torch on the CPU
#   docker build --target slim -t digits:slim .     ONNX Runtime, no torch, no shell
#   docker build --target cuda -t digits:cuda .     torch on an NVIDIA GPU
#
# --build-arg EXTRAS=1 adds what sends traces and what reads PDF and HEIC. deploy/README.md says how each image was
# checked, and how the locks are made.

# Debian 12: its Python, 3.11, is the one that the tests run on.
ARG DEBIAN=debian:bookworm-20260824-slim@sha256:88200866dfff7ea7f5cbcb6ec7c8a701889efe6fe859fe64d6990e4b07ea4171
# Where torch for the CPU comes from, beside the usual index, whose torch for Linux is the CUDA build.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
# Whether there is more than serving needs: see extras.lock.
ARG EXTRAS=


# ---- Packages, each with the hash of its file. pip stays in these stages; the environment that it fills has no pip.

FROM ${DEBIAN} AS builder
ENV PIP_CACHE_DIR=/var/cache/pip
RUN apt-get update \
    && apt-get install --yes --no-install-recommends binutils python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && python3 -m venv /opt/pip \
    && python3 -m venv --without-pip /opt/digits
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_REQUIRE_HASHES=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /build
# The locks alone, so that the packages are installed again only when they change.
COPY deploy/docker/slim.lock deploy/docker/cpu.lock deploy/docker/cuda.lock deploy/docker/extras.lock ./

FROM builder AS cpu-packages
ARG EXTRAS
ARG TORCH_INDEX
RUN --mount=type=cache,target=/var/cache/pip \
    /opt/pip/bin/pip --python /opt/digits/bin/python install --extra-index-url "${TORCH_INDEX}" \
        -r cpu.lock ${EXTRAS:+-r extras.lock}

FROM builder AS cuda-packages
ARG EXTRAS
RUN --mount=type=cache,target=/var/cache/pip \
    /opt/pip/bin/pip --python /opt/digits/bin/python install -r cuda.lock ${EXTRAS:+-r extras.lock}

FROM builder AS slim-packages
ARG EXTRAS
RUN --mount=type=cache,target=/var/cache/pip \
    /opt/pip/bin/pip --python /opt/digits/bin/python install --no-compile -r slim.lock ${EXTRAS:+-r extras.lock}
COPY app/ app/
COPY model/ model/
COPY pyproject.toml ./
COPY deploy/docker/prune.py deploy/docker/
RUN PYTHONPATH=/build /opt/digits/bin/python deploy/docker/prune.py /opt/digits/lib/python3.11/site-packages \
    && strip --strip-debug /opt/digits/lib/python3.11/site-packages/uvloop/*.so \
    && /opt/digits/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/digits/lib

# The slim image's root: libc, libstdc++, Python and what its modules link to, with no shell and no package
# manager. The control files stay where scanners look for the packages of such an image.
FROM builder AS slim-root
RUN mkdir -p /root-fs/usr/bin /root-fs/usr/lib /root-fs/usr/lib64 /root-fs/usr/sbin /root-fs/var/lib/dpkg/status.d /debs \
    && for folder in bin lib lib64 sbin; do ln -s "usr/${folder}" "/root-fs/${folder}"; done \
    && apt-get update \
    && cd /debs \
    && apt-get download base-files libbz2-1.0 libc6 libcrypt1 libexpat1 libffi8 libgcc-s1 liblzma5 \
        libpython3.11-minimal libpython3.11-stdlib libsqlite3-0 libssl3 libstdc++6 libuuid1 media-types \
        netbase python3.11-minimal zlib1g \
    && for package in *.deb; do \
        dpkg-deb --fsys-tarfile "${package}" | tar --extract --keep-directory-symlink --directory /root-fs; \
        dpkg-deb --field "${package}" > "/root-fs/var/lib/dpkg/status.d/${package%%_*}"; \
    done \
    && cd /root-fs \
    && rm -rf usr/lib/*/audit usr/lib/*/gconv usr/share/doc-base usr/share/lintian usr/share/locale usr/share/man \
        usr/lib/python3.11/ensurepip usr/lib/python3.11/lib2to3 usr/lib/python3.11/pydoc_data \
    && find usr/share/doc -type f ! -name copyright -delete \
    && ln -s python3.11 usr/bin/python3 \
    && python3 -m compileall -q --invalidation-mode unchecked-hash usr/lib/python3.11 \
    && printf 'root:x:0:0:root:/:/sbin/nologin\ndigits:x:10001:10001:digits:/tmp:/sbin/nologin\n' > etc/passwd \
    && printf 'root:x:0:\ndigits:x:10001:\n' > etc/group \
    && mkdir -p tmp && chmod 1777 tmp


# ---- Images. Each carries its packages in /opt/digits and the sources in /srv/digits, all owned by root.

FROM ${DEBIAN} AS runtime
RUN apt-get update \
    && apt-get upgrade --yes \
    && apt-get install --yes --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* \
    && groupadd --gid 10001 digits \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin digits
# glibc gives freed blocks of this size back to the system with every image, and takes page faults anew for the next.
ENV PATH=/opt/digits/bin:/usr/bin:/bin HOST=0.0.0.0 PORT=8000 \
    MALLOC_TRIM_THRESHOLD_=33554432 MALLOC_MMAP_THRESHOLD_=4194304 \
    OMP_NUM_THREADS=1 ORT_DISABLE_TELEMETRY=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /srv/digits
COPY app/ app/
COPY model/ model/
COPY static/ static/
COPY pyproject.toml LICENSE ./
RUN ["python3", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "app", "model"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:%s/readyz' % (os.environ.get('DIGITS_PORT') or os.environ['PORT']), timeout=2)"]
CMD ["python", "-m", "app"]

FROM runtime AS cuda
COPY --from=cuda-packages /opt/digits /opt/digits
COPY deploy/docker/serve /opt/digits/bin/
ENV DIGITS_DEVICE=cuda NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER 10001:10001
RUN ["python", "-c", "import app.server, model.engines.torch_engine"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="digits" \
      org.opencontainers.image.description="Handwritten digits read by LeNet-5; torch on an NVIDIA GPU" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

FROM scratch AS slim
COPY --from=slim-root /root-fs/ /
COPY --from=slim-packages /opt/digits /opt/digits
COPY deploy/docker/serve /opt/digits/bin/
ENV PATH=/opt/digits/bin HOST=0.0.0.0 PORT=8000 \
    MALLOC_TRIM_THRESHOLD_=33554432 MALLOC_MMAP_THRESHOLD_=4194304 \
    OMP_NUM_THREADS=1 ORT_DISABLE_TELEMETRY=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /srv/digits
COPY --from=runtime /srv/digits ./
USER 10001:10001
# Shows that nothing needed was pruned: the models load and answer. A checkpoint without its .onnx file, or with one
# made from other weights, ends the build here: `python -m model export NAME` makes it.
RUN ["python", "-c", "import app.server; from app.models import load; from app.settings import Settings; load(Settings.read()).warm_up()"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:%s/readyz' % (os.environ.get('DIGITS_PORT') or os.environ['PORT']), timeout=2)"]
CMD ["python", "-m", "app"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="digits" \
      org.opencontainers.image.description="Handwritten digits read by LeNet-5; ONNX Runtime on the CPU, without torch" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# The last stage is what `docker build .` makes.
FROM runtime AS cpu
COPY --from=cpu-packages /opt/digits /opt/digits
COPY deploy/docker/serve /opt/digits/bin/
USER 10001:10001
RUN ["python", "-c", "import app.server; from app.models import load; from app.settings import Settings; load(Settings.read()).warm_up()"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="digits" \
      org.opencontainers.image.description="Handwritten digits read by LeNet-5; torch on the CPU" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
