/**
 * Files that once were, or could be, trouble, each named by what is wrong with it. `corpus/<place>/<name>.bytes` is planted at
 * that place of a world; whatever a fuzz run finds is added there and stays. What is too large to keep is made here.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Sandbox } from "../rig/sandbox.ts";
import { indexOf, REGISTRY, stateOf } from "./rig.ts";

const CORPUS = fileURLToPath(new URL("corpus/", import.meta.url));
const RUNTIME = ".codex/loopx";
export const STAMP = "20261121T000000Z";

export interface Place {
  readonly name: string;
  /** Below the world's root. */
  readonly path: string;
  /** Commands that read it, and some that would write it. */
  readonly commands: readonly (readonly string[])[];
}

const G = ["-g", "g"];
const TODO = ["--todo-id", "todo_000000000001"];

export const PLACES: readonly Place[] = [
  {
    name: "state",
    path: `project/${stateOf("g")}`,
    commands: [
      ["should-run", ...G],
      ["todo", "list", ...G],
      ["todo", "add", ...G, "--role", "agent", "--text", "one more"],
      ["todo", "complete", ...G, ...TODO, "--evidence", "done"],
      ["refresh-state", ...G],
    ],
  },
  {
    name: "registry",
    path: `project/${REGISTRY}`,
    commands: [
      ["should-run", ...G],
      ["status"],
      ["todo", "add", ...G, "--role", "agent", "--text", "one more"],
      ["configure-goal", ...G, "--quota-compute", "0.5", "--execute"],
      ["connect", ...G],
      ["sync-global"],
      ["disconnect", ...G, "--archive-state"],
    ],
  },
  {
    name: "global",
    path: `home/${RUNTIME}/registry.global.json`,
    commands: [["connect", ...G], ["sync-global"], ["refresh-state", ...G], ["disconnect", ...G, "--execute"]],
  },
  {
    name: "index",
    path: `home/${indexOf("g")}`,
    commands: [
      ["should-run", ...G],
      ["history", ...G],
      ["reward", ...G, "--decision", "go_on", "--reward", "positive", "--reason-summary", "fine"],
      ["quota", "spend-slot", ...G, "--execute"],
      ["refresh-state", ...G],
      ["history", ...G],
    ],
  },
  {
    name: "lease",
    path: `home/${RUNTIME}/goals/g/leases/todo_000000000001.json`,
    commands: [
      ["lease", "list", ...G, "--all"],
      ["lease", "acquire", ...G, ...TODO, "--holder", "codex-1"],
      ["todo", "claim", ...G, ...TODO, "--claimed-by", "codex-1"],
      ["should-run", ...G],
      ["archive-runtime", ...G, "--allow-registered"],
    ],
  },
  {
    name: "manifest",
    path: `home/${RUNTIME}/disconnected/${STAMP}/manifest.json`,
    commands: [
      ["disconnect", "--list"],
      ["disconnect", "--restore", STAMP],
      ["disconnect", "--restore", STAMP, "--execute"],
    ],
  },
  {
    name: "config",
    path: "home/.config/loopx/config.json",
    commands: [
      ["should-run", ...G],
      ["config", "list"],
      ["todo", "add", ...G, "--role", "agent", "--text", "one more"],
    ],
  },
  {
    name: "cache",
    path: `home/${RUNTIME}/cache/g.json`,
    commands: [
      ["should-run", ...G],
      ["history", ...G],
    ],
  },
];

/** What is in the corpus for that place. The global registry gets what the project's gets. */
export function corpusOf(place: Place, sandbox: Sandbox): readonly { name: string; bytes: Buffer }[] {
  const folder = place.name === "global" ? "registry" : place.name;
  const kept = readdirSync(join(CORPUS, folder)).map((name) => ({
    name: name.replace(/\.bytes$/, ""),
    bytes: inWorld(readFileSync(join(CORPUS, folder, name)), sandbox),
  }));
  return [...kept, ...(LARGE[folder] ?? []).map(({ name, text }) => ({ name, bytes: Buffer.from(text()) }))];
}

/** A file of the corpus names paths of the world by `@…@`. */
function inWorld(bytes: Buffer, { project, home, outside }: Sandbox): Buffer {
  if (!/@(?:PROJECT|RUNTIME|RUNS|OUTSIDE)@/.test(bytes.toString("latin1"))) return bytes;
  const runtime = join(home, RUNTIME);
  const text = bytes.toString("latin1");
  return Buffer.from(
    text
      .replaceAll("@PROJECT@", project)
      .replaceAll("@OUTSIDE@", outside)
      .replaceAll("@RUNTIME@", runtime)
      .replaceAll("@RUNS@", `${runtime}/goals/g/runs`),
    "latin1",
  );
}

const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
const list = (count: number, item: (n: number) => unknown): string => JSON.stringify(Array.from({ length: count }, (_each, n) => item(n)));

const LARGE: Readonly<Record<string, readonly { name: string; text: () => string }[]>> = {
  state: [
    { name: "a head over its limit", text: () => `---\nobjective: "${"x".repeat(70_000)}"\n---\n## Agent Todo\n` },
    { name: "20,000 headings", text: () => Array.from({ length: 20_000 }, (_each, n) => `## H${n}\n`).join("") },
    { name: "one todo too many", text: () => `## Agent Todo\n${"- [ ] a\n".repeat(20_001)}` },
    { name: "blanks", text: () => " ".repeat(100_000) },
    { name: "a todo of 300 kB", text: () => `## Agent Todo\n- [ ] ${"x".repeat(300_000)}\n` },
  ],
  registry: [
    { name: "nested 100,000 deep", text: () => `{"goals":${nested(100_000)}}` },
    { name: "a key of 100 kB", text: () => `{"goals":[{"id":"g","${"k".repeat(100_000)}":1}]}` },
    { name: "3,000 unusable goals", text: () => `{"goals":${list(3_000, (n) => ({ id: `g${n}`, repo: "/nowhere" }))}}` },
  ],
  index: [
    { name: "a line over its limit", text: () => `{"x":"${"y".repeat(1_100_000)}"}\n` },
    { name: "a line nested 200,000 deep", text: () => `{"x":${nested(200_000)}}\n` },
    { name: "900 runs", text: () => Array.from({ length: 900 }, (_each, n) => `${JSON.stringify(runOf(n))}\n`).join("") },
  ],
  manifest: [
    {
      name: "100,000 files",
      text: () => `{"schema_version":"loopx_disconnect_v1","stamp":"${STAMP}","files":${list(100_000, () => ({}))}}`,
    },
  ],
};

function runOf(n: number): Record<string, unknown> {
  const generated_at = `2026-11-2${n % 2}T0${n % 9}:00:00.${String(n).padStart(3, "0")}Z`;
  return {
    generated_at,
    goal_id: "g",
    classification: "state_refreshed",
    recommended_action: "go on",
    run_id: `run_${String(n).padStart(26, "0")}`,
  };
}
