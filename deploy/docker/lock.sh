#!/bin/sh
# Makes the locks of the images anew: every package that they install, with the hashes of its files. Needs uv.
# torch for the CPU comes from PyTorch's own index: the hash of its wheel is that of the file named by TORCH_WHEEL.
set -eu
cd "$(dirname "$0")/../.."
compile() {
    uv pip compile --quiet --generate-hashes --no-annotate --python-version 3.11 --python-platform linux \
        --custom-compile-command "deploy/docker/lock.sh" pyproject.toml "$@"
}
wheel=${TORCH_WHEEL:?names the wheel of torch for the CPU, from https://download.pytorch.org/whl/cpu}
version=$(basename "$wheel" | cut -d- -f2)
hash=$(sha256sum "$wheel" | cut -d' ' -f1)
docker=deploy/docker
compile --extra onnx --output-file $docker/slim.lock
compile --extra torch --output-file $docker/cuda.lock
# The same packages, without those of the GPU.
awk -v torch="torch==$version --hash=sha256:$hash" '
    /^[^ ]/ { skip = /^(nvidia|cuda|triton|torch)/; if (/^torch==/) print torch }
    !skip' $docker/cuda.lock > $docker/cpu.lock
# What the extras bring beside the packages of every image.
every=$(mktemp) && all=$(mktemp)
compile --output-file "$every"
compile --extra documents --extra otel --output-file "$all"
awk 'FNR == NR { if (/^[^ #]/) known[$1]; next }
    /^[^ ]/ { skip = ($1 in known) }
    !skip' "$every" "$all" > $docker/extras.lock
rm "$every" "$all"
