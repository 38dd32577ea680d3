"""The part of kustomize that deploy/kubernetes uses: resources, namespace, labels, images, JSON patches.

Anything else in a kustomization.yaml is refused, so that what the tests see is what `kubectl apply -k` would
apply.
"""

from pathlib import Path
from typing import Any

import jsonpatch
import yaml

FIELDS = {"apiVersion", "kind", "namespace", "labels", "resources", "images", "patches"}

Manifest = dict[str, Any]


def build(folder: Path) -> dict[str, Manifest]:
    """The manifests that the kustomization in `folder` makes, by their kinds, of which there is one each.

    Raises:
        FileNotFoundError: it names what is not there.
        KeyError: a patch has no target.
        jsonpatch.JsonPatchException: a patch changes what is not there.
        ValueError: it uses what is not known here.
    """
    asked = yaml.safe_load((folder / "kustomization.yaml").read_text())
    if unknown := set(asked) - FIELDS:
        raise ValueError(f"{folder}: {', '.join(sorted(unknown))} are not known here")
    manifests: dict[str, Manifest] = {}
    for name in asked["resources"]:
        path = folder / name
        if path.is_dir():
            manifests |= build(path)
        else:
            manifest = yaml.safe_load(path.read_text())
            assert manifests.setdefault(manifest["kind"], manifest) is manifest
    for patch in asked.get("patches", []):
        target = manifests[patch["target"]["kind"]]
        if target["metadata"]["name"] != patch["target"]["name"]:
            raise KeyError(patch["target"]["name"])
        jsonpatch.apply_patch(target, yaml.safe_load(patch["patch"]), in_place=True)
    for kind, manifest in manifests.items():
        if "namespace" in asked and kind != "Namespace":
            manifest["metadata"]["namespace"] = asked["namespace"]
        for labels in asked.get("labels", []):
            manifest["metadata"].setdefault("labels", {}).update(labels["pairs"])
    for container in manifests["Deployment"]["spec"]["template"]["spec"]["containers"]:
        for image in asked.get("images", []):
            if container["image"].partition(":")[0] == image["name"]:
                container["image"] = f"{image['newName']}:{image['newTag']}"
    return manifests
