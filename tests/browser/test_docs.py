"""The API's page: whatever it links to on itself is there, the kinds of problems among it."""

import pytest
from playwright.sync_api import Page, expect

from app.errors import PROBLEMS
from tests.support import RunningServer

pytestmark = pytest.mark.slow


def test_every_link_and_the_type_of_a_problem_find_their_place(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.url}/docs#too-large")
    expect(page.locator("#too-large")).to_be_in_viewport()
    expect(page.locator("#too-large")).to_contain_text("names the limit")
    expect(page.locator(".problems > li")).to_have_count(len(PROBLEMS))
    places = page.locator("a[href^='#']").evaluate_all("links => links.map((link) => link.hash)")
    assert {"#schema-Layer", "#schema-ModelCard", "#problems", "#unknown-model"} <= set(places)
    for place in set(places):
        expect(page.locator(place)).to_have_count(1)
