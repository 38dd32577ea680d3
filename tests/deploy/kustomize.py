"""The part of kustomize that deploy/kubernetes uses: resources, namespace, labels, images, JSON patches.

Anything else in a kustomization.yaml is refused, so that what the tests see is what `kubectl apply -k` would
apply.
"""

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

FIELDS = {"apiVersion", "kind", "namespace", "labels", "resources", "images", "patches"}
CLUSTER_WIDE = {"Namespace"}

Manifest = dict[str, Any]


def build(folder: Path) -> list[Manifest]:
    """The manifests that the kustomization in `folder` makes.

    Raises:
        ValueError: it uses what is not known here, or a patch has no target.
        FileNotFoundError: it names what is not there.
    """
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    unknown = set(kustomization) - FIELDS
    if unknown:
        raise ValueError(f"{folder}: {', '.join(sorted(unknown))} are not known here")
    manifests = [manifest for name in kustomization["resources"] for manifest in _resources(folder / name)]
    for entry in kustomization.get("patches", []):
        _patch(manifests, entry)
    for manifest in manifests:
        if "namespace" in kustomization and manifest["kind"] not in CLUSTER_WIDE:
            manifest["metadata"]["namespace"] = kustomization["namespace"]
        for labels in kustomization.get("labels", []):
            manifest["metadata"].setdefault("labels", {}).update(labels["pairs"])
        for image in kustomization.get("images", []):
            _rename(manifest, image)
    return manifests


def _resources(path: Path) -> list[Manifest]:
    if path.is_dir():
        return build(path)
    return [manifest for manifest in yaml.safe_load_all(path.read_text()) if manifest is not None]


def _patch(manifests: list[Manifest], entry: dict[str, Any]) -> None:
    target = entry["target"]
    hit = [
        manifest
        for manifest in manifests
        if (manifest["kind"], manifest["metadata"]["name"]) == (target["kind"], target["name"])
    ]
    if not hit:
        raise ValueError(f"there is no {target['kind']} {target['name']} to patch")
    for manifest in hit:
        for operation in yaml.safe_load(entry["patch"]):
            _apply(manifest, operation)


def _apply(manifest: Manifest, operation: dict[str, Any]) -> None:
    """Carry out one operation of RFC 6902 on a member of an object, or on an entry of a list that exists."""
    *parents, last = operation["path"].lstrip("/").split("/")
    place: Any = manifest
    for part in parents:
        place = place[int(part)] if isinstance(place, list) else place[part]
    key: Any = int(last) if isinstance(place, list) else last
    match operation["op"]:
        case "replace":
            place[key]  # what is replaced must be there
            place[key] = deepcopy(operation["value"])
        case "add" if isinstance(place, dict):
            place[key] = deepcopy(operation["value"])
        case _:
            raise ValueError(f"{operation['op']} at {operation['path']} is not known here")


def _rename(manifest: Manifest, image: dict[str, str]) -> None:
    if manifest["kind"] != "Deployment":
        return
    for container in manifest["spec"]["template"]["spec"]["containers"]:
        if container["image"].partition(":")[0] == image["name"]:
            container["image"] = f"{image.get('newName', image['name'])}:{image['newTag']}"
