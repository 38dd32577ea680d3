"""The API's page: whatever it links to on itself is there, the kinds of problems among it."""

import pytest
from playwright.sync_api import Page, expect

from app.errors import PROBLEMS
from tests.support import RunningServer

pytestmark = pytest.mark.slow


def test_the_type_of_a_problem_leads_to_its_explanation(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.url}/docs#too-large")
    explained = page.locator("#too-large")
    expect(explained).to_be_in_viewport()
    expect(explained).to_contain_text("names the limit")
    expect(page.locator(".problems > li")).to_have_count(len(PROBLEMS))


def test_every_link_to_a_place_on_the_page_finds_it(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.url}/docs")
    expect(page.locator("#schema-Prediction")).to_contain_text("input_size")
    places = page.locator("a[href^='#']").evaluate_all("links => links.map((link) => link.hash)")
    assert {"#schema-Layer", "#schema-ModelCard", "#problems", "#unknown-model"} <= set(places)
    for place in set(places):
        expect(page.locator(place)).to_have_count(1)
