"""How soon the web edition's widgets answer: pages opened from disk on a processor slowed down four times.

    python course.py bench site            a minute, after `course.py site`; needs a browser, as the tests do

For each page: its bytes without pictures; its widgets; milliseconds from the start of loading until the page is loaded,
all widgets drawn; and from then until the frame is painted that answers a key pressed at once.
"""

from pathlib import Path

from tests.browser.lab import Browser

SITE = Path(__file__).parents[1] / "_site"
SLOWED, TURNS = 4, 3
MOST_BYTES, AT_MOST = 1_500_000, 1000
CONTROL = ".widget .cell[tabindex='0'], .widget .handle, .widget input[type=range], .widget input[type=radio]"
WATCH = """addEventListener("keydown", () => requestAnimationFrame(() => setTimeout(() => {
  window.painted = performance.now();
})), { capture: true, once: true })"""
TIMES = "[performance.getEntriesByType('navigation')[0].loadEventEnd, window.painted]"


def measure(browser, path):
    """Load a page and press a key at once; returns widgets, milliseconds until loaded, and then until the answer."""
    context = browser.context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    page.add_init_script(WATCH)
    page.goto(path.as_uri())
    control = page.locator(CONTROL).locator("visible=true").first
    control.focus()
    page.keyboard.press("ArrowDown")
    while page.evaluate("window.painted") is None:  # the page's policy keeps the driver from waiting inside
        page.wait_for_timeout(5)
    loaded, painted = page.evaluate(TIMES)
    widgets = page.locator("[data-widget]").count()
    context.close()
    return widgets, loaded, painted - loaded


def main():
    """Print the table."""
    if not SITE.exists():
        print("There is no _site yet: python course.py site builds it.")
        return
    print(f"On a processor slowed down {SLOWED} times; milliseconds, the slowest of {TURNS}\n")
    print("page                      bytes  widgets   loaded   answer", flush=True)
    with Browser() as browser:
        for path in sorted(SITE.glob("[0-9]*.html")):
            runs = [measure(browser, path) for _ in range(TURNS)]
            widgets, loaded, answer = (max(column) for column in zip(*runs, strict=True))
            size = path.stat().st_size
            over = " too heavy" * (size > MOST_BYTES) + " too slow" * (answer > AT_MOST)
            print(f"{path.stem:22}{size:9,}{widgets:9}{loaded:9.0f}{answer:9.0f}{over}", flush=True)
    print(f"\npromised: under {MOST_BYTES:,} bytes, an answer within {AT_MOST} ms of load")


if __name__ == "__main__":
    main()
