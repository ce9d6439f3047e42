// Opens the browser for the scripts that look at the course: their task comes as JSON on the standard input.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

export const task = JSON.parse(readFileSync(0, "utf-8"));

// Run a function with a fresh browser, print what it returns as JSON, and close the browser whatever happens.
export async function open(look) {
  const browser = await chromium.launch({
    executablePath: task.browser,
    // In containers the shared memory is small, and the sandbox is not allowed.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  });
  try {
    console.log(JSON.stringify(await look(browser)));
  } finally {
    await browser.close();
  }
}

// Collect what a page must not do: errors in its console, and requests that fail or leave `home`.
export function watch(page, home) {
  const errors = [];
  page.on("console", (message) => message.type() === "error" && errors.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => errors.push(`error: ${error.message}`));
  page.on("requestfailed", (request) => errors.push(`failed: ${request.url()}`));
  page.on("response", (answer) => answer.status() >= 400 && errors.push(`${answer.status()}: ${answer.url()}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(home) && !/^(data|blob|about):/.test(request.url())) errors.push(`foreign: ${request.url()}`);
  });
  return errors;
}
