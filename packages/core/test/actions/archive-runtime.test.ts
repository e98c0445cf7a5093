/** A runtime directory that moves out of the way: whole, once, and only when nobody needs it. */
import { describe, expect, it } from "vitest";
import { archiveRuntime, type ArchiveRuntimeInput } from "../../src/actions/archive-runtime.ts";
import type { GoalId } from "../../src/domain/ids.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";
import { RUNTIME_ROOT } from "../../src/testing/memory-places.ts";

const STRAY = "stray" as GoalId;
const SOURCE = `${RUNTIME_ROOT}/goals/stray`;
const RUN = { generated_at: "2026-11-20T00:00:00Z", goal_id: "stray", classification: "x" };

function host(goals: readonly string[] = []): MemoryHost {
  const entries = goals.map((id) => ({
    id,
    domain: "d",
    status: "active",
    repo: "/srv/project",
    state_file: `${id}.md`,
    adapter: { kind: "generic_project_goal_v0", status: "connected" },
  }));
  const at = project(
    { ".loopx/registry.json": JSON.stringify({ schema_version: "0.1", goals: entries }) },
    { now: "2026-11-21T09:00:00Z" },
  );
  at.plant({ kind: "runs", goal_id: STRAY }, { lines: [RUN] });
  at.plant(`${SOURCE}/runs/odd.txt`, "kept too");
  return at;
}

const archive = (at: MemoryHost, input: Partial<ArchiveRuntimeInput> = {}) =>
  archiveRuntime(at, { goal_id: "stray", cwd: "/srv/project", ...input });
const lease = (at: MemoryHost) =>
  at.leases.acquire({ goal_id: STRAY, todo_id: "todo_000000000001" }, { holder: "codex-1", ttl_minutes: 30, write_scopes: [] });

describe("archiveRuntime (CMD-115)", () => {
  it("moves the whole directory under a stamped name", async () => {
    const at = host();
    const moved = await archive(at);
    expect(moved).toEqual({
      dry_run: false,
      applied: true,
      goal_id: "stray",
      source: SOURCE,
      destination: `${RUNTIME_ROOT}/archived-goals/stray-20261121T090000Z`,
      registered: false,
      run_count: 1,
      moved: true,
    });
    expect(at.textOf(`${moved.destination}/runs/odd.txt`)).toBe("kept too");
    expect(at.textOf(`${moved.destination}/runs/index.jsonl`)).toContain("stray");
    expect(at.disk.stands(SOURCE)).toBe(false);
    await expect(archive(at)).rejects.toMatchObject({ code: "goal_not_found" });
  });

  it("numbers the second archive of one second", async () => {
    const at = host();
    await archive(at);
    at.plant(`${SOURCE}/runs/index.jsonl`, "");
    expect((await archive(at)).destination).toBe(`${RUNTIME_ROOT}/archived-goals/stray-20261121T090000Z-2`);
  });

  it("as a preview says where it would go and moves nothing", async () => {
    const at = host();
    const before = at.files();
    const preview = await archive(at, { dry_run: true });
    expect(at.files()).toEqual(before);
    expect({ ...preview, dry_run: false, applied: true, moved: true }).toEqual(await archive(at));
  });

  it("leaves a registered goal alone unless told otherwise", async () => {
    const at = host(["Stray"]);
    const before = at.files();
    await expect(archive(at)).rejects.toMatchObject({ code: "goal_registered" });
    expect(at.files()).toEqual(before);
    expect(await archive(at, { allow_registered: true })).toMatchObject({ moved: true, registered: true });
  });

  it("asks the global registry too", async () => {
    const at = host();
    at.plant({ kind: "global_registry" }, { json: { goals: [{ id: "stray" }] } });
    await expect(archive(at)).rejects.toMatchObject({ code: "goal_registered" });
    at.plant({ kind: "global_registry" }, "{");
    await expect(archive(at)).rejects.toMatchObject({ code: "registry_invalid" });
  });

  it("waits for a live lease to end (FIL-80)", async () => {
    const at = host();
    expect((await lease(at)).kind).toBe("granted");
    await expect(archive(at, { dry_run: true })).rejects.toMatchObject({ code: "lease_conflict", details: { holder: "codex-1" } });
    await expect(archive(at)).rejects.toMatchObject({ code: "lease_conflict" });
    at.clock.tick(31 * 60_000);
    expect(await archive(at)).toMatchObject({ moved: true });
  });

  it("waits for a process that writes its history", async () => {
    const at = host();
    at.disk.hold(`${SOURCE}/runs/index.jsonl`);
    await expect(archive(at)).rejects.toMatchObject({ code: "lock_timeout" });
    expect(at.disk.stands(SOURCE)).toBe(true);
  });

  it("never moves what a link leads to", async () => {
    const at = host();
    at.disk.link(`${RUNTIME_ROOT}/goals/linked`, "/srv/elsewhere");
    at.plant("/srv/elsewhere/runs/index.jsonl", "");
    await expect(archive(at, { goal_id: "linked" })).rejects.toMatchObject({ code: "path_outside_root" });
    expect(at.textOf("/srv/elsewhere/runs/index.jsonl")).toBe("");
  });

  it.each<[string, Partial<ArchiveRuntimeInput>, string]>([
    ["an id that leads outside", { goal_id: "../stray" }, "goal_id_invalid"],
    ["no goal", { goal_id: undefined }, "usage"],
    ["a goal without a runtime directory", { goal_id: "nobody" }, "goal_not_found"],
    ["an archive inside itself", { archive_root: `${SOURCE}/old` }, "invalid_value"],
  ])("refuses %s and creates nothing", async (_what, input, code) => {
    const at = host();
    const before = at.files();
    await expect(archive(at, input)).rejects.toMatchObject({ code });
    expect(at.files()).toEqual(before);
  });

  it("goes where a person says", async () => {
    expect((await archive(host(), { archive_root: "old" })).destination).toBe("/srv/project/old/stray-20261121T090000Z");
  });
});
