/** A scenario file's text as a scenario, or everything that is wrong with it, each with its line (WTL-101, WTL-102). */
import { strictYaml, type Fault } from "../strict-yaml.ts";
import { ScenarioSchema, type Scenario } from "./scenario.ts";

export type { Fault };

export type Parsed = { readonly kind: "scenario"; readonly scenario: Scenario } | { readonly kind: "faulty"; readonly faults: Fault[] };

/** Reads one file's text. Never throws on content. */
export function parseScenario(file: string, text: string): Parsed {
  const read = strictYaml(file, text, ScenarioSchema);
  if (read.kind === "faulty") return read;
  const { name = stemOf(file), ...rest } = read.value;
  return { kind: "scenario", scenario: { ...rest, name, file } };
}

/** `p2p_basic` of `tests/p2p_basic.yaml`. */
function stemOf(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1).replace(/\.ya?ml$/, "");
}
