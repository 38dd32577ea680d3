"""Measures the page and prints the table of docs/page.md: `python -m tests.browser.measurements`."""

import statistics

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.devices import DESKTOP, PHONE, Device, launch
from tests.browser.hands import STROKES, Program, draw, expect_digit, settle
from tests.support import running_server

DRAWINGS = 500

WATCH = """() => {
    window.seen = { frames: 0, long: 0, tasks: [] };
    const frame = () => { seen.frames += 1; requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
    const tasks = (list) => list.getEntries().forEach(({ duration }) => seen.tasks.push(duration));
    new PerformanceObserver(tasks)
        .observe({ entryTypes: ["longtask"] });
    document.getElementById("pad").addEventListener("pointerup", () => { window.up = performance.now(); });
    const served = () => took.textContent.startsWith("answered in");
    const said = () => { if (served()) window.answered = performance.now(); };
    new MutationObserver(said)
        .observe(took, { childList: true });
}"""


def opened(browser: Browser, url: str, device: Device, slower: int) -> tuple[Page, list[int]]:
    """The page on a device, its processor so many times slower; and the bytes of each answer it got."""
    context = device.context(browser)
    context.add_init_script("try { localStorage.setItem('met', 'yes') } catch {}")
    page = context.new_page()
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto(url)
    page.locator("#model option").first.wait_for(state="attached")
    page.wait_for_load_state("networkidle")
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.evaluate(WATCH)
    return page, sizes


def drawn(page: Page) -> list[str]:
    """What is measured while digits are drawn: pen-up to answer, frames a second, long tasks."""
    waits, rates = [], []
    for digit in "35790":
        page.evaluate("seen.frames = 0; window.began = performance.now()")
        draw(page, STROKES[digit])
        rates.append(page.evaluate("1000 * seen.frames / (performance.now() - began)"))
        settle(page)
        expect_digit(page, digit)
        waits.append(page.evaluate("answered - up"))
        page.get_by_test_id("clear").click()
    tasks = page.evaluate("seen.tasks")
    longest = f", the longest {max(tasks):.0f} ms" if tasks else ""
    return [f"{statistics.median(waits):.0f} ms", f"{statistics.median(rates):.0f}", f"{len(tasks)}{longest}"]


def main() -> None:
    """Measure, and print a row for each device."""
    with running_server() as server, sync_playwright() as playwright:
        browser = launch(playwright)
        print("| | pen-up to answer | frames a second | long tasks, five digits |\n|---|--:|--:|--:|")
        for name, device in (("desktop", DESKTOP), ("phone", PHONE)):
            for slower in (1, 4):
                page, sizes = opened(browser, server.url, device, slower)
                print("|", " | ".join([f"{name}, processor 1/{slower}", *drawn(page)]), "|", flush=True)
                total = sum(sizes)
                page.context.close()
        page, _ = opened(browser, server.url, DESKTOP, 1)
        session = page.context.new_cdp_session(page)
        heap = []
        for number in range(DRAWINGS + 1):
            if number in {0, DRAWINGS}:
                session.send("HeapProfiler.collectGarbage")
                heap.append(page.evaluate("performance.memory.usedJSHeapSize") / 2**20)
            draw(page, STROKES[str(number % 10)], Program(page, "pointer"))
            page.get_by_test_id("clear").click()
        print(f"\nHeap: {heap[0]:.1f} MB, after {DRAWINGS} drawings {heap[1]:.1f} MB.")
        print(
            f"A first visit with five digits takes {total / 1000:.0f} kB, compressed, the weights included."
        )
        browser.close()


if __name__ == "__main__":
    main()
