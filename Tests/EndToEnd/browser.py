"""Debian's Chromium, headless, driven by Selenium."""
import contextlib
import os
import time

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

# Dark or light, and the width. What is drawn does not depend on where the service is: two of these are enough under a base path.
FORMS = [
    (False, 1280), (True, 390), pytest.param(True, 1280, marks=pytest.mark.at_root), pytest.param(False, 390, marks=pytest.mark.at_root)]
# Beside what a test needs: nothing is fetched, checked or kept for a person who comes again.
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-sync", "--mute-audio"]


class Browser:
    def __init__(self, url, dark=False, width=1280, height=900, script=True, flags=()):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in [*FLAGS, f"--window-size={width},{height}", *flags]:
            options.add_argument(flag)
        if not script:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        self.url = url
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.form = (dark, width, height)
        self.take_form(*self.form)

    def take_form(self, dark, width, height):
        device = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})

    @contextlib.contextmanager
    def seen(self, dark, width, height=900):
        """For what is opened meanwhile another screen: dark or light, wide or narrow."""
        self.take_form(dark, width, height)
        try:
            yield self
        finally:
            self.take_form(*self.form)

    def open(self, path):
        self.driver.get(self.url + path)

    def sign_in(self, email, password):
        self.open("/sign-in")
        self.driver.find_element(By.NAME, "email").send_keys(email)
        self.driver.find_element(By.NAME, "password").send_keys(password)
        self.press(By.CSS_SELECTOR, "form button")

    def press(self, by, what):
        """Clicks what leads to another page, and waits until that page is there."""
        self.follow(self.driver.find_element(by, what), what)

    def follow(self, element, what="what was clicked"):
        """The same for an element that the caller has found."""
        before = self.driver.find_element(By.TAG_NAME, "html").id
        element.click()
        deadline = time.time() + 60
        while time.time() < deadline:
            try:
                is_new = self.driver.find_element(By.TAG_NAME, "html").id != before
                if is_new and self.driver.execute_script("return document.readyState") == "complete":
                    return
            except WebDriverException:
                pass  # between two documents
            time.sleep(0.05)
        raise AssertionError(f"{what} led to no other page")

    @property
    def text(self):
        # A page that watches a job changes by itself.
        deadline = time.time() + 60
        while True:
            try:
                return self.driver.find_element(By.TAG_NAME, "body").text
            except StaleElementReferenceException:
                assert time.time() < deadline

    def screenshot(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.driver.save_screenshot(path)

    def close(self):
        self.driver.quit()
