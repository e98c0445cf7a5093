/**
 * Queries and dry runs leave project, home and runtime root byte for byte as they were, in a sound world and in a broken
 * one (design D6, FIL-128, FIL-129, REL-27). Only the derived cache may differ.
 */
import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { QUIET_LINES } from "../rig/quiet-lines.ts";
import type { Sandbox } from "../rig/sandbox.ts";
import { changes, connected, editRegistry, indexOf, REGISTRY, stateOf, told, treeOf } from "./rig.ts";

const WORLDS: readonly [name: string, harm: (sandbox: Sandbox) => void][] = [
  ["sound", () => {}],
  ["with a registry that is no JSON", (at) => writeFileSync(join(at.project, REGISTRY), "{")],
  ["without a state file", (at) => rmSync(join(at.project, stateOf("parser")))],
  ["with a state file that is no UTF-8", (at) => appendFileSync(join(at.project, stateOf("parser")), Uint8Array.of(0xff))],
  [
    "with a state file that is a link out",
    (at) => (rmSync(join(at.project, stateOf("parser"))), symlinkSync(join(at.outside, "x.md"), join(at.project, stateOf("parser")))),
  ],
  ["with a bad and a torn history line", (at) => appendFileSync(join(at.home, indexOf("parser")), '{"a":,}\n{"generated_at":')],
  ["with an index that is a directory", (at) => (rmSync(join(at.home, indexOf("parser"))), mkdirSync(join(at.home, indexOf("parser"))))],
  [
    "with two goals on one state file",
    (at) => editRegistry(at, (goals) => Object.assign(goals[1] ?? {}, { state_file: stateOf("parser") })),
  ],
  ["with a global registry that is no JSON", (at) => writeFileSync(join(at.home, ".codex/loopx/registry.global.json"), "[")],
  ["with a repository that is gone", (at) => editRegistry(at, (goals) => Object.assign(goals[0] ?? {}, { repo: join(at.root, "gone") }))],
];

describe.each(WORLDS)("a world %s", (_name, harm) => {
  test("is left as it was by every query and every dry run", async () => {
    const sandbox = await connected(["parser", "atlas"]);
    try {
      await told(sandbox, ["todo", "add", "-g", "parser", "--role", "agent", "--text", "[P1] Read nested lists"]);
      await told(sandbox, [
        "refresh-state",
        "-g",
        "parser",
        "--delivery-outcome",
        "outcome_progress",
        "--delivery-batch-scale",
        "implementation",
      ]);
      harm(sandbox);
      const before = treeOf(sandbox);
      for (const [command, words] of Object.entries(QUIET_LINES)) {
        const { code, stderr } = await sandbox.run([...command.split(" "), ...words]);
        expect(code, `loopx ${command}: ${stderr}`).not.toBe(70);
        expect(changes(before, treeOf(sandbox)), `loopx ${command} ${words.join(" ")}`).toEqual([]);
      }
    } finally {
      sandbox.remove();
    }
  });
});
