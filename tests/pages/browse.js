// SPDX-License-Identifier: GPL-3.0-or-later
// usage: node browse.js CHROMIUM PAGE.html POINTS.json [MOST_SECONDS]
// A page of `testudo report` in headless Chromium, beside the export that it is of: no error on its console, sorting and
// filtering, every number of every drill-down, and how long it takes to load. Ends with "N passed, N failed".
"use strict";
const fs = require("fs"), os = require("os"), path = require("path");
const { drive } = require("./chromium.js");

const [chromium, page, pointsFile, most] = process.argv.slice(2);
const points = JSON.parse(fs.readFileSync(pointsFile, "utf8")).points;
let passed = 0, failed = 0;
const say = (good, what) => { good ? passed++ : failed++; if (!good) console.log("FAILED  " + what); };

// The time is that of a browser that runs: its own start, and that of the process behind its first file, is none of ours.
async function start(open) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "testudo-blank-"));
  fs.writeFileSync(path.join(folder, "blank.html"), "<!DOCTYPE html><title>blank</title>");
  await open(path.join(folder, "blank.html"));
  fs.rmSync(folder, { recursive: true });
}

async function look(call, run, open, errors) {
  await start(open);
  const began = Date.now();
  await open(page);
  const seconds = (Date.now() - began) / 1000;
  console.log(points.length + " points: " + seconds.toFixed(2) + " s to load");
  if (most !== undefined) say(seconds < Number(most), "it takes " + seconds + " s to load, " + most + " wanted");

  say(await run("document.querySelector('#table').tBodies[0].rows.length") === points.length, "rows of the table");
  const visible = await run("[...document.querySelector('#table').tBodies[0].rows].filter(r => r.offsetHeight > 0).length");
  say(visible === (points.length > 1000 ? 300 : points.length), visible + " rows are visible");
  // Sorting by the mean, both ways, against the export.
  const column = await run("[...document.querySelectorAll('#table th')].findIndex(h => h.textContent.startsWith('mean'))");
  const means = "[...document.querySelector('#table').tBodies[0].rows].map(r => r.cells[" + column + "].dataset.v)";
  const press = "document.querySelectorAll('#table th')[" + column + "].querySelector('button').click()";
  const known = point => point.latency.mean_status === "bounded" ? point.latency.lower : point.latency.mean;
  const wanted = points.map(known).filter(mean => mean !== null).sort((a, b) => a - b);
  for (const turn of [1, -1]) {
    await run(press);
    const found = (await run(means)).filter(text => text !== "").map(Number);
    const order = turn === 1 ? wanted : [...wanted].reverse();
    say(found.length === order.length && found.every((mean, k) => mean === order[k]), "sorted by the mean, " + turn);
  }
  // Filters: every choice of every field leaves as many rows as have the value.
  const fields = await run("[...document.querySelectorAll('form label')].map((l, k) => [l.firstChild.textContent, k])");
  for (const [name, k] of fields) {
    const key = name === "computed by" ? point => point.computation : point => point.parameters[name];
    if (points.every(point => key(point) === undefined)) continue;
    const select = "document.querySelectorAll('form label')[" + k + "].querySelector('select')";
    for (const value of await run("[..." + select + ".options].map(o => o.value)")) {
      await run(select + ".value = " + JSON.stringify(value) + "; " + select + ".dispatchEvent(new Event('change'))");
      const shown = await run("parseInt(document.querySelector('form output').textContent)");
      const expected = points.filter(point => value === "" || (key(point) ?? "") === value).length;
      say(shown === expected, name + " = '" + value + "': " + shown + " rows, " + expected + " wanted");
    }
    await run(select + ".value = ''; " + select + ".dispatchEvent(new Event('change'))");
  }
  // Drill-downs: what is open equals the export, key by key.
  const flat = (value, key) => value !== null && typeof value === "object" && !Array.isArray(value)
    ? Object.entries(value).flatMap(([name, inside]) => flat(inside, key === "" ? name : key + " " + name))
    : value === null ? [] : [[key, String(value)]];
  const step = Math.max(1, Math.floor(points.length / 60)); // opening one lays the whole page out
  let wrong = 0, undrawn = 0;
  for (let k = 0; k < points.length; k += step) {
    await run("document.querySelector('#p" + k + " a').click()");
    const found = await run("[...document.querySelectorAll('dialog dt')].map(t => [t.textContent," +
      " t.nextSibling.textContent])");
    const point = points.find(one => one.key === Object.fromEntries(found).key);
    const known = [point?.latency.quantiles, point?.latency.quantiles_lower].filter(map =>
      Object.values(map ?? {}).filter(value => value !== null).length > 1).length > 0;
    const errors = Object.values(point?.mse ?? {}).filter(value => value > 0).length > 1;
    const titles = await run("[...document.querySelectorAll('dialog svg.chart')].filter(c =>" +
      " c.getBoundingClientRect().height > 50 && c.querySelectorAll('circle').length > 1).length");
    undrawn += titles !== known + errors;
    wrong += point === undefined || JSON.stringify(found) !== JSON.stringify(flat(point, ""));
    await run("document.querySelector('dialog button').click()");
  }
  say(wrong === 0, wrong + " drill-downs differ from the export");
  say(undrawn === 0, undrawn + " drill-downs lack a picture of what is known, or have one of what is not");
  say(await run("document.querySelectorAll('b').length") === 0, "a name has become markup");
  say(errors.length === 0, "errors: " + errors.slice(0, 3).join("; "));
  // With scripts off: every row of the table is seen, the pictures are there, and the page says what is missing.
  await call("Emulation.setScriptExecutionDisabled", { value: true });
  await open(page, false);
  say(await run("[...document.querySelector('#table').tBodies[0].rows].every(r => r.offsetHeight > 0)"),
    "without scripts rows are hidden");
  say(await run("[...document.querySelectorAll('svg.plot')].filter(s => s.getBoundingClientRect().height > 100).length") > 0,
    "without scripts there is no picture");
  say(await run("[...document.querySelectorAll('p')].some(p => p.offsetHeight > 0 && /scripts are off/i" +
    ".test(p.textContent))"), "without scripts nothing says what is missing");
  console.log(passed + " passed, " + failed + " failed");
}

drive(chromium, look).catch(error => { console.log("FAILED  " + error); failed++; })
  .finally(() => process.exit(failed ? 1 : 0));
