/** Actions under OpenTelemetry's own SDK: what is told, what never is, and that looking on changes nothing. */
import { SpanStatusCode } from "@opentelemetry/api";
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { describe, expect, it } from "vitest";
import { acquireLease, addTodo, claimTodo, completeTodo, refreshState, shouldRun, spendSlot } from "../../src/actions/index.ts";
import type { Host } from "../../src/ports/host.ts";
import { openTelemetryObserver } from "../../src/telemetry/index.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";

const GOAL = { goal_id: "g1", cwd: "/srv/project" };
const SECRET_TEXT = "Implement the parser of the northern branch";

function host(): MemoryHost {
  const state = `---\nstatus: active\nupdated_at: 2026-11-20T00:00:00+00:00\n---\n\n## Agent Todo\n\n- [ ] [P1] ${SECRET_TEXT}\n  <!-- loopx:todo todo_id=todo_ag0001 -->\n`;
  const goal = {
    id: "g1",
    domain: "software",
    status: "active",
    repo: "/srv/project",
    state_file: ".codex/goals/g1/ACTIVE_GOAL_STATE.md",
    adapter: { kind: "generic_project_goal_v0", status: "connected" },
  };
  return project({
    ".loopx/registry.json": `${JSON.stringify({ schema_version: "0.1", goals: [goal] }, null, 2)}\n`,
    ".codex/goals/g1/ACTIVE_GOAL_STATE.md": state,
  });
}

function telemetry() {
  const spans = new InMemorySpanExporter();
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).getTracer("test");
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000_000 });
  const provider = new MeterProvider({ readers: [reader] });
  return {
    observer: openTelemetryObserver({ tracer, meter: provider.getMeter("test") }),
    spans: () =>
      spans.getFinishedSpans().map(({ name, attributes, status }) => ({
        name,
        attributes,
        failed: status.code === SpanStatusCode.ERROR ? status.message : null,
      })),
    metrics: async () => {
      await provider.forceFlush();
      const found =
        exporter
          .getMetrics()
          .at(-1)
          ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
      await provider.shutdown();
      return new Map(
        found.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ attributes, value }) => ({ attributes, value }))]),
      );
    },
  };
}

/** A day of a goal: verdicts, a finished todo that is paid once, one refused payment, one conflict. */
async function day(at: Host): Promise<unknown[]> {
  const second = await addTodo(at, { ...GOAL, role: "agent", text: "[P2] Read the second file" });
  return [
    await shouldRun(at, GOAL),
    await claimTodo(at, { ...GOAL, todo_id: "todo_ag0001", claimed_by: "one" }),
    await claimTodo(at, { ...GOAL, todo_id: "todo_ag0001", claimed_by: "two" }).catch((error: unknown) => error),
    await acquireLease(at, { ...GOAL, todo_id: second.todo_id ?? "", holder: "one" }),
    await completeTodo(at, { ...GOAL, todo_id: "todo_ag0001", claimed_by: "one", evidence: "12 tests pass" }),
    await refreshState(at, { ...GOAL, delivery_outcome: "primary_goal_outcome", artifact: ["a.ts"], validation: "12 tests pass" }),
    await spendSlot(at, { ...GOAL, slots: 1, source: "heartbeat", dry_run: true }),
    await spendSlot(at, { ...GOAL, slots: 1, source: "heartbeat" }),
    await spendSlot(at, { ...GOAL, slots: 1, source: "heartbeat" }),
    await shouldRun(at, GOAL),
  ];
}

describe("telemetry", () => {
  it("is a span per action, with the goal, the verdict and the code of what went wrong", async () => {
    const { observer, spans } = telemetry();
    await day({ ...host(), observer });
    const told = spans();
    expect(told.map(({ name }) => name).filter((name) => name !== "loopx.sync_global")).toEqual([
      "loopx.add_todo",
      "loopx.should_run",
      "loopx.claim_todo",
      "loopx.claim_todo",
      "loopx.acquire_lease",
      "loopx.complete_todo",
      "loopx.refresh_state",
      "loopx.spend_slot",
      "loopx.spend_slot",
      "loopx.spend_slot",
      "loopx.should_run",
    ]);
    expect(told[1]?.attributes).toMatchObject({ "loopx.goal_id": "g1", "loopx.rule": "advance_todo", "loopx.should_run": true });
    expect(told.map(({ failed }) => failed).filter((code) => code !== null)).toEqual(["claim_conflict", "spend_refused"]);
  });

  it("counts verdicts, slots really paid and conflicts", async () => {
    const { observer, metrics } = telemetry();
    await day({ ...host(), observer });
    const found = await metrics();
    expect(found.get("loopx.verdicts")?.map(({ value }) => value)).toEqual([2]);
    expect(found.get("loopx.spends")).toEqual([{ attributes: { "loopx.goal_id": "g1" }, value: 1 }]);
    expect(found.get("loopx.conflicts")).toEqual([
      { attributes: { "loopx.action": "claim_todo", "loopx.code": "claim_conflict" }, value: 1 },
    ]);
    expect(found.get("loopx.actions")?.length).toBeGreaterThan(5);
  });

  it("tells no text of a goal, a todo or a person", async () => {
    const { observer, spans, metrics } = telemetry();
    await day({ ...host(), observer });
    const all = JSON.stringify([spans(), [...(await metrics())]]);
    for (const text of [SECRET_TEXT, "12 tests pass", "second file", "/srv/project"]) expect(all).not.toContain(text);
  });

  it("changes no answer and no file", async () => {
    const [watched, alone] = [host(), host()];
    const answers = await day({ ...watched, observer: telemetry().observer });
    expect(answers).toEqual(await day(alone));
    expect(watched.files()).toEqual(alone.files());
  });

  it("is told a bug too, and hands it on", async () => {
    const { observer, spans } = telemetry();
    const at = host();
    const broken: Host = { ...at, observer, documents: { ...at.documents, read: () => Promise.reject(new TypeError("a bug")) } };
    await expect(shouldRun(broken, GOAL)).rejects.toThrow("a bug");
    expect(spans()).toMatchObject([{ name: "loopx.should_run", failed: "internal" }]);
  });
});
