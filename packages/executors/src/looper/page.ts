/**
 * The page at `/`: the current run with the end of its log, and the last runs. It holds no data: its script asks the same
 * routes as everybody, with the token from the address's fragment, which no server ever sees.
 */
export const LOOPER_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Looper</title>
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
pre { background: color-mix(in srgb, currentColor 8%, transparent); padding: .8rem; max-height: 22rem; overflow: auto; white-space: pre-wrap; word-break: break-word; }
.end-ok { color: #14803c; } .end-bad { color: #c02626; } .quiet { opacity: .7; }
button { font: inherit; padding: .25rem .8rem; }
</style>
</head>
<body>
<h1>Looper</h1>
<p id="state" role="status" aria-live="polite">Loading …</p>
<section aria-labelledby="now"><h2 id="now">Current run</h2><div id="current"></div></section>
<section aria-labelledby="last"><h2 id="last">Last runs</h2><div id="runs"></div></section>
<script>
"use strict";
const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
const state = document.getElementById("state");
const make = (tag, text, cls) => { const node = document.createElement(tag); if (text !== undefined) node.textContent = text; if (cls) node.className = cls; return node; };
const ask = async (path, method) => {
  const response = await fetch(path, { method: method ?? "GET", headers: { authorization: "Bearer " + token, ...(method === undefined ? {} : { "content-type": "application/json" }) }, cache: "no-store" });
  const body = await response.json();
  if (!response.ok) throw new Error(body.error + (response.status === 401 ? ": open this page with #token=… behind its address" : ""));
  return body;
};
const when = (text) => { const date = new Date(text); return Number.isNaN(date.getTime()) ? "" : date.toLocaleString(); };
const current = (run, tail) => {
  const box = document.getElementById("current");
  if (run === undefined) { box.replaceChildren(make("p", "Nothing is running.", "quiet")); return; }
  const stop = make("button", "Stop this run");
  stop.addEventListener("click", async () => { stop.disabled = true; try { await ask("/runs/" + run.run_id + "/stop", "POST"); } catch (error) { state.textContent = error.message; } show(); });
  const old = box.querySelector("pre");
  const pre = make("pre", tail === "" ? "(no output yet)" : tail);
  pre.tabIndex = 0;
  pre.setAttribute("aria-label", "End of the log");
  const follow = old === null || old.scrollTop + old.clientHeight >= old.scrollHeight - 4;
  box.replaceChildren(make("p", run.run_id + " in " + run.workspace + ", since " + when(run.started_at)), pre, stop);
  if (follow) pre.scrollTop = pre.scrollHeight;
};
const table = (runs) => {
  const box = document.getElementById("runs");
  if (runs.length === 0) { box.replaceChildren(make("p", "No run has ended yet.", "quiet")); return; }
  const grid = make("table");
  const head = grid.createTHead().insertRow();
  for (const name of ["Run", "Started", "Trigger", "End", "Commit"]) { const cell = make("th", name); cell.scope = "col"; head.append(cell); }
  const body = grid.createTBody();
  for (const run of runs) {
    const row = body.insertRow();
    row.append(make("td", run.run_id), make("td", when(run.started_at)), make("td", run.trigger ?? ""));
    row.append(make("td", [run.end, run.reason].filter(Boolean).join(": "), run.end === "ok" ? "end-ok" : "end-bad"), make("td", (run.commit ?? "").slice(0, 12)));
  }
  box.replaceChildren(grid);
};
const show = async () => {
  try {
    const { runs } = await ask("/runs?limit=20");
    const live = runs.find((run) => run.state !== "ended");
    current(live, live === undefined ? "" : (await ask("/runs/" + live.run_id + "/log")).tail);
    table(runs.filter((run) => run.state === "ended"));
    state.textContent = live === undefined ? "Idle" : "Running";
  } catch (error) { state.textContent = error.message; }
};
show();
setInterval(show, 2000);
</script>
</body>
</html>
`;
