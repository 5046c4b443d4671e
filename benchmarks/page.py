"""How soon a person sees ink, and the server's word, on the capture page over a simulated 4G line."""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

from tests.capture_page.house import House, at, open_house
from tests.capture_page.phone import Phone, launch

#: Round trip and throughput of an ordinary 4G line.
LATENCY_MS = 165
BYTES_PER_S = 9_000_000 / 8
# Times of one press, ms after the last tip touched: of the frame after the change, that is when it is seen.
_WATCH = """
addEventListener("touchstart", event => {
  if (event.touches.length === 5) window.press = { contact: event.timeStamp };
}, true);
addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
  const { state } = document.querySelector(".stamp-ink")?.dataset ?? {};
  if (!window.press || press[state]) return;
  press[state] = -1;
  requestAnimationFrame(() => setTimeout(() => { press[state] = performance.now() - press.contact; }));
}).observe(document.body, { subtree: true, childList: true, attributeFilter: ["data-state"] }));
"""


def main(arguments: list[str]) -> int:
    """Measure, print a table, and one line of JSON last.

    Returns
    -------
    int
        0.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks page", description=__doc__)
    parser.add_argument("--presses", type=int, default=12, help="how many presses (default: 12)")
    options = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_house(Path(folder)) as house,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        figures = _measure(browser, house, options.presses)
        browser.close()
    table = Table("what", "median", "slowest", title=f"4G: {LATENCY_MS} ms, 9 Mbit/s")
    for name, values in figures.items():
        table.add_row(name, f"{statistics.median(values):.0f} ms", f"{max(values):.0f} ms")
    Console().print(table)
    print(json.dumps({name: [round(value, 1) for value in values] for name, values in figures.items()}))
    return 0


def _measure(browser: Any, house: House, presses: int) -> dict[str, list[float]]:
    figures: dict[str, list[float]] = {
        "opening to first paint": [],
        "contact to ink": [],
        "contact to press decided": [],
        "contact to solid ink": [],
    }
    for _ in range(presses):
        phone = Phone(browser, location=at("온도 커피 성수"))
        phone.page.add_init_script(_WATCH)
        phone.cdp.send("Network.enable")
        phone.cdp.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": LATENCY_MS,
                "downloadThroughput": BYTES_PER_S,
                "uploadThroughput": BYTES_PER_S,
            },
        )
        phone.open(f"{house.origin}/s")
        phone.page.wait_for_load_state("networkidle")
        phone.press(house.touches())
        phone.wait_for("() => window.press?.accepted > 0")
        press = phone.page.evaluate("press")
        paint = phone.page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        seen = (paint, press["touching"], press["pending"], press["accepted"])
        for values, value in zip(figures.values(), seen, strict=True):
            values.append(value)
        phone.close()
    return figures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
