// Prints the talk: one page for each slide, through reveal.js's own print style.
import { open, task } from "../tools/web/browser.mjs";

await open(async (browser) => {
  const page = await browser.newPage();
  await page.goto(`${task.page}?print-pdf`);
  await page.waitForFunction(() => document.querySelectorAll(".pdf-page").length > 0);
  await page.evaluate(() => MathJax.startup.promise);
  await page.pdf({ path: task.pdf, preferCSSPageSize: true, printBackground: true, tagged: true,
                   outline: true });
  // How far from the left edge of its page the leftmost heading begins.
  return await page.evaluate(() => Math.min(...[...document.querySelectorAll(".pdf-page")].map((sheet) =>
    sheet.querySelector("h1, h2").getBoundingClientRect().left - sheet.getBoundingClientRect().left)));
});
