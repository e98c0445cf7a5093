/** Leases over memory files: what is granted, what stands in the way, and that a look changes nothing. */
import { describe, expect, it } from "vitest";
import { acquireLease, type AcquireLeaseInput } from "../../src/actions/lease-acquire.ts";
import { listLeases } from "../../src/actions/lease-list.ts";
import { releaseLease } from "../../src/actions/lease-release.ts";
import { renewLease } from "../../src/actions/lease-renew.ts";
import { verifyLease } from "../../src/actions/lease-verify.ts";
import { claimTodo } from "../../src/actions/todo-claim.ts";
import { completeTodo } from "../../src/actions/todo-complete.ts";
import { listTodos } from "../../src/actions/todo-list.ts";
import { updateTodo } from "../../src/actions/todo-update.ts";
import type { GoalId } from "../../src/domain/ids.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";
import { CREDENTIAL } from "../../src/testing/private-texts.ts";

const MINUTE_MS = 60_000;
const STATE_FILE = ".codex/goals/g/ACTIVE_GOAL_STATE.md";
const STATE = `---
updated_at: 2026-11-20T00:00:00+00:00
---

## Agent Todo

- [ ] [P1] Read nested lists
  <!-- loopx:todo todo_id=todo_lists1 status=open required_write_scopes=src/lists/** -->
- [ ] [P2] Read tables
  <!-- loopx:todo todo_id=todo_table1 status=open -->
`;
const LEASE = { kind: "lease", goal_id: "g" as GoalId, todo_id: "todo_lists1" } as const;

function host(state = STATE): MemoryHost {
  const entry = {
    id: "g",
    domain: "software",
    status: "active",
    repo: "/srv/project",
    state_file: STATE_FILE,
    adapter: { kind: "generic_project_goal_v0", status: "connected" },
    coordination: { registered_agents: ["codex-1", "codex-2", "main"], primary_agent: "main", claim_ttl_minutes: 45 },
  };
  return project({ ".loopx/registry.json": { json: { schema_version: "0.1", goals: [entry] } }, [STATE_FILE]: state });
}

const acquire = (at: MemoryHost, more: Partial<AcquireLeaseInput> = {}) =>
  acquireLease(at, { goal_id: "g", todo_id: "todo_lists1", holder: "codex-1", ...more });
const grant = { goal_id: "g", todo_id: "todo_lists1", holder: "codex-1", token: 1 };
const refusal = async (asked: Promise<unknown>) =>
  asked.then(
    () => "granted",
    (error: { code: string }) => error.code,
  );

describe("lease acquire (CMD-100 to CMD-102)", () => {
  it("gives the goal's claim time, the todo's scopes and a first token", async () => {
    expect(await acquire(host())).toMatchObject({
      dry_run: false,
      applied: true,
      changed: true,
      goal_id: "g",
      todo_id: "todo_lists1",
      holder: "codex-1",
      state: "held",
      live: true,
      token: 1,
      version: 1,
      ttl_minutes: 45,
      renewed_at: null,
      write_scopes: ["src/lists/**"],
      taken_over_from: null,
    });
  });

  it("as a dry run answers the same and writes nothing", async () => {
    const at = host();
    const before = at.files();
    const preview = await acquire(at, { dry_run: true });
    expect(at.files()).toEqual(before);
    expect(await acquire(at)).toEqual({ ...preview, dry_run: false, applied: true });
    expect(await refusal(acquire(at, { dry_run: true }))).toBe("lease_conflict");
  });

  it("refuses a live lease to everybody, its own holder too, and names who and until when", async () => {
    const at = host();
    const { expires_at } = await acquire(at);
    for (const holder of ["codex-1", "codex-2"])
      await expect(acquire(at, { holder })).rejects.toMatchObject({
        code: "lease_conflict",
        details: { holder: "codex-1", expires_at, token: 1 },
      });
    at.clock.tick(45 * MINUTE_MS);
    expect(await acquire(at, { holder: "codex-2" })).toMatchObject({ token: 2, holder: "codex-2", taken_over_from: null });
  });

  it("refuses paths that another live lease of the goal covers, with both patterns", async () => {
    const at = host();
    await acquire(at);
    await expect(acquire(at, { todo_id: "todo_table1", holder: "codex-1", write_scope: ["src"] })).rejects.toMatchObject({
      code: "write_scope_conflict",
      details: { pairs: [["src", "src/lists/**"]] },
    });
    expect(await acquire(at, { todo_id: "todo_table1", holder: "codex-2", write_scope: ["docs"] })).toMatchObject({ token: 1 });
  });

  it("repeats an idempotency key and refuses it with other arguments", async () => {
    const at = host();
    const first = await acquire(at, { idempotency_key: "k" });
    at.clock.tick(MINUTE_MS);
    expect(await acquire(at, { idempotency_key: "k" })).toEqual({ ...first, applied: false, changed: false });
    expect(await refusal(acquire(at, { idempotency_key: "k", ttl_minutes: 7 }))).toBe("idempotency_key_reuse");
  });

  it("is taken over by the primary agent only, which is recorded with the reason", async () => {
    const at = host();
    await acquire(at);
    expect(await refusal(acquire(at, { holder: "codex-2", take_over: true, reason: "stuck" }))).toBe("lease_conflict");
    expect(await acquire(at, { holder: "main", take_over: true, reason: "stuck" })).toMatchObject({
      token: 2,
      taken_over_from: "codex-1",
      take_over_reason: "stuck",
    });
    expect(await refusal(verifyLease(at, grant))).toBe("lease_fenced");
  });

  it("refuses a reason that may not be recorded", async () => {
    expect(await refusal(acquire(host(), { holder: "main", take_over: true, reason: `key ${CREDENTIAL}` }))).toBe("unsafe_text");
  });

  it("refuses a record that cannot be read, which counts as held (FIL-83)", async () => {
    const at = host();
    at.plant(LEASE, "{");
    await expect(acquire(at)).rejects.toMatchObject({ code: "lease_unreadable", details: { todo_id: "todo_lists1" } });
    expect(await refusal(verifyLease(at, grant))).toBe("lease_unreadable");
    expect(await refusal(renewLease(at, grant))).toBe("lease_unreadable");
    expect(at.textOf(LEASE)).toBe("{");
  });

  it("of eight that ask at once one is granted", async () => {
    const at = host();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => refusal(acquire(n % 2 === 0 ? at : at.reopen(), { holder: `codex-${1 + (n % 2)}` }))),
    );
    expect(answers.toSorted()).toEqual(["granted", ...Array.from({ length: 7 }, () => "lease_conflict")]);
  });
});

describe("lease renew, release, verify and list", () => {
  it("renew moves the expiry by the same time, release ends it, and a second release changes nothing", async () => {
    const at = host();
    await acquire(at, { ttl_minutes: 10 });
    at.clock.tick(9 * MINUTE_MS);
    const preview = await renewLease(at, { ...grant, dry_run: true });
    const renewed = await renewLease(at, { ...grant, lease_version: 1 });
    expect(renewed).toEqual({ ...preview, dry_run: false, applied: true });
    expect(renewed).toMatchObject({ changed: true, version: 2, token: 1, ttl_minutes: 10 });
    at.clock.tick(9 * MINUTE_MS);
    expect(await verifyLease(at, grant)).toMatchObject({ read_only: true, live: true, changed: false });
    expect(await refusal(releaseLease(at, { ...grant, lease_version: 1 }))).toBe("lease_version_mismatch");
    expect(await releaseLease(at, { ...grant, dry_run: true })).toMatchObject({ applied: false, changed: true, state: "released" });
    expect(await releaseLease(at, grant)).toMatchObject({ applied: true, changed: true, state: "released", live: false, version: 3 });
    expect(await releaseLease(at, grant)).toMatchObject({ applied: false, changed: false });
    expect(await refusal(renewLease(at, grant))).toBe("lease_not_active");
  });

  it.each([
    ["another token", { token: 2 }, "lease_fenced"],
    ["another holder", { holder: "codex-2" }, "lease_fenced"],
    ["a todo without a lease", { todo_id: "todo_table1" }, "lease_fenced"],
    ["a version that is gone", { lease_version: 4 }, "lease_version_mismatch"],
    ["a text that is no todo id", { todo_id: "../x" }, "invalid_value"],
    ["a token that is none", { token: 0 }, "invalid_value"],
  ])("%s is refused by all three, and nothing is written", async (_what, more, code) => {
    const at = host();
    await acquire(at);
    const before = at.files();
    for (const verb of [renewLease, releaseLease, verifyLease]) expect(await refusal(verb(at, { ...grant, ...more }))).toBe(code);
    expect(at.files()).toEqual(before);
  });

  it("an expired lease is not active, whoever asks", async () => {
    const at = host();
    await acquire(at);
    at.clock.tick(45 * MINUTE_MS);
    for (const verb of [renewLease, releaseLease, verifyLease]) expect(await refusal(verb(at, grant))).toBe("lease_not_active");
    expect(await listLeases(at, {})).toMatchObject({ lease_count: 0, leases: [] });
    expect(await listLeases(at, { all: true })).toMatchObject({
      lease_count: 1,
      leases: [{ holder: "codex-1", live: false, state: "held" }],
    });
  });
});

describe("a todo whose id follows from its place (FIL-46)", () => {
  it("gets its id written down with the lease, so that the lease stays with it when its line moves", async () => {
    const at = host(`${STATE}- [ ] Read trees\n`);
    const derived = (await listTodos(at, { cwd: "/srv/project" })).todos.at(-1)?.todo_id ?? "";
    const before = at.files();
    expect(await acquire(at, { todo_id: derived, dry_run: true })).toMatchObject({ token: 1, changed: true });
    expect(at.files()).toEqual(before);
    expect(await acquire(at, { todo_id: derived })).toMatchObject({ token: 1, todo_id: derived });
    const text = at.textOf({ kind: "goal_state", goal_id: "g" as GoalId }) ?? "";
    expect(text).toContain(`- [ ] Read trees\n  <!-- loopx:todo todo_id=${derived} status=open `);
    at.plant({ kind: "goal_state", goal_id: "g" as GoalId }, text.replace("- [ ] [P1]", "- [ ] New at the top\n- [ ] [P1]"));
    expect(await refusal(acquire(at, { todo_id: derived, holder: "codex-2" }))).toBe("lease_conflict");
  });
});

describe("what may be leased, and what a lease may name", () => {
  it.each([
    ["a person's todo", { todo_id: "todo_asked1" }, "invalid_value"],
    ["a path outside the project", { write_scope: ["../other"] }, "invalid_value"],
    ["a path that leaves it on the way", { write_scope: ["src/../../other"] }, "invalid_value"],
    ["an absolute path", { write_scope: ["/srv/project/src"] }, "invalid_value"],
  ])("is refused: %s", async (_what, more, code) => {
    const at = host(`${STATE}\n## User Todo\n\n- [ ] May lists nest?\n  <!-- loopx:todo todo_id=todo_asked1 -->\n`);
    const before = at.files();
    expect(await refusal(acquire(at, more))).toBe(code);
    expect(at.files()).toEqual(before);
  });

  it("an agent's claim on a person's question keeps nobody from answering it", async () => {
    const asked = "- [ ] May lists nest?\n  <!-- loopx:todo todo_id=todo_asked1 claimed_by=codex-1 -->\n";
    const at = host(`${STATE}\n## User Todo\n\n${asked}`);
    const todo = { goal_id: "g", todo_id: "todo_asked1", cwd: "/srv/project" };
    expect(await refusal(claimTodo(at, { ...todo, claimed_by: "codex-2" }))).toBe("invalid_value");
    expect(await completeTodo(at, { ...todo, evidence: "yes" })).toMatchObject({ status: "done" });
  });
});

describe("the list of todos", () => {
  it("shows a live lease beside the claim", async () => {
    const at = host();
    await acquire(at);
    const shown = async () => (await listTodos(at, { cwd: "/srv/project" })).todos.map((todo) => [todo.leased_by, todo.lease_expires_at]);
    expect(await shown()).toEqual([
      ["codex-1", expect.stringContaining("T")],
      [null, null],
    ]);
    at.clock.tick(45 * MINUTE_MS);
    expect(await shown()).toEqual([
      [null, null],
      [null, null],
    ]);
  });
});

describe("todos that somebody leases (DEC-85)", () => {
  it("are not claimed, closed or reopened by anybody else, and are by the holder", async () => {
    const at = host();
    await acquire(at, { holder: "main" });
    const todo = { goal_id: "g", todo_id: "todo_lists1", cwd: "/srv/project" };
    const before = at.files();
    expect(await refusal(claimTodo(at, { ...todo, claimed_by: "codex-2" }))).toBe("lease_conflict");
    expect(await refusal(updateTodo(at, { ...todo, status: "done", claimed_by: "codex-2" }))).toBe("lease_conflict");
    expect(await refusal(completeTodo(at, { ...todo, claimed_by: "codex-2", evidence: "tests" }))).toBe("lease_conflict");
    expect(at.files()).toEqual(before);
    expect(await completeTodo(at, { ...todo, claimed_by: "main", evidence: "tests" })).toMatchObject({ status: "done" });
    expect(await refusal(acquire(at, { holder: "main" }))).toBe("invalid_value");
  });
});
