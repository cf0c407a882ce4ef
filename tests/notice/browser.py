#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""browser.py FOLDER: opens each page of FOLDER, LANG-*.html, in a headless Chromium
as chromedriver steers it (WebDriver, and DevTools behind it), and reports what is
wrong with it, one test for each kind of thing. Pages called bad-KIND.html are to be
found wrong in that one thing: they show that each test can fail. TAP without a plan on
standard output."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

PHONE, DESK = 360, 1280
CONTRAST = 4.5  # WCAG 2, 1.4.3, level AA


# Whatever proxy this machine has: the driver is on it.
NEAR = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Browser:
    """One window."""

    def __init__(self, profile):
        # Port 0: one that is free, which it says.
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        port = next(found[1] for found in (
            re.search(r"successfully on port (\d+)", line) for line in self.driver.stdout) if found)
        self.base = f"http://127.0.0.1:{port}/session"
        self.base += "/" + self.ask("POST", "", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "goog:chromeOptions": {"args": [
                "--headless=new", "--no-sandbox", "--disable-gpu",
                "--disable-dev-shm-usage", f"--user-data-dir={profile}"]}}}})["sessionId"]

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.base + path, data, {"Content-Type": "application/json"}, method=method)
        with NEAR.open(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def devtools(self, command, **params):
        self.ask("POST", "/goog/cdp/execute", {"cmd": command, "params": params})

    def run(self, script):
        return self.ask("POST", "/execute/sync", {"script": script, "args": []})

    def log(self, kind):
        return self.ask("POST", "/se/log", {"type": kind})

    def open(self, url, width, scheme):
        """Forgets what was logged before."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=800,
                      deviceScaleFactor=1, mobile=width == PHONE)
        self.devtools("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}])
        self.log("browser")
        self.log("performance")
        self.ask("POST", "/url", {"url": url})

    def requests(self):
        events = (json.loads(entry["message"])["message"]
                  for entry in self.log("performance"))
        return [event["params"]["request"]["url"] for event in events
                if event["method"] == "Network.requestWillBeSent"]

    def close(self):
        self.ask("DELETE", "")
        self.driver.terminate()
        self.driver.wait()


# Each text with its two colours as the reader sees them, whatever is see-through.
COLOURS = """
const over = (top, under) => top.slice(0, 3).map(
    (c, i) => c * top[3] + under[i] * (1 - top[3])).concat(1);
const rgba = text => {
    const n = text.match(/[\\d.]+/g).map(Number);
    return n.length === 3 ? n.concat(1) : n;
};
const ground = node => node ? over(rgba(getComputedStyle(node).backgroundColor),
                                   ground(node.parentElement)) : canvas;
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
const canvas = dark ? [18, 18, 18, 1] : [255, 255, 255, 1];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const found = [];
while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim(), box = walk.currentNode.parentElement;
    if (text && box.checkVisibility())
        found.push([text, over(rgba(getComputedStyle(box).color), ground(box)), ground(box)]);
}
return found;
"""
# What reaches past the right edge of the phone; and the page is laid out for it, not
# for a desk and made small.
WIDE = f"""
return [...document.querySelectorAll("body *")]
    .filter(e => e.getBoundingClientRect().right > {PHONE} + 0.5)
    .map(e => e.tagName + ": " + e.textContent.trim().slice(0, 40))
    .concat(document.documentElement.scrollWidth > {PHONE} ? ["the page scrolls"] : [])
    .concat(document.documentElement.clientWidth !== {PHONE} ? ["no viewport"] : []);
"""
SHAPE = """
return {
    lang: document.documentElement.lang,
    title: document.title,
    headings: [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].map(h => +h.tagName[1]),
    main: document.querySelectorAll("main").length,
    active: document.querySelectorAll("script,iframe,object,embed,form").length,
    handlers: [...document.querySelectorAll("*")].filter(
        e => [...e.attributes].some(a => a.name.startsWith("on"))).length,
    cells: document.querySelectorAll("th:not([scope])").length,
    small: [...document.querySelectorAll("p,li,dd,dt,td,th,a")].filter(
        e => parseFloat(getComputedStyle(e).fontSize) < 14).length,
    tags: document.documentElement.outerHTML.includes("{{"),
};
"""


def luminance(colour):
    """WCAG 2: relative luminance."""
    parts = [c / 255 for c in colour[:3]]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
                        for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def headings_wrong(levels):
    """One of the first level, at the start, and none skips a level."""
    if levels[:1] != [1] or levels.count(1) != 1:
        return f"levels {levels}"
    return next((f"levels {levels}" for a, b in zip(levels, levels[1:]) if b > a + 1), None)


def look(browser, page):
    """Kind of thing, and what is wrong with it, a list."""
    url, lang = page.as_uri(), page.name[:2]
    wrong = {}
    dim = []
    for scheme in "light", "dark":
        browser.open(url, DESK, scheme)
        colours = browser.run(COLOURS)
        dim += [] if len(colours) > 10 else [f"{scheme}: {len(colours)} texts"]
        dim += [f"{scheme}: {contrast(fore, back):.2f} {text}" for text, fore, back in colours
                if contrast(fore, back) < CONTRAST]
    wrong["contrast"] = dim
    wrong["console"] = [entry["message"] for entry in browser.log("browser")]
    wrong["requests"] = [u for u in browser.requests() if u != url]
    shape = browser.run(SHAPE)
    wrong["lang"] = [] if shape["lang"] == lang else [shape["lang"]]
    skipped = headings_wrong(shape["headings"])
    wrong["headings"] = [skipped] if skipped else []
    wrong["scripts"] = ["there are"] if shape["active"] + shape["handlers"] else []
    wrong["structure"] = [] if shape["title"] and shape["main"] == 1 and not shape["cells"] \
        else [json.dumps(shape)]
    wrong["tags"] = ["{{ is left"] if shape["tags"] else []
    browser.open(url, PHONE, "light")
    wrong["width"] = browser.run(WIDE)
    wrong["text size"] = [f"{shape['small']} below 14 pixels"] if shape["small"] else []
    return wrong


def report(good, what, wrong):
    print("ok" if good else "not ok", "0 -", what)
    for line in [] if good else wrong:
        print("#", line)


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(profile)
        for page in sorted(folder.glob("*.html")):
            planted = re.fullmatch(r".*-bad-(.*)", page.stem)
            for kind, wrong in look(browser, page).items():
                if not planted:
                    report(not wrong, f"{page.stem}: {kind}", wrong)
                elif planted[1] == kind.replace(" ", "-"):
                    report(wrong, f"{kind}: a page that is wrong in it is found", [])
        browser.close()


main()
