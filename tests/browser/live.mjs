// Uses the live page as a viewer does who has no mouse: reads the state, switches on a fault, waits for its alarm.
import { open, task, watch } from "../../tools/web/browser.mjs";

// Letters that can be read from the back of a room: what is smaller, is named.
function small() {
  const found = [];
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) look(element.shadowRoot);
      const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
      const size = parseFloat(getComputedStyle(element).fontSize);
      const shown = element.getClientRects().length && !element.matches("style, script");
      if (text && shown && size < 20) found.push(`${element.tagName} "${element.textContent.trim().slice(0, 30)}": ${size} px`);
    }
  };
  look(document.body);
  for (const model of Bokeh.documents[0].all_models) {
    for (const name of ["text_font_size", "label_text_font_size", "major_label_text_font_size"]) {
      const size = model[name] && typeof model[name] === "string" ? model[name] : null;
      const drawn = model.type !== "Title" || model.text;
      const used = !/Glyph|Label$/.test(model.type) && drawn && (name !== "text_font_size" || model.type === "Title");
      if (size && used && !(parseFloat(size) >= 20 && size.endsWith("px"))) found.push(`${model.type}.${name}: ${size}`);
    }
  }
  return found;
}

// Whatever is cut off, or outside of the window; in a small window the page may be longer than it, but no wider.
function outside() {
  const whole = innerWidth > 800 && innerHeight > 480;
  const found = [];
  const main = [...document.querySelectorAll("*")].map((one) => one.shadowRoot?.querySelector("main")).find(Boolean);
  for (const element of main.querySelectorAll("h1, h2, p, label, button, .log, .plots")) {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const below = whole && bottom > innerHeight + 1;
    if (left < 0 || top < 0 || right > innerWidth + 1 || below) found.push(element.className || element.tagName);
    if (element.scrollWidth > element.clientWidth + 1) found.push(`wide: ${element.className || element.tagName}`);
  }
  const { scrollHeight, scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth || (whole && scrollHeight > innerHeight + 1)) found.push("the page scrolls");
  for (const legend of Bokeh.index.query((view) => view.model.type === "Legend")) {
    const room = legend.plot_view.frame.bbox;
    if (legend.bbox.right > room.right + 1) found.push(`legend: ${legend.bbox.right - room.right} px`);
  }
  const last = main.querySelector(".plots").getBoundingClientRect().bottom;
  if (last > Math.max(innerHeight, scrollHeight - scrollY) + 1) found.push("out of reach");
  return found;
}

async function load(browser, [width, height]) {
  const page = await browser.newPage({ viewport: { width, height } });
  const errors = watch(page, task.home);
  const sockets = [];
  page.on("websocket", (socket) => sockets.push(new URL(socket.url()).hostname));
  await page.goto(task.home);
  await page.locator("main .state .words").filter({ hasText: /Score/ }).waitFor({ timeout: 30_000 });
  await page.waitForFunction(() => Bokeh.documents[0]?.is_idle);
  // The server answers to the width of the window, a little later on a busy machine. What never fits, `outside` finds.
  await page.waitForFunction(() => Bokeh.index.query((view) => view.model.type === "Legend").every(
    (legend) => legend.bbox.right <= legend.plot_view.frame.bbox.right + 1), null, { timeout: 10_000 }).catch(() => null);
  return { page, errors, sockets };
}

const read = async (page, name) => (await page.locator(`main ${name}`).textContent()).trim();

// What has the focus, in the order in which Tab goes there, once around the page.
async function tabOrder(page) {
  const order = [];
  for (let presses = 0; presses < 12; presses++) {
    await page.keyboard.press("Tab");
    const name = await page.evaluate(() => {
      let active = document.activeElement;
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
      return active === document.body ? null : active.name || active.className;
    });
    if (!name) break;
    order.push(name);
  }
  return order;
}

// Tab until something has the focus, and return how it stands out.
async function tabTo(page, wanted) {
  for (let presses = 0; presses < 12; presses++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate((selector) => {
      let active = document.activeElement;
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
      if (!active?.matches(selector)) return null;
      const outlined = active.closest("label") ?? active;
      return { width: parseFloat(getComputedStyle(outlined).outlineWidth), style: getComputedStyle(outlined).outlineStyle };
    }, wanted);
    if (focused) return focused;
  }
  return null;
}

async function use(browser) {
  const { page, errors, sockets } = await load(browser, task.sizes[0]);
  const found = { title: await page.title(), lang: await page.evaluate(() => document.documentElement.lang), errors, sockets };
  found.state = await read(page, ".state .words");
  found.description = await page.locator("main .plots").getAttribute("aria-label");
  const before = await read(page, ".clock");
  await page.waitForFunction((old) => [...document.querySelectorAll("*")].map((one) => one.shadowRoot?.querySelector(".clock"))
    .find(Boolean).textContent !== old, before, { timeout: 10_000 });
  found.clocks = [before, await read(page, ".clock")];
  found.order = await tabOrder(page);
  found.focus = [await tabTo(page, "input[type=radio]")];
  // Who passes the faults on the way to another one switches none on.
  found.passed = [];
  for (const key of ["ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", ...Array(8).fill("Shift")]) {
    await page.keyboard.press(key);
    await page.waitForTimeout(150);
    found.passed.push(await read(page, ".since"));
  }
  await page.keyboard.press("ArrowDown");
  found.chosen = await page.locator("main input:checked").getAttribute("value");
  await page.locator("main .since").filter({ hasText: "Leak since" }).waitFor({ timeout: 10_000 });
  const started = Date.now();
  await page.locator("main li").filter({ hasText: /alarm \d/ }).first().waitFor({ timeout: 45_000 });
  found.seconds = (Date.now() - started) / 1000;
  found.alarm = await read(page, "li >> nth=0");
  found.live = await page.locator("main .log").getAttribute("aria-live");
  // Near the limit the score may fall below it once more.
  found.alarmed = await page.locator("main .state .words").filter({ hasText: /^Alarm/ }).textContent({ timeout: 10_000 });
  await page.screenshot({ path: `${task.folder}/alarm-${task.sizes[0][0]}.png` });
  await page.keyboard.press("ArrowUp");
  await page.locator("main .since").filter({ hasText: /^$/ }).waitFor({ state: "attached", timeout: 10_000 });
  found.focus.push(await tabTo(page, "button"));
  await page.keyboard.press("Space");
  await page.locator("main button").filter({ hasText: "Go on" }).waitFor({ timeout: 10_000 });
  await page.locator("main .clock").filter({ hasText: "paused" }).waitFor({ timeout: 10_000 });
  const paused = await read(page, ".clock");
  await page.waitForTimeout(1200);
  found.paused = [paused, await read(page, ".clock")];
  // Axe looks at the page while it stands still.
  await page.addScriptTag({ content: task.axe });
  const broken = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa"] }));
  found.axe = broken.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
  // At last the server is ended as by Ctrl-C, under a page that is open.
  found.errors = [...errors];
  process.kill(task.pid, "SIGINT");
  await page.locator("main .state .words").filter({ hasText: "Connection lost" }).waitFor({ timeout: 10_000 });
  found.lost = { since: await read(page, ".since"), usable: await page.locator("main :is(input, button):enabled").count() };
  await page.screenshot({ path: `${task.folder}/lost-${task.sizes[0][0]}.png` });
  await page.close();
  return found;
}

// One page, as its window is made larger and smaller.
async function looks(browser) {
  const { page, errors } = await load(browser, task.sizes[0]);
  const found = [];
  for (const [width, height] of task.sizes) {
    await page.setViewportSize({ width, height });
    await page.waitForTimeout(1000);
    found.push({ small: await page.evaluate(small), outside: await page.evaluate(outside), errors: errors.splice(0) });
    await page.screenshot({ path: `${task.folder}/calm-${width}.png` });
  }
  await page.close();
  return found;
}

await open(async (browser) => ({ looks: await looks(browser), use: await use(browser) }));
