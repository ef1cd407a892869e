"""Rules of content as an owner sets them on a page: tried on a text of one's own, then saved."""
import pytest

from browser import Browser
from test_backup import psql
from traffic import wait_until

pytestmark = pytest.mark.pages


def test_the_page_sets_rules_and_shows_what_they_do(quipu):
    project = quipu.get("/api/public/projects")["data"][0]["id"]
    browser = Browser(quipu.url)
    try:
        browser.sign_in(quipu.email, quipu.password)
        browser.open(f"/settings/content/{project}")
        driver = browser.driver
        driver.find_element("css selector", "[name=text]").send_keys("write to ada@example.org or 4111 1111 1111 1111")
        browser.press("css selector", "[formaction]")
        assert "write to [email] or [card]" in browser.text and "ada@example.org" in driver.page_source
        driver.find_element("css selector", "[name=level][value=masked]").click()
        browser.press("xpath", "//button[text()='Save']")
        assert "Set by" in browser.text
        wait_until(lambda: psql(quipu, "select level from content_rules") == "1")
        assert "content rules changed" in psql(quipu, "select string_agg(action, ',') from audit_entries")
    finally:
        browser.close()
