// Opens lessons in JupyterLab, runs all cells by the menu, answers an exercise, turns the widgets, uses the live page.
import { open, task } from "../../tools/web/browser.mjs";

const cellsOf = (page) => page.evaluate(() => {
  const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
  return Array.from({ length: cells.length }, (_, place) => cells.get(place).toJSON());
});

async function openLesson(browser, name) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`${task.home}/lab/tree/notebooks/${name}.ipynb?token=${task.token}&reset`);
  await page.waitForFunction(() => {
    const shown = window.jupyterapp?.shell?.currentWidget;
    return shown?.sessionContext?.session?.kernel?.status === "idle" && shown.content?.model?.cells?.length > 0;
  }, null, { timeout: 120_000 });
  return page;
}

async function choose(page, menu, item) {
  await page.click(`.lm-MenuBar-itemLabel:text-is("${menu}")`);
  await page.click(`.lm-Menu-itemLabel:text-is("${item}")`);
}

// Old prompts and outputs are cleared first, or a lesson that never ran would look finished.
// With a number of code cells, only so many, by the menu too.
async function runAll(page, first) {
  await choose(page, "Edit", "Clear Outputs of All Cells");
  const before = (await cellsOf(page)).filter((cell) => cell.cell_type === "code" && cell.execution_count);
  const places = (await cellsOf(page)).flatMap((cell, place) => (cell.cell_type === "code" ? [place] : []));
  if (first && first < places.length) {
    await page.evaluate((place) => {
      window.jupyterapp.shell.currentWidget.content.activeCellIndex = place;
    }, places[first]);
    await choose(page, "Run", "Run All Above Selected Cell");
  } else {
    await choose(page, "Run", "Run All Cells");
  }
  await page.waitForFunction((last) => {
    const shown = window.jupyterapp.shell.currentWidget;
    const cells = Array.from({ length: shown.content.model.cells.length }, (_, i) => shown.content.model.cells.get(i));
    const code = cells.filter((cell) => cell.type === "code" && cell.sharedModel.source.trim()).slice(0, last);
    const failed = code.some((cell) => cell.toJSON().outputs.some((output) => output.output_type === "error"));
    return failed || code.every((cell) => cell.executionCount);
  }, first ?? undefined, { timeout: 480_000, polling: 500 });
  const code = (await cellsOf(page)).filter((cell) => cell.cell_type === "code").slice(0, first);
  return {
    leftOver: before.length,
    counts: code.map((cell) => cell.execution_count),
    errors: code.flatMap((cell) => cell.outputs).filter((output) => output.output_type === "error" || output.name === "stderr")
      .map((output) => output.evalue ?? output.text),
  };
}

// Replace what a cell says, by the keyboard, and run it and its check.
async function answer(page, check, source) {
  const place = (await cellsOf(page)).findIndex((cell) => [cell.source].flat().join("").startsWith(`check("${check}")`));
  await page.evaluate((starter) => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = starter;
    return notebook.scrollToItem(starter);
  }, place - 1);
  await page.click(".jp-Notebook-cell.jp-mod-active .cm-content");
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(source);
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.press("Shift+Enter");
  await page.waitForFunction(([at, words]) => {
    const cell = window.jupyterapp.shell.currentWidget.content.model.cells.get(at);
    return cell.sharedModel.source.startsWith(words) && window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === "idle"
      && cell.executionCount && cell.toJSON().outputs.length;
  }, [place, `check("${check}")`], { timeout: 60_000 });
  await page.waitForTimeout(500);
  const outputs = (await cellsOf(page))[place].outputs;
  return outputs.map((output) => [output.text ?? output.data?.["text/plain"]].flat().join("")).join("");
}

// Turn a widget by the keyboard, and return what it says before and after.
async function turn(page, { control, keys }) {
  const place = (await cellsOf(page)).findIndex((cell) => (cell.outputs ?? [])
    .some((output) => output.data?.["application/vnd.jupyter.widget-view+json"]));
  const status = page.locator("p[role='status'][aria-live]").first();
  const come = () => page.evaluate((at) => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = at;
    return notebook.scrollToItem(at, "center");
  }, place);
  await come();
  await status.waitFor({ timeout: 60_000 });
  const before = await status.textContent();
  // JupyterLab may still be on its way to the last cell: then the widget leaves the screen once more.
  for (let attempt = 0; attempt < 6 && (await status.textContent()) === before; attempt++) {
    await come();
    await page.locator(`.jp-OutputArea ${control}`).first().focus();
    for (const key of keys) await page.keyboard.press(key);
    await page.waitForFunction((old) => document.querySelector("p[role='status'][aria-live]")?.textContent !== old, before,
      { timeout: 10_000 }).catch(() => {});
    await status.waitFor({ timeout: 10_000 });
  }
  return { before, after: await page.locator("p[role='status'][aria-live]").first().textContent(),
    alt: await page.locator('.jp-OutputArea .widget-html-content img').first().getAttribute("alt") };
}

// Switch on the first fault of the live page by the keyboard, from the cell that shows the page.
async function live(page, source) {
  const place = (await cellsOf(page)).findIndex((cell) => [cell.source].flat().join("").includes(source));
  const frame = page.frameLocator(".jp-OutputArea iframe[title]");
  const focused = frame.locator("main input:focus");
  await page.evaluate((at) => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = at;
    return notebook.scrollToItem(at, "start");
  }, place);
  await frame.locator("main .state .words").filter({ hasText: /Score/ }).waitFor({ timeout: 60_000 });
  await page.click(".jp-Notebook-cell.jp-mod-active .cm-content");
  await page.keyboard.press("Escape");
  for (let presses = 0; presses < 8 && !(await focused.count()); presses++) await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await frame.locator("main .since").filter({ hasText: /since/ }).waitFor({ timeout: 20_000 });
  return {
    since: await frame.locator("main .since").textContent(),
    // Whether readings and controls are seen side by side, without scrolling in the frame.
    hidden: await frame.locator("main").evaluate(() => document.documentElement.scrollHeight - innerHeight),
  };
}

await open(async (browser) => {
  const page = await openLesson(browser, task.lesson);
  const found = await runAll(page, task.first);
  if (task.widget) found.widget = await turn(page, task.widget);
  if (task.live) found.live = await live(page, task.live);
  found.said = [];
  for (const source of task.answers ?? []) found.said.push(await answer(page, task.check, source));
  return found;
});
