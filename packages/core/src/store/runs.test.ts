import { describe, expect, it } from "vitest";
import type { JsonObject } from "../domain/json.ts";
import { instantMs } from "../domain/time.ts";
import type { LogPosition } from "../ports/logs.ts";
import type { GoalId } from "../domain/ids.ts";
import { memoryHost, type MemoryHost } from "../testing/memory-host.ts";
import { expectWritten } from "./outcome.ts";
import { appendRun, artifactsPresent, type NewRun } from "./runs.ts";

const G1 = "g1" as GoalId;
const NOW = { ms: instantMs("2026-11-21T01:08:04.123+08:00") ?? 0, offset_minutes: 480 };

const run = (more: Partial<NewRun> = {}): NewRun => ({
  goal_id: G1,
  kind: "run",
  now: NOW,
  classification: "state_refreshed",
  recommended_action: "continue",
  health_check: "ok",
  fields: { progress_scope: "goal" },
  ...more,
});

function runsOf(host: MemoryHost): string[] {
  const directory = host.places.runsDirectory(G1);
  return Object.keys(host.files())
    .filter((path) => path.startsWith(directory))
    .map((path) => path.slice(directory.length + 1))
    .sort();
}

describe("appending a run", () => {
  it("leaves index line, JSON and Markdown, each complete (FIL-61, FIL-62)", async () => {
    const host = memoryHost();
    const done = expectWritten(await appendRun(host, run({ artifact: { state: { path: "/p/state.md" } } })), "index.jsonl");
    expect(done).toMatchObject({ kind: "appended", generated_at: "2026-11-21T01:08:04.123+08:00", position: "0", repaired_tail: false });
    expect(runsOf(host)).toEqual(["2026-11-21T01-08-04-123-08-00.json", "2026-11-21T01-08-04-123-08-00.md", "index.jsonl"]);
    const line = JSON.parse(host.textOf({ kind: "runs", goal_id: G1 }) ?? "") as JsonObject;
    expect(line).toEqual(done.record);
    const artifact = host.textOf({ kind: "artifact", goal_id: G1, name: "2026-11-21T01-08-04-123-08-00.json" }) ?? "";
    expect(JSON.parse(artifact)).toEqual({ ...line, state: { path: "/p/state.md" } });
    expect(artifact.endsWith("\n}\n")).toBe(true);
  });

  it("gives three records of one instant three stems (FIL-122)", async () => {
    const host = memoryHost();
    for (let at = 0; at < 3; at += 1) await appendRun(host, run({ kind: "operator_gate", fields: { at } }));
    const stem = "2026-11-21T01-08-04-123-08-00-operator-gate";
    expect(runsOf(host)).toEqual([
      `${stem}-2.json`,
      `${stem}-2.md`,
      `${stem}-3.json`,
      `${stem}-3.md`,
      `${stem}.json`,
      `${stem}.md`,
      "index.jsonl",
    ]);
    const read = await host.histories.read(G1, { keep: 5, spends_since_ms: 0 });
    expect(read).toMatchObject({ kind: "history", history: { run_count: 3, notes: [] } });
  });

  it("takes another stem where only the Markdown name is taken, and leaves that file alone", async () => {
    const host = memoryHost();
    host.plant({ kind: "artifact", goal_id: G1, name: "2026-11-21T01-08-04-123-08-00.md" }, "mine");
    const done = expectWritten(await appendRun(host, run()), "index.jsonl");
    expect(done.record["artifact_stem"]).toBe("2026-11-21T01-08-04-123-08-00-2");
    expect(host.textOf({ kind: "artifact", goal_id: G1, name: "2026-11-21T01-08-04-123-08-00.md" })).toBe("mine");
  });

  it("answers conflict when the log grew since its head (REL-46)", async () => {
    const host = memoryHost();
    await appendRun(host, run());
    const outcome = await appendRun(host, run({ expected_head: "0" as LogPosition }));
    expect(outcome).toMatchObject({ kind: "conflict" });
    expect(() => expectWritten(outcome, "index.jsonl")).toThrow(/kept changing/);
    expect((host.textOf({ kind: "runs", goal_id: G1 }) ?? "").trim().split("\n")).toHaveLength(1);
  });

  it("answers duplicate for an id that is there already (REL-45)", async () => {
    const host = memoryHost();
    await appendRun(host, run({ run_id: "run_key", once: true }));
    expect(await appendRun(host, run({ run_id: "run_key", once: true }))).toMatchObject({
      kind: "duplicate",
      record: { run_id: "run_key" },
    });
  });

  it("refuses a line over 64 KiB before anything is written (FIL-102)", async () => {
    const host = memoryHost();
    const outcome = await appendRun(host, run({ fields: { note: "长".repeat(30_000) } }));
    expect(outcome).toMatchObject({ kind: "unreadable", reason: "too_large", limit: 65_536 });
    expect(runsOf(host)).toEqual([]);
  });
});

it("artifacts count as present only when both files stand in the goal's own directory (FIL-63, DEC-62)", async () => {
  const host = memoryHost();
  const done = expectWritten(await appendRun(host, run()), "index.jsonl");
  if (done.kind !== "appended") throw new Error(done.kind);
  const whole = { run_id: "run_a", json_path: done.json_path, markdown_path: done.markdown_path };
  const moved = { run_id: "run_b", json_path: done.json_path.replace(/^.*\/goals/, "/elsewhere/goals"), markdown_path: done.markdown_path };
  const half = { run_id: "run_c", json_path: done.json_path, markdown_path: null };
  const away = { run_id: "run_d", json_path: "/etc/hostname", markdown_path: "/etc/passwd" };
  expect(await artifactsPresent(host, G1, [whole, moved, half, away])).toEqual(new Set(["run_a", "run_b"]));
});
