// Looks at every slide of the talk as a viewer would see it, and walks through the talk by keyboard.
import { open, task, watch } from "../../tools/web/browser.mjs";

async function load(browser, [width, height]) {
  const page = await browser.newPage({ viewport: { width, height } });
  const errors = watch(page, task.page);
  await page.goto(task.page);
  await page.waitForFunction(() => window.Reveal?.isReady() && window.MathJax?.startup?.promise);
  await page.evaluate(() => MathJax.startup.promise);
  return { page, errors };
}

// What is wrong with the slide on show: one entry for each thing.
function faults({ points, dpi }) {
  const section = Reveal.getCurrentSlide(), scale = Reveal.getScale(), found = [];
  const whole = section.getBoundingClientRect(), style = getComputedStyle(section);
  const box = { left: whole.left + parseFloat(style.paddingLeft) * scale, top: whole.top, bottom: whole.bottom,
                right: whole.right - parseFloat(style.paddingRight) * scale };
  const number = document.querySelector(".slide-number").getBoundingClientRect();
  const unseen = "aside.notes, aside.notes *, mjx-assistive-mml, mjx-assistive-mml *";
  const name = (element) => `${element.tagName.toLowerCase()} "${element.textContent.trim().slice(0, 30)}"`;
  for (const element of section.querySelectorAll("*")) {
    if (element.matches(unseen)) continue;
    const { left, right, top, bottom, width, height } = element.getBoundingClientRect();
    const out = Math.max(box.left - left, right - box.right, box.top - top, bottom - box.bottom);
    if (out > 1 || element.scrollWidth > element.clientWidth + 1 && element.matches("pre, td, h2, p, li")) {
      found.push(`overflow: ${name(element)} by ${out.toFixed(0)} px`);
    }
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const leaf = text || element.matches("img, mjx-container");
    const covered = leaf && right > number.left && bottom > number.top;
    if (covered) found.push(`covered: ${name(element)}, by the slide's number`);
    const size = parseFloat(getComputedStyle(element).fontSize) * scale;
    const small = text && !element.closest("mjx-container") && size < 24;
    if (small) found.push(`small: ${name(element)}, ${size.toFixed(1)} px`);
    if (element.matches("img")) {
      if (!element.alt.trim()) found.push("alt: a picture has no alt text");
      // Letters of a figure: as many points as the talk's style says, on as many pixels as its inches get here.
      const shown = Math.min(width / element.naturalWidth, height / element.naturalHeight) * dpi * points / 72;
      if (shown < 24) found.push(`small: letters of ${shown.toFixed(1)} px in a figure`);
    }
  }
  if (!section.querySelector("h1, h2")) found.push("title: none");
  const notes = section.querySelector("aside.notes")?.textContent ?? "";
  if (!/\[\d+:\d\d, until \d+:\d\d\]/.test(notes)) found.push("notes: no timing");
  return found;
}

async function look(browser, size) {
  const { page, errors } = await load(browser, size);
  await page.addScriptTag({ content: task.axe });
  const slides = [];
  for (let index = 0; index < await page.evaluate(() => Reveal.getTotalSlides()); index++) {
    await page.evaluate((h) => Reveal.slide(h, 0, Reveal.getSlide(h).querySelectorAll(".fragment").length - 1), index);
    const found = await page.evaluate(faults, task);
    const broken = await page.evaluate(() => axe.run(Reveal.getCurrentSlide(), { runOnly: ["wcag2a", "wcag2aa"] }));
    for (const { id, nodes } of broken.violations) found.push(...nodes.map((node) => `${id}: ${node.html}`));
    slides.push(found);
  }
  await page.close();
  return { slides, errors };
}

// Space goes on, fragment by fragment; Home goes back.
async function walk(browser) {
  const { page, errors } = await load(browser, task.sizes[0]);
  const visited = [];
  for (let steps = 0; steps < 200; steps++) {
    const [slide, last] = await page.evaluate(() => [Reveal.getIndices().h, Reveal.isLastSlide()]);
    if (!visited.includes(slide)) visited.push(slide);
    if (last && await page.evaluate(() => !Reveal.availableFragments().next)) break;
    await page.keyboard.press("Space");
  }
  await page.keyboard.press("Home");
  const home = await page.evaluate(() => Reveal.getIndices().h);
  await page.close();
  return { visited, home, errors };
}

// S opens the speaker's view; it shows the notes of the slide on show, and follows.
async function speak(browser) {
  const { page, errors } = await load(browser, task.sizes[0]);
  const [popup] = await Promise.all([page.waitForEvent("popup"), page.keyboard.press("s")]);
  const watched = watch(popup, task.page), notes = [];
  for (const slide of [0, 1, 2]) {
    const expected = await page.evaluate(
      () => Reveal.getCurrentSlide().querySelector("aside.notes").textContent.trim());
    const shown = await popup.waitForFunction(
      (text) => document.querySelector(".speaker-controls-notes .value")?.textContent.trim() === text, expected,
      { timeout: 20000 }).then(() => true, () => false);
    notes.push([slide, shown, expected.slice(0, 40)]);
    await page.keyboard.press("Space");
  }
  await popup.waitForFunction(() => document.querySelectorAll("iframe").length === 2);
  return { notes, errors: [...errors, ...watched] };
}

await open(async (browser) => {
  const looks = [];
  for (const size of task.sizes) looks.push(await look(browser, size));
  return { looks, ...(task.keys ? { walk: await walk(browser), speak: await speak(browser) } : {}) };
});
