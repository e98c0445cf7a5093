/** The operator's window over HTTP: what it shows, what it writes and under which id, and what it never says (CMD-120 to CMD-132). */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configureGoal, connect, history, refreshState, status } from "@loopx/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { askedTodo, openYard, textsBelow, type Yard } from "./rig.ts";

const JUDGEMENT = { goal_id: "parser", decision: "go_on", reward: "positive", reason_summary: "it reads well" };

let yard: Yard;
beforeEach(async () => {
  yard = await openYard(["parser", "atlas"]);
});
afterEach(async () => yard.close());

/** A dry run, and the append that it allows. */
async function previewed(more: object = {}): Promise<Record<string, unknown>> {
  const { status: code, body } = await yard.post("/reward/dry-run", { ...JUDGEMENT, ...more });
  expect(code).toBe(200);
  const { selected_run, human_reward, preview_id } = body as {
    selected_run: { generated_at: string };
    human_reward: { recorded_at: string };
    preview_id: string;
  };
  return { ...JUDGEMENT, ...more, run_generated_at: selected_run.generated_at, recorded_at: human_reward.recorded_at, preview_id };
}
/** The id as anybody computes it. */
function idOf(seen: object): string {
  const sorted = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
  };
  return createHash("sha256")
    .update(JSON.stringify(sorted(seen)))
    .digest("hex")
    .slice(0, 24);
}
const indexLines = () =>
  readFileSync(join(yard.host.places.runsDirectory("parser" as never), "index.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line !== "").length;

describe("what it shows", () => {
  test("the status as the command gives it, with its capabilities, and every goal whether it needs anybody or not (CMD-125)", async () => {
    await askedTodo(yard, "parser", "Confirm the grammar");
    const { body } = await yard.get("/status.json");
    const told = await status(yard.host, { cwd: yard.project, limit: 5 });
    expect(body["attention_queue"]).toEqual(told.attention_queue);
    expect(body).toMatchObject({
      ok: true,
      goal_count: 2,
      run_count: 2,
      local_dashboard_api: { source: "serve-status", reward_write_enabled: true },
    });
    const { body: list } = await yard.get("/goals.json");
    expect(list["goals"]).toMatchObject([
      {
        goal_id: "parser",
        project: "project",
        rule: "user_gate",
        gates: [{ kind: "todo", question: "Confirm the grammar", stops_goal: true }],
      },
      { goal_id: "atlas", rule: "advance_todo", should_run: true, gates: [], latest_run: { outcome: "outcome_progress" } },
    ]);
  });

  test("one goal whole: verdict, trace, runs with their grades, todos, leases, spends", async () => {
    const { body } = await yard.get("/goals/atlas.json");
    expect(body).toMatchObject({
      ok: true,
      goal_id: "atlas",
      verdict: { ok: true, value: { rule: "advance_todo", should_run: true } },
      why: { rule: "advance_todo", to_change: [{ actor: "codex" }] },
      runs: { ok: true, value: [{ classification: "built_the_parser", outcome: "outcome_progress", scale: "single_surface" }] },
      todos: { ok: true, value: [{ role: "agent", status: "open" }] },
      leases: { ok: true, value: [] },
      spends: { ok: true, value: [] },
      packet: { ok: true, value: { kind: "codex", goal_id: "atlas" } },
      material: { ok: true, value: [{ below: "state", path: "ACTIVE_GOAL_STATE.md" }] },
      settings: { ok: true, value: { status: "active", quota_compute: 1, waiting_on: null, write_scope: [] } },
    });
    const { runs, material } = body as unknown as Record<"runs" | "material", { value: { material?: object }[] }>;
    for (const file of [runs.value[0]?.material, material.value[0]] as Record<string, string>[]) {
      const { status: code } = await yard.get(`/review-material?${new URLSearchParams({ goal_id: "atlas", ...file }).toString()}`);
      expect([file, code]).toEqual([file, 200]);
    }
    expect((await yard.get("/goals/nobody.json")).body).toMatchObject({ ok: false, error: { code: "goal_not_found" } });
  });

  test("no path of this machine and no private text, in no answer (CMD-125, REL-132)", async () => {
    const secret = ["ghp", "0123456789abcdefghij0123"].join("_");
    const state = join(yard.project, ".codex/goals/parser/ACTIVE_GOAL_STATE.md");
    const text = readFileSync(state, "utf8");
    writeFileSync(state, text.replace("- [ ]", `- [ ] Look at ${yard.folder}/notes.md with ${secret}\n- [ ]`));
    for (const path of ["/status.json", "/goals.json", "/loops.json", "/goals/parser.json", "/goals/nobody.json", "/"]) {
      const answer = await yard.get(path, { accept: "application/json" });
      expect([path, answer.text.includes(yard.folder), answer.text.includes(secret)]).toEqual([path, false, false]);
    }
  });

  test("the packet with this machine's paths to the one who has the token, in the language that was asked for, and to nobody else", async () => {
    await askedTodo(yard, "parser", "Confirm the grammar");
    const shown = (await yard.get("/goals/parser.json?lang=zh")).body as { packet: { value: { packet: string } } };
    const { body: whole } = await yard.post("/packet", { goal_id: "parser", lang: "zh" });
    expect(whole["packet"]).toMatch(/## 需要你决定什么[^]*Confirm the grammar/);
    expect(shown.packet.value.packet).not.toContain(yard.folder);
    const open = await fetch(`http://127.0.0.1:${yard.served.port}/packet`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"goal_id":"parser"}',
    });
    expect(open.status).toBe(401);
    expect((await yard.post("/packet", { goal_id: "parser", path: "/etc" })).status).toBe(400);
  });

  test("a change as soon as it stands, from the next look on and to whoever listens, and never the bytes of before (PRF-7)", async () => {
    const before = (await yard.get("/status.json")).text;
    const heard = await listening();
    await refreshState(yard.host, { goal_id: "atlas", classification: "built_more" });
    await heard.next();
    const after = await yard.get("/status.json");
    expect(after.text).not.toBe(before);
    expect(after.body).toMatchObject({ run_count: 3 });
    heard.end();
  });

  test("an unreadable registry as an error until it is repaired; the server lives on (CMD-120)", async () => {
    const registry = yard.host.places.registry;
    const whole = readFileSync(registry, "utf8");
    writeFileSync(registry, "{ no");
    expect(await yard.get("/status.json")).toMatchObject({ status: 500, body: { ok: false, error: { code: "registry_invalid" } } });
    expect((await yard.get("/healthz")).status).toBe(200);
    writeFileSync(registry, whole);
    expect((await yard.get("/status.json")).status).toBe(200);
  });

  test("the goals of all projects with --global-registry, also before the first one is connected", async () => {
    const global = await openYard([], { global_registry: true });
    expect((await global.get("/status.json")).status).toBe(500);
    await connect(global.host, { project: global.project, cwd: global.project, goal_id: "first" });
    expect((await global.get("/goals.json")).body).toMatchObject({ goals: [{ goal_id: "first" }] });
    await global.close();
  });

  test("reading wants the token too where that was asked for; health and the empty page do not (CMD-121)", async () => {
    const closed = await openYard(["parser"], { require_token: true });
    for (const path of ["/status.json", "/goals.json", "/goals/parser.json", "/loops.json", "/events"])
      expect([path, (await closed.get(path)).status]).toEqual([path, 401]);
    expect((await closed.get("/healthz")).status).toBe(200);
    expect((await closed.get("/")).status).toBe(200);
    expect((await closed.get("/status.json", { authorization: `Bearer ${closed.served.token}` })).status).toBe(200);
    await closed.close();
  });
});

describe("a judgement (CMD-127 to CMD-131)", () => {
  test("is seen dry, appended once under that id, and refused when it is said again", async () => {
    const lesson = { lesson_kind: "route", lesson_summary: "tests first", lesson_avoid: "guessing", lesson_prefer: ["reading", "asking"] };
    const draft = await previewed(lesson);
    expect(indexLines()).toBe(1);
    expect(await yard.post("/reward/append", draft)).toMatchObject({ status: 200, body: { ok: true, appended: true } });
    expect(await yard.post("/reward/append", draft)).toMatchObject({ status: 409, body: { error: { code: "preview_stale" } } });
    expect(indexLines()).toBe(2);
    const { runs } = await history(yard.host, { goal_id: "parser" });
    expect(runs[0]?.human_reward?.lesson).toMatchObject({ avoid: ["guessing"], prefer: ["reading", "asking"] });
  });

  test("has the id that anybody can compute from the answer (CMD-130)", async () => {
    const { body } = await yard.post("/reward/dry-run", JUDGEMENT);
    const { goal_id, raw_index_records_before, selected_run, human_reward, preview_id } = body;
    expect(preview_id).toBe(idOf({ goal_id, raw_index_records_before, selected_run, human_reward }));
  });

  test("of two at once is appended once", async () => {
    const draft = await previewed();
    const both = await Promise.all([yard.post("/reward/append", draft), yard.post("/reward/append", draft)]);
    expect(both.map(({ status: code }) => code).sort((a, b) => a - b)).toEqual([200, 409]);
    expect(indexLines()).toBe(2);
  });

  test("is refused when a run came in between, or when it says something else than was seen", async () => {
    const draft = await previewed();
    expect(await yard.post("/reward/append", { ...draft, reason_summary: "it does not" })).toMatchObject({ status: 409 });
    await refreshState(yard.host, { goal_id: "parser", classification: "built_more" });
    expect(await yard.post("/reward/append", draft)).toMatchObject({ status: 409, body: { error: { code: "preview_stale" } } });
    expect(indexLines()).toBe(2);
  });

  test("needs run, time and id to be named, and no field that nobody knows", async () => {
    const draft = await previewed();
    for (const key of ["run_generated_at", "recorded_at", "preview_id"])
      expect(await yard.post("/reward/append", { ...draft, [key]: undefined })).toMatchObject({
        status: 400,
        body: { error: { code: "invalid_value" } },
      });
    expect((await yard.post("/reward/append", { ...draft, registry: "/etc" })).status).toBe(400);
    expect((await yard.post("/reward/dry-run", { ...JUDGEMENT, lesson_kind: "route" })).body).toMatchObject({ error: { code: "usage" } });
  });
});

describe("an answer to a gate (REL-129)", () => {
  test.each([
    ["approve", "done", 1],
    ["reject", "done", 0],
  ] as const)("%ss a todo that asks, once and as it was seen", async (decision, ended, evidence) => {
    const todo_id = await askedTodo(yard, "parser", "Confirm the grammar");
    const draft = { goal_id: "parser", todo_id, decision, reason_summary: "the tables agree" };
    const { body } = await yard.post("/gate/dry-run", draft);
    const answer = { ...draft, preview_id: body["preview_id"] };
    expect(await yard.post("/gate/answer", answer)).toMatchObject({
      status: 200,
      body: { applied: true, todo: { todo_id, status: ended } },
    });
    expect(await yard.post("/gate/answer", answer)).toMatchObject({ status: 409, body: { error: { code: "preview_stale" } } });
    const text = readFileSync(join(yard.project, ".codex/goals/parser/ACTIVE_GOAL_STATE.md"), "utf8");
    expect(text.split("evidence=").length - 1).toBe(evidence);
    expect((await yard.get("/goals.json")).body).toMatchObject({ goals: [{ goal_id: "parser", gates: [] }, {}] });
  });

  test("is refused when the goal state changed meanwhile, and leaves it as it is", async () => {
    const todo_id = await askedTodo(yard, "parser", "Confirm the grammar");
    const draft = { goal_id: "parser", todo_id, decision: "approve", reason_summary: "agreed" };
    const { body } = await yard.post("/gate/dry-run", draft);
    await askedTodo(yard, "parser", "Another question");
    const before = textsBelow(yard.project);
    expect(await yard.post("/gate/answer", { ...draft, preview_id: body["preview_id"] })).toMatchObject({ status: 409 });
    expect(textsBelow(yard.project)).toEqual(before);
    expect(await yard.post("/gate/dry-run", { ...draft, decision: "defer" })).toMatchObject({
      status: 400,
      body: { error: { code: "usage" } },
    });
  });

  test("records a gate of the history, unless the history has grown", async () => {
    const draft = { goal_id: "parser", gate: "publish", decision: "reject", reason_summary: "too early" };
    const { body } = await yard.post("/gate/dry-run", draft);
    const answer = { ...draft, preview_id: body["preview_id"] };
    expect(await yard.post("/gate/answer", answer)).toMatchObject({
      status: 200,
      body: { operator_gate: { classification: "operator_gate_rejected" } },
    });
    expect(await yard.post("/gate/answer", answer)).toMatchObject({ status: 409 });
    expect(indexLines()).toBe(2);
  });
});

describe("a goal's settings (CMD-129, CMD-130)", () => {
  const PLACE = "/control-plane/configure-goal";
  const CHANGE = { goal_id: "parser", quota_compute: 0, write_scope: ["src/**", "tests/**"] };

  test("are seen dry under the id that anybody can compute, applied once, and refused on the second click", async () => {
    const registry = readFileSync(yard.host.places.registry, "utf8");
    const { body } = await yard.post(`${PLACE}/dry-run`, CHANGE);
    const { goal_id, changed, changed_fields, before, after, preview_id } = body;
    expect(body).toMatchObject({ ok: true, dry_run: true, applied: false, after: { "quota.compute": 0 } });
    expect(preview_id).toBe(idOf({ goal_id, changed, changed_fields, before, after }));
    expect(readFileSync(yard.host.places.registry, "utf8")).toBe(registry);
    const apply = { ...CHANGE, preview_id };
    const both = await Promise.all([yard.post(`${PLACE}/apply`, apply), yard.post(`${PLACE}/apply`, apply)]);
    expect(both.map(({ status: code }) => code).sort((a, b) => a - b)).toEqual([200, 409]);
    expect(both.find(({ status: code }) => code === 200)?.body).toMatchObject({ ok: true, dry_run: false, applied: true, changed_fields });
    expect((await yard.get("/goals.json")).body).toMatchObject({ goals: [{ goal_id: "parser", rule: "paused" }, { goal_id: "atlas" }] });
    expect(await yard.post(`${PLACE}/apply`, apply)).toMatchObject({ status: 409, body: { error: { code: "preview_stale" } } });
  });

  test("are refused when they changed meanwhile or are not those that were seen, and nothing is written", async () => {
    const { body } = await yard.post(`${PLACE}/dry-run`, CHANGE);
    const apply = { ...CHANGE, preview_id: body["preview_id"] };
    expect(await yard.post(`${PLACE}/apply`, { ...apply, quota_compute: 0.25 })).toMatchObject({ status: 409 });
    expect(await yard.post(`${PLACE}/apply`, { ...apply, goal_id: "atlas" })).toMatchObject({ status: 409 });
    await configureGoal(yard.host, { goal_id: "parser", quota_compute: 0.75 });
    const before = textsBelow(yard.folder);
    expect(await yard.post(`${PLACE}/apply`, apply)).toMatchObject({ status: 409, body: { error: { code: "preview_stale" } } });
    expect(textsBelow(yard.folder)).toEqual(before);
  });

  test.each([
    ["an unknown field", { ...CHANGE, execute: true }, "invalid_value"],
    ["a field of another form", { ...CHANGE, quota_compute: "0" }, "invalid_value"],
    ["a value out of range", { ...CHANGE, claim_ttl_minutes: 0 }, "invalid_value"],
    ["two that exclude each other", { ...CHANGE, clear_write_scopes: true }, "conflicting_flags"],
    ["no change at all", { goal_id: "parser" }, "usage"],
  ])("are refused for %s", async (_name, fields, code) => {
    expect(await yard.post(`${PLACE}/dry-run`, fields)).toMatchObject({ status: 400, body: { error: { code } } });
    expect((await yard.post(`${PLACE}/apply`, fields)).status).toBe(400);
    expect((await yard.post(`${PLACE}/apply`, { ...fields, preview_id: "0" })).status).toBe(400);
  });
});

test("no write route exists without its own flag, and each flag opens one (issue rule, REL-129)", async () => {
  const quiet = await openYard(["parser"], { writes: { reward: false, gate: true, control_plane: false } });
  expect(await quiet.post("/reward/append", {})).toMatchObject({ status: 403, body: { error: { code: "write_disabled" } } });
  expect((await quiet.post("/gate/answer", {})).status).toBe(400);
  expect(await quiet.post("/control-plane/configure-goal/apply", {})).toMatchObject({
    status: 403,
    body: { error: { code: "write_disabled" } },
  });
  expect((await quiet.post("/control-plane/configure-goal/dry-run", { goal_id: "parser", quota_compute: 0 })).status).toBe(200);
  expect((await quiet.get("/", { accept: "application/json" })).body).toMatchObject({
    reward_append_url: null,
    gate_answer_url: "/gate/answer",
    configure_goal_dry_run_url: "/control-plane/configure-goal/dry-run",
    configure_goal_apply_url: null,
    control_plane_write_enabled: false,
  });
  await quiet.close();
});

test("the token is private, new with each start, and gone with the server; a busy port is told (CMD-121, CMD-132)", async () => {
  const { token, token_path, port } = yard.served;
  expect(readFileSync(token_path, "utf8").trim()).toBe(token);
  expect([token.length, statSync(token_path).mode & 0o777]).toEqual([43, 0o600]);
  await expect(openYard(["parser"], { port })).rejects.toMatchObject({ code: "port_busy" });
  const other = await openYard(["parser"]);
  expect(other.served.token).not.toBe(token);
  await other.close();
  expect(existsSync(other.served.token_path)).toBe(false);
});

test("where the runtime root takes no token nothing is served", async () => {
  writeFileSync(join(yard.folder, "file"), "");
  const options = { open: { cwd: yard.project, home: yard.folder, env: { LOOPX_RUNTIME_ROOT: join(yard.folder, "file") } } };
  await expect(openYard([], options)).rejects.toMatchObject({ code: expect.any(String) as string });
});

/** A reader of the events, behind the first word. */
async function listening(): Promise<{ next: () => Promise<string>; end: () => void }> {
  const stop = new AbortController();
  const response = await fetch(`http://127.0.0.1:${yard.served.port}/events`, { signal: stop.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const next = async (): Promise<string> => {
    for (;;) {
      const { value = "", done } = (await reader?.read()) ?? { done: true };
      if (done || value.includes("event: changed")) return value;
    }
  };
  await next();
  return { next, end: () => stop.abort() };
}
