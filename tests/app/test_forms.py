"""`/forms` on the running service."""

import json

import httpx
import numpy as np
import pytest

from tests.support import Digits, encoded

TEMPLATE = {
    "size": [600, 400],
    "marks": [[20, 20, 24, 24], [556, 20, 24, 24], [20, 356, 24, 24], [556, 356, 24, 24]],
    "fields": [
        {"name": "account", "box": [100, 100, 200, 50], "kind": "comb", "cells": 4},
        {"name": "check", "box": [400, 100, 40, 50], "kind": "digit"},
        {"name": "none", "box": [100, 220, 180, 50], "kind": "comb", "cells": 3, "gap": 15},
    ],
}


def test_a_page_of_fields(client: httpx.Client, mnist: Digits) -> None:
    page = np.full((400, 600), 255, np.uint8)
    for x, y in ((20, 20), (556, 20), (20, 356), (556, 356)):
        page[y : y + 24, x : x + 24] = 0
    cells = (
        [(100 + 50 * n, 100, 50) for n in range(4)]
        + [(400, 100, 40)]
        + [(100 + 65 * n, 220, 50) for n in range(3)]
    )
    for x, y, wide in cells:
        page[[y, y + 49], x : x + wide] = 90
        page[y : y + 50, [x, x + wide - 1]] = 90
    for digit, (x, y, wide) in zip(mnist.images, [*cells[:3], cells[4]], strict=False):
        left = x + (wide - 28) // 2
        page[y + 11 : y + 39, left : left + 28] -= np.minimum(digit, page[y + 11 : y + 39, left : left + 28])
    wanted = "".join(map(str, mnist.labels[:4]))
    for turned in (page, np.rot90(page), page[::-1, ::-1]):
        sent = {"image": encoded(np.ascontiguousarray(turned)), "template": json.dumps(TEMPLATE).encode()}
        told = client.post("/forms", files=sent).json()
        assert told["aligned"]["ok"], told
        assert [field["name"] for field in told["fields"]] == ["account", "check", "none"]
        assert [field["text"] for field in told["fields"]] == [wanted[:3], wanted[3], ""]
        assert [field["empty"] for field in told["fields"]] == [False, False, True]
    assert told["aligned"]["turned"] == 180
    x, y, wide, tall = told["fields"][0]["box"]
    assert (x, y, wide, tall) == pytest.approx((300, 250, 200, 50), abs=2)
    blank = client.post("/forms", files={**sent, "image": encoded(np.full((400, 600), 255, np.uint8))}).json()
    assert blank["fields"] == []
    assert blank["aligned"] == {"ok": False, "reason": "the template has 4 marks, and 0 were found"}


@pytest.mark.parametrize(
    ("template", "said"), [(b"{", "Invalid JSON"), (None, "0 fields 'template'"), (b"{}", "Field required")]
)
def test_a_wrong_template_is_a_problem(
    client: httpx.Client, mnist: Digits, template: bytes | None, said: str
) -> None:
    files = {"image": encoded(mnist.images[0])} | ({} if template is None else {"template": template})
    answer = client.post("/forms", files=files)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/docs#invalid-template"
    assert said in answer.json()["detail"]
