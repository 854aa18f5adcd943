// SPDX-License-Identifier: GPL-3.0-or-later
// Headless Chromium, driven through a pair of pipes: what tests/pages/browse.js looks at pages with, and
// docs/examples/pictures/screens draws them with.
"use strict";
const { spawn } = require("child_process");
const fs = require("fs"), os = require("os"), path = require("path");

// work(call, run, open, errors): call sends a command of the DevTools protocol; run evaluates an expression in the page;
// open loads a file, and where scripts run waits until it is drawn; errors grows with what the page complains of.
exports.drive = async (chromium, work) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "testudo-browse-"));
  // It speaks and listens on a pair of pipes, a zero byte behind every message.
  const browser = spawn(chromium, ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
    "--remote-debugging-pipe", "--user-data-dir=" + folder, "about:blank"],
  { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
  let id = 0, loaded = () => {}, rest = "", sessionId;
  const waiting = new Map(), errors = [];
  const hear = message => {
    if (message.id !== undefined) waiting.get(message.id)(message);
    if (message.method === "Runtime.exceptionThrown" || message.method === "Log.entryAdded" ||
        message.method === "Runtime.consoleAPICalled") errors.push(JSON.stringify(message.params));
    if (message.method === "Page.loadEventFired") loaded();
  };
  browser.stdio[4].on("data", bytes => {
    const messages = (rest + bytes).split("\0");
    rest = messages.pop();
    messages.forEach(text => hear(JSON.parse(text)));
  });
  const call = (method, params = {}) => new Promise((done, fail) => {
    waiting.set(++id, message => message.error === undefined ? done(message.result)
                                                             : fail(new Error(method + ": " + message.error.message)));
    browser.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
  });
  const run = async expression => {
    const answer = await call("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (answer.exceptionDetails !== undefined) errors.push(JSON.stringify(answer.exceptionDetails));
    return answer.result.value;
  };
  const open = async (page, scripts = true) => {
    const load = new Promise(done => { loaded = done; });
    await call("Page.navigate", { url: "file://" + path.resolve(page) });
    await load;
    if (scripts) await run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
  };
  const gone = new Promise((done, fail) => {
    browser.on("error", fail);
    browser.on("exit", () => fail(new Error(chromium + " has ended")));
  });
  const all = async () => {
    const target = await call("Target.createTarget", { url: "about:blank" });
    sessionId = (await call("Target.attachToTarget", { targetId: target.targetId, flatten: true })).sessionId;
    for (const domain of ["Page", "Runtime", "Log"]) await call(domain + ".enable");
    await work(call, run, open, errors);
  };
  try {
    await Promise.race([all(), gone]);
  } finally {
    gone.catch(() => {});
    browser.kill("SIGKILL");
    await new Promise(done => setTimeout(done, 300));
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
};
