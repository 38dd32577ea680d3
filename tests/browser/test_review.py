"""The page of `forms --review`, by keyboard alone: it needs no server."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from model.forms.review import png, review_page
from model.recognition import Recogniser
from model.training.corrections.database import read_corrections
from tests.support import Digits

pytestmark = pytest.mark.slow

FIELDS = 100


def test_a_hundred_fields_by_keyboard(browser: Browser, mnist: Digits, tmp_path: Path) -> None:
    fields = [
        {
            "name": f"f{n}", "text": str(mnist.labels[n]), "empty": False, "why": ["doubtful"],
            "picture": png(255 - mnist.images[n]), "cells": [png(mnist.images[n])],
            "alternatives": [{"text": "8", "probability": 0.1}],
        }
        for n in range(FIELDS)
    ]  # fmt: skip
    fields[0]["name"] = "</script><b>"
    lines = [{"file": 'a,"b.tif', "page": 1, "fields": fields}]
    rows = [{"file": 'a,"b.tif', "page": 1, "field": each["name"], "review": True} for each in fields]
    (tmp_path / "review.html").write_text(review_page(lines, rows, 0))
    context = browser.new_context(accept_downloads=True)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto((tmp_path / "review.html").as_uri())
    place, text = page.locator("#place"), page.locator("#text")
    expect(place).to_contain_text('0 of 100 done. 1: </script><b>, page 1 of a,"b.tif')
    keys = page.keyboard
    keys.type("42")  # typing corrects
    keys.press("Enter")
    keys.press("e")  # means empty
    expect(place).to_contain_text("2 of 100 done. 3: f2")
    keys.press("ArrowUp")
    expect(text).to_have_value("")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    expect(place).to_contain_text("4: f3")
    keys.press("ArrowUp")
    keys.type("9")
    keys.press("Escape")  # takes back
    expect(text).to_have_value(str(mnist.labels[2]))
    started = page.evaluate("performance.now()")
    for _ in range(FIELDS - 2):
        keys.press("Enter")
    took = page.evaluate("performance.now()") - started
    expect(place).to_contain_text("100 of 100 done")
    # 1,500 an hour are 2,400 ms a field, a person's look included: the page may take a twentieth of that.
    assert took / (FIELDS - 2) < 120
    expect(page.locator("#save")).to_be_focused()
    with page.expect_download() as download:
        keys.press("Enter")
    saved = tmp_path / "corrections.csv"
    download.value.save_as(saved)
    with io.StringIO(saved.read_text()) as file:
        said = list(csv.DictReader(file))
    truths = ["42", "", *map(str, mnist.labels[2:FIELDS].tolist())]
    assert [each["truth"] for each in said] == truths
    assert said[0]["field"] == "</script><b>"
    assert said[0]["file"] == 'a,"b.tif'
    page.reload()
    expect(place).to_contain_text("100 of 100 done")  # nothing is lost
    assert {url.partition(":")[0] for url in asked} <= {"file", "data", "blob"}
    learned = read_corrections(saved, Recogniser.load("lenet5"))
    assert learned.part.labels.tolist() == mnist.labels[2:FIELDS].tolist()
    assert np.abs(learned.part.images.astype(int) - mnist.images[2:FIELDS]).mean() < 5
    context.close()
