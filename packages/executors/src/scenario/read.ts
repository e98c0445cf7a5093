/** All scenarios of a folder, or one error that lists everything that is wrong with its files: nothing is run halfway (WTL-100). */
import { LoopxError } from "@loopx/core/domain";
import { parseScenario, type Fault } from "./parse.ts";
import type { Scenario } from "./scenario.ts";

/** A file's text, or why there is none. */
export type ScenarioText = { readonly file: string } & ({ readonly text: string } | { readonly fault: string });

/** Throws `config_invalid` with every fault, its file and its line. */
export function readScenarios(texts: readonly ScenarioText[], folder: string): Scenario[] {
  const faults: Fault[] = [];
  const scenarios: Scenario[] = [];
  for (const source of texts) {
    const { file } = source;
    if ("fault" in source) {
      faults.push({ file, line: 1, message: source.fault });
      continue;
    }
    const parsed = parseScenario(file, source.text);
    if (parsed.kind === "faulty") faults.push(...parsed.faults);
    else scenarios.push(parsed.scenario);
  }
  const named = new Map<string, string>();
  for (const { name, file } of scenarios) {
    const other = named.get(name);
    if (other !== undefined) faults.push({ file, line: 1, message: `the name ${JSON.stringify(name)} stands in ${other} too` });
    named.set(name, other ?? file);
  }
  const [first] = faults;
  if (first === undefined) return scenarios;
  const lines = faults.map(({ file, line, message }) => `${file}:${line}: ${message}`);
  throw new LoopxError("config_invalid", `${lines.length} faults in the scenarios of ${folder}; nothing was run\n${lines.join("\n")}`, {
    hint: `"\${EDITOR:-vi}" +${first.line} ${first.file}`,
    details: { faults: faults.map((fault) => ({ ...fault })) },
  });
}
