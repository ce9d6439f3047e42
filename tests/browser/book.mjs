// Looks at every page of the book as a reader would: wide and light, then narrow and dark.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { open, task, watch } from "../../tools/web/browser.mjs";

const axe = createRequire(new URL("../../tools/web/", import.meta.url)).resolve("axe-core/axe.min.js");
const script = task.axe ? readFileSync(axe, "utf-8") : "";

// What another theme or width can change; the rest is looked at once, as it takes long.
const CHANGING = { runOnly: ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"] };

// Serious and critical findings, one line each.
const judged = async (options) => {
  const found = await window.axe.run(document, { resultTypes: ["violations"], ...options });
  return found.violations.filter((rule) => ["serious", "critical"].includes(rule.impact))
    .map((rule) => `${rule.id}: ${rule.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
};

// What reaches beyond the page and is not in a box that scrolls by itself. (The theme lets the whole article scroll.)
const tooWide = () => {
  const width = document.documentElement.clientWidth;
  const scrolls = (e) => e && e.tagName !== "ARTICLE"
    && (/auto|scroll/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
  const wide = [...document.querySelectorAll("main article *")].filter((e) => e.clientWidth && !e.closest("svg")
    && e.getBoundingClientRect().left + Math.max(e.scrollWidth, e.offsetWidth) > width + 1 && !scrolls(e));
  const whole = document.documentElement.scrollWidth > width ? `${document.documentElement.scrollWidth} px wide ` : "";
  return whole + wide.slice(-3).map((e) => e.outerHTML.slice(0, 160)).join(" | ");
};

// Whether the theme has given every box that scrolls a place in the order of the tabulator.
const settled = () => [...document.querySelectorAll("[tabindex='-1']")]
  .every((e) => !/auto|scroll/.test(getComputedStyle(e).overflowX) || e.scrollWidth <= e.clientWidth);

async function look(page, path) {
  const found = { widths: {}, axe: {} };
  const errors = watch(page, task.home);
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(task.home + path, { waitUntil: "load" });
  Object.assign(found, await page.evaluate(() => {
    const [start] = performance.getEntriesByType("navigation");
    const loaded = performance.getEntriesByType("resource");
    const bytes = loaded.reduce((sum, file) => sum + file.decodedBodySize, start.decodedBodySize);
    const unnamed = [...document.images].filter((image) => !image.alt.trim() || !image.complete || !image.naturalWidth);
    return { bytes, milliseconds: start.domContentLoadedEventEnd,
      unnamed: unnamed.map((image) => image.outerHTML.slice(0, 160)) };
  }));
  if (await page.$("script[src*='mathjax/']")) await page.waitForFunction(() => window.MathJax?.startup?.promise);
  await page.evaluate(() => window.MathJax?.startup.promise.then(() => document.fonts.ready).then(() => null));
  found.formulas = await page.locator("mjx-container").count();
  // What is folded is read, too.
  await page.evaluate(() => document.querySelectorAll(".exercise details").forEach((fold) => { fold.open = true; }));
  for (const [theme, width, rules] of [["light", 1280, {}], ["dark", 360, CHANGING]]) {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 900 });
    await page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, theme);
    found.widths[width] = await page.evaluate(tooWide);
    if (script) {
      // The theme looks a little later which boxes scroll now; on a busy machine much later. What it forgets, axe finds.
      await page.waitForTimeout(400);
      await page.waitForFunction(settled, null, { timeout: 10000 }).catch(() => null);
      await page.evaluate(script);
      found.axe[theme] = await page.evaluate(judged, rules);
    }
  }
  return { ...found, errors };
}

async function search(page, words) {
  await page.goto(`${task.home}search.html?q=${encodeURIComponent(words)}`, { waitUntil: "load" });
  // Sphinx writes how many it found when it has looked everywhere.
  await page.waitForFunction(() => /^Search finished|did not match/
    .test(document.querySelector("#search-results .search-summary")?.innerText ?? ""));
  return page.$$eval("#search-results ul.search li a", (links) => links.map((link) => link.getAttribute("href")));
}

await open(async (browser) => {
  const waiting = [...task.pages], pages = {}, found = {};
  const context = await browser.newContext({ reducedMotion: "reduce" });
  await Promise.all(Array.from({ length: task.tabs }, async () => {
    for (let path = waiting.shift(); path; path = waiting.shift()) {
      const page = await context.newPage();
      pages[path] = await look(page, path);
      await page.close();
    }
  }));
  const page = await context.newPage();
  for (const words of task.searches ?? []) found[words] = await search(page, words);
  return { pages, searches: found };
});
