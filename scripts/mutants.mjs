// `npm run mutants`: takes away one piece of the store's care at a time, in a copy, and shows which test notices. Ends with 1
// when one is taken away and nobody does. Words of a name choose mutants: `npm run mutants -- lock`.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MUTANTS } from "./mutants/list.mjs";
import { install, ROOT } from "./steps.mjs";

install();
const wanted = process.argv[2] ?? "";
const folder = mkdtempSync(join(tmpdir(), "loopx-mutants-"));
let alive = 0;
try {
  for (const part of [
    "packages/core/src",
    "packages/core/test",
    "packages/core/package.json",
    "scripts",
    "test/snapshot.ts",
    "vitest.config.ts",
    "package.json",
  ]) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const mutant of MUTANTS.filter(({ name }) => name.includes(wanted))) {
    const failed = failuresWithout(mutant);
    const noticed = failed.filter((name) => name.includes(mutant.noticed));
    if (noticed.length === 0) alive += 1;
    const shown = noticed[0] ?? `NOBODY NOTICED, but ${failed.slice(0, 3).join("; ")}`;
    process.stdout.write(`${mutant.name}\n    ${shown}${failed.length > 1 ? ` (and ${failed.length - 1} more)` : ""}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = alive === 0 ? 0 : 1;

/** The tests that fail without that piece. @param {import("./mutants/list.mjs").Mutant} mutant @returns {string[]} */
function failuresWithout({ name, file, from, to, tests }) {
  const path = join(folder, file);
  const source = readFileSync(path, "utf8");
  if (source.split(from).length !== 2) throw new Error(`${name}: ${file} does not hold it once`);
  writeFileSync(
    path,
    source.replace(from, () => to),
  );
  const report = join(folder, "report.json");
  const argv = [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--root", folder, "--reporter=json", `--outputFile=${report}`];
  spawnSync(process.execPath, [...argv, ...tests.split(" ")], { cwd: folder, stdio: "ignore" });
  writeFileSync(path, source);
  /** @type {{ testResults: { assertionResults: { status: string, fullName: string }[] }[] }} */
  const { testResults } = JSON.parse(readFileSync(report, "utf8"));
  rmSync(report);
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === "failed").map(({ fullName }) => fullName),
  );
}
