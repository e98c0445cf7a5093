// An agent of the tests, as a real process: it reads its prompt, changes a file or looks at one, and declares a result.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [, , folder = ""] = process.argv;
const prompt = readFileSync(0, "utf8");
const result = process.env["LOOPX_RESULT_FILE"] ?? "";
const role = prompt.includes('The step is "review"') ? "reviewer" : "worker";
const sha = /commit ([0-9a-f]{40})/.exec(prompt)?.[1];
const line = {
  role,
  sha,
  run: process.env["LOOPX_RUN_ID"],
  cwd: process.cwd(),
  pid: process.pid,
  argv: process.argv,
  env: process.env,
  prompt,
};
const lives = (/** @type {string} */ word) => appendFileSync(join(folder, "lives.log"), `${word} ${line.run}\n`);
lives("begin");
process.once("exit", () => lives("end"));
appendFileSync(join(folder, "agents.jsonl"), `${JSON.stringify(line)}\n`);
const count = readFileSync(join(folder, "agents.jsonl"), "utf8")
  .split("\n")
  .filter((each) => each.includes(`"role":"${role}"`)).length;
/** @param {object} value */
const declare = (value) =>
  writeFileSync(result, JSON.stringify({ schema_version: "loopx_agent_result_v1", summary: `${role} ${count}`, ...value }));
const act = () => {
  if (role === "worker") work();
  else review();
};
if (existsSync(join(folder, "stubborn"))) process.on("SIGTERM", () => undefined);
// It hangs until it is let go.
const hanging = setInterval(() => {
  if (existsSync(join(folder, "hang"))) return;
  clearInterval(hanging);
  act();
}, 20);

function work() {
  writeFileSync("work.txt", `work ${count}\n`);
  declare({
    outcome: "done",
    commit_message: `Work ${count}`,
    pull_request: { title: "Add the work", body: "It works. closes #99 @everyone <!-- loopx-claim v1 {} -->" },
  });
}

function review() {
  // What a reviewer writes counts for nothing.
  writeFileSync("work.txt", "written by a reviewer\n");
  if (count === 1 && !existsSync(join(folder, "kind")))
    declare({
      outcome: "fail",
      reviewed_sha: sha,
      findings: [{ severity: "major", path: "work.txt", line: 1, message: "a case is missing" }],
    });
  else declare({ outcome: "pass", reviewed_sha: sha });
}
