import { describe, expect, it } from "vitest";
import { newGoalEntry } from "../domain/goal/new-entry.ts";
import { registryFindings } from "../domain/goal/read-registry.ts";
import type { Registry } from "../domain/goal/registry.ts";
import type { GoalEdit } from "../domain/goal/sync-plan.ts";
import { parseGoalId } from "../domain/ids.ts";
import type { JsonObject } from "../domain/json.ts";
import { memoryDocuments } from "../testing/memory-documents.ts";
import { memoryGround } from "../testing/memory-ground.ts";
import { loadRegistry, type RegistryKey } from "./registry.ts";
import { type RegistryChange, updateRegistryGoals } from "./registry-update.ts";

const NOW = { ms: Date.parse("2026-11-20T17:08:04.123Z"), offset_minutes: 480 };

function setUp(text?: string | Uint8Array, key: RegistryKey = { kind: "registry" }) {
  const ground = memoryGround();
  const file = key.kind === "registry" ? ground.places.registry : ground.places.global_registry;
  if (text !== undefined) ground.disk.plant(file, text);
  const documents = memoryDocuments(ground);
  const load = () => loadRegistry(documents, key, file);
  const textNow = async () => {
    const loaded = await documents.read(key);
    return loaded.kind === "found" ? loaded.text : null;
  };
  const update = (
    edits: readonly GoalEdit[] | ((current: Registry | null) => readonly GoalEdit[]),
    more: Partial<RegistryChange<string>> = {},
  ) =>
    updateRegistryGoals<string>(documents, {
      key,
      file,
      now: NOW,
      common_runtime_root: "/runtime",
      decide: (current) => ({ edits: typeof edits === "function" ? edits(current) : edits, value: "decided" }),
      ...more,
    });
  return { ground, file, documents, load, update, textNow };
}

function entry(id: string, more: JsonObject = {}): JsonObject {
  const goal_id = parseGoalId(id);
  if (goal_id === null) throw new Error(id);
  const invocation = { cli_bin: "loopx", registry: null, runtime_root: null };
  return {
    ...newGoalEntry({
      goal_id,
      repo: "/p",
      state_file: `.codex/goals/${id}/ACTIVE_GOAL_STATE.md`,
      goal_doc: null,
      flags: {},
      locale: "en",
      invocation,
    }),
    ...more,
  };
}
const put = (id: string, more: JsonObject = {}): GoalEdit => ({ kind: "put", goal_id: id, entry: entry(id, more) });
const drop = (goal_id: string): GoalEdit => ({ kind: "remove", goal_id });

const HAND_WRITTEN = `{\r
    "schema_version": 1,\r
    "common_runtime_root": "/old-runtime",\r
    "goals": [\r
        {\r
            "id": "first", "repo": "/p", "domain": "d",   "state_file": "s.md",\r
            "adapter": {"kind": "k", "status": "connected"},\r
            "quota": {"compute": 1.0}\r
        }\r
    ],\r
    "note": "mine"\r
}`;

describe("loading", () => {
  it("nothing there is absent", async () => {
    expect(await setUp().load()).toEqual({ kind: "absent" });
  });
  it("a byte order mark is accepted (FIL-1)", async () => {
    const loaded = await setUp(`\uFEFF${JSON.stringify({ goals: [entry("a")] })}`).load();
    expect(loaded.kind === "registry" && loaded.registry.items[0]?.entry?.id).toBe("a");
  });
  it.each([
    ['{\n "goals": [],\n}', 2, "column 13: a comma stands before a closing bracket"],
    ["", 1, "column 1: the file is empty"],
    ["{", 1, "column 2: a closing brace is expected"],
  ])("bad JSON %j is named with file, line and column (FIL-16)", async (text, line, problem) => {
    const { load, file } = setUp(text);
    expect(await load()).toEqual({
      kind: "invalid",
      unreadable: null,
      finding: { code: "registry_invalid", severity: "error", message: `${file}:${line}: ${problem}`, file, line },
    });
  });
  it.each(["[]", '{"goals":{}}', "null", "7"])("%j is no registry", async (text) => {
    expect(await setUp(text).load()).toMatchObject({ kind: "invalid", finding: { code: "registry_invalid" } });
  });
  it("bytes that are no UTF-8 are said to be so", async () => {
    const { load, file } = setUp(new Uint8Array([0x7b, 0xff, 0x7d]));
    expect(await load()).toMatchObject({
      kind: "invalid",
      finding: { code: "registry_invalid", message: `${file}: it holds bytes that are no UTF-8` },
      unreadable: { reason: "not_utf8" },
    });
  });
  it("over the limit the answer names size and limit (FIL-100)", async () => {
    const { load } = setUp(new Uint8Array(16 * 1024 * 1024 + 1).fill(0x20));
    const loaded = await load();
    expect(loaded).toMatchObject({ kind: "invalid", finding: { code: "too_large" } });
    expect(loaded.kind === "invalid" && loaded.finding.message).toMatch(/16777217 bytes, the limit is 16777216$/);
  });
  it("a finding about an entry names its line (FIL-17)", async () => {
    const loaded = await setUp(HAND_WRITTEN.replace('"id"', '"no_id"')).load();
    expect(loaded.kind === "registry" && loaded.registry.items[0]?.findings).toMatchObject([{ code: "goal_entry_invalid", line: 5 }]);
  });
});

describe("creating", () => {
  it("a project registry has the keys of FIL-10 and a date (FIL-3)", async () => {
    const { update, textNow } = setUp();
    expect(await update([put("a")])).toMatchObject({ kind: "written", created: true, value: "decided", attempts: 1 });
    const expected = { schema_version: "0.1", updated_at: "2026-11-21", common_runtime_root: "/runtime", goals: [entry("a")] };
    expect(await textNow()).toBe(`${JSON.stringify(expected, null, 2)}\n`);
  });
  it("a global registry has the keys of FIL-20 and an instant", async () => {
    const { update, textNow } = setUp(undefined, { kind: "global_registry" });
    await update([put("a")]);
    const expected = {
      schema_version: "0.1",
      updated_at: "2026-11-21T01:08:04+08:00",
      common_runtime_root: "/runtime",
      registry_role: "global-local",
      goals: [entry("a")],
    };
    expect(await textNow()).toBe(`${JSON.stringify(expected, null, 2)}\n`);
  });
  it("nothing to put creates nothing", async () => {
    const { update, textNow } = setUp();
    expect(await update([drop("a")])).toMatchObject({ kind: "unchanged", revision: null });
    expect(await textNow()).toBeNull();
  });
});

describe("changing", () => {
  it("a new goal leaves every other byte of a hand-written file alone (FIL-2, FIL-18)", async () => {
    const { update, textNow } = setUp(HAND_WRITTEN);
    expect(await update([put("second")])).toMatchObject({ kind: "written", created: false });
    const printed = JSON.stringify(entry("second"), null, 4).replaceAll("\n", "\r\n        ");
    const expected = HAND_WRITTEN.replace("        }\r\n    ],", `        },\r\n        ${printed}\r\n    ],`).replace(
      '"mine"\r\n',
      '"mine",\r\n    "updated_at": "2026-11-21"\r\n',
    );
    expect(await textNow()).toBe(expected);
  });
  it("a known goal is edited in place, its spelling of numbers kept", async () => {
    const { update, textNow } = setUp(HAND_WRITTEN);
    const edit = (current: Registry | null): GoalEdit[] => [
      { kind: "put", goal_id: "first", entry: { ...(current?.items[0]?.raw as JsonObject), domain: "other" } },
    ];
    await update(edit);
    expect(await textNow()).toBe(
      HAND_WRITTEN.replace('"domain": "d"', '"domain": "other"').replace('"mine"\r\n', '"mine",\r\n    "updated_at": "2026-11-21"\r\n'),
    );
  });
  it("an equal entry changes no byte, the date included (CMD-33)", async () => {
    const { update, textNow } = setUp(HAND_WRITTEN);
    expect(await update((current) => [{ kind: "put", goal_id: "first", entry: current?.items[0]?.raw as JsonObject }])).toMatchObject({
      kind: "unchanged",
      value: "decided",
    });
    expect(await textNow()).toBe(HAND_WRITTEN);
  });
  it("removing takes every entry with the id", async () => {
    const { update, load } = setUp(JSON.stringify({ goals: [entry("a"), entry("b"), entry("a")] }, null, 2));
    await update([drop("a")]);
    const loaded = await load();
    expect(loaded.kind === "registry" && loaded.registry.items.map((item) => item.id)).toEqual(["b"]);
  });
  it("the runtime root changes only when the caller names another (FIL-18)", async () => {
    const { update, load } = setUp(HAND_WRITTEN);
    expect(await update([], { replace_runtime_root: true })).toMatchObject({ kind: "written" });
    const loaded = await load();
    expect(loaded.kind === "registry" && loaded.registry.common_runtime_root).toBe("/runtime");
    expect(await update([], { replace_runtime_root: true })).toMatchObject({ kind: "unchanged" });
  });
  it("a goal can take the place of one that only differs in case, in one edit", async () => {
    const { update, load } = setUp(JSON.stringify({ goals: [entry("Main")] }));
    await update([drop("Main"), put("main")]);
    const loaded = await load();
    expect(loaded.kind === "registry" && loaded.registry.items.map((item) => item.id)).toEqual(["main"]);
  });
});

describe("refusing", () => {
  it.each(["{", '{"goals":{"a":1}}', '{"goals":[],}', "", "[]"])(
    "an invalid registry %j keeps its bytes (FIL-16, FIL-125)",
    async (text) => {
      const { update, textNow } = setUp(text);
      expect(await update([put("a")])).toMatchObject({ kind: "invalid", finding: { code: "registry_invalid" } });
      expect(await textNow()).toBe(text);
    },
  );
  it("a file that is no UTF-8 keeps its bytes", async () => {
    const { update } = setUp(new Uint8Array([0xff]));
    expect(await update([put("a")])).toMatchObject({ kind: "invalid", unreadable: { reason: "not_utf8" } });
  });
  it("an id that stands twice is not guessed at (FIL-17)", async () => {
    const text = JSON.stringify({ goals: [entry("a"), entry("a")] });
    const { update, textNow } = setUp(text);
    expect(await update([put("a", { domain: "x" })])).toMatchObject({
      kind: "invalid",
      finding: { code: "goal_id_duplicate", goal_id: "a" },
    });
    expect(await textNow()).toBe(text);
  });
  it("an id that differs only in case is refused (FIL-4)", async () => {
    const { update } = setUp(JSON.stringify({ goals: [entry("Main")] }));
    expect(await update([put("main")])).toMatchObject({
      kind: "invalid",
      finding: { code: "goal_id_case_collision", goal_ids: ["Main", "main"] },
    });
  });
  it("an entry that differs from another only in case is still found by its own spelling", async () => {
    const { update, load } = setUp(JSON.stringify({ goals: [entry("Main"), entry("main")] }));
    expect(await update([put("main", { status: "paused" })])).toMatchObject({ kind: "written" });
    const loaded = await load();
    expect(loaded.kind === "registry" && loaded.registry.items.map((item) => [item.id, item.entry?.status])).toEqual([
      ["Main", "active"],
      ["main", "paused"],
    ]);
  });
  it("an entry under a foreign or illegal id is a bug", async () => {
    const { update } = setUp();
    await expect(update([{ kind: "put", goal_id: "b", entry: entry("a") }])).rejects.toMatchObject({ code: "internal" });
    await expect(update([{ kind: "put", goal_id: "..", entry: { id: ".." } }])).rejects.toMatchObject({ code: "internal" });
  });
});

describe("many writers", () => {
  it("sixteen connects at once leave sixteen goals (FIL-121)", async () => {
    const { update, load } = setUp();
    const ids = Array.from({ length: 16 }, (_, index) => `goal-${index}`);
    await Promise.all(ids.map((id) => update([put(id)])));
    const loaded = await load();
    expect(loaded.kind === "registry" && new Set(loaded.registry.items.map((item) => item.id))).toEqual(new Set(ids));
    expect(loaded.kind === "registry" && registryFindings(loaded.registry)).toEqual([]);
  });
  it("an edit is decided again on what a person saved in between", async () => {
    const { ground, file, update, load } = setUp(JSON.stringify({ goals: [entry("a")] }));
    let saved = false;
    ground.disk.beforeCommit = () => {
      if (!saved) ground.disk.plant(file, JSON.stringify({ goals: [entry("a"), entry("person")] }));
      saved = true;
    };
    expect(await update((current) => [put(`after-${current?.items.length}`)])).toMatchObject({ kind: "written", attempts: 2 });
    const loaded = await load();
    expect(loaded.kind === "registry" && loaded.registry.items.map((item) => item.id)).toEqual(["a", "person", "after-2"]);
  });
  it("a conflict comes back as it is", async () => {
    const { update, documents } = setUp(JSON.stringify({ goals: [] }));
    const found = await documents.read({ kind: "registry" });
    await update([put("a")]);
    expect(found.kind === "found" && (await update([put("b")], { options: { expected: found.revision } }))).toMatchObject({
      kind: "conflict",
    });
  });
});

it("a write that would pass the limit is refused and changes nothing (FIL-100)", async () => {
  const { update, textNow } = setUp('{"goals":[]}');
  expect(await update([put("a", { next_probe: "x".repeat(16 * 1024 * 1024) })])).toMatchObject({
    kind: "invalid",
    finding: { code: "too_large" },
  });
  expect(await textNow()).toBe('{"goals":[]}');
});
