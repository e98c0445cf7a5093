import { describe, expect, it } from "vitest";
import { nodeDigest } from "../../node/digest.ts";
import { artifactName, artifactStem, buildRunRecord, derivedRunId, runMarkdown } from "./record.ts";
import { RunRecordSchema } from "./record-schema.ts";

const HEAD = {
  generated_at: "2026-11-21T01:08:04.123+08:00",
  goal_id: "g1",
  classification: "state_refreshed",
  recommended_action: "continue",
  health_check: "ok",
  json_path: "/srv/goals/g1/runs/a.json",
  markdown_path: "/srv/goals/g1/runs/a.md",
};

describe("an index record", () => {
  it("has its keys in the written order, kind fields before the identity (FIL-61)", () => {
    const record = buildRunRecord(
      HEAD,
      { progress_scope: "goal", agent_id: undefined, goal_id: "other" },
      { run_id: "run_x", artifact_stem: "a" },
    );
    expect(Object.keys(record)).toEqual([...Object.keys(HEAD), "progress_scope", "schema_version", "run_id", "artifact_stem"]);
    expect(record["goal_id"]).toBe("g1");
    expect(record["schema_version"]).toBe("loopx_run_v1");
    expect(RunRecordSchema.safeParse(record).success).toBe(true);
  });

  it("without an id has one derived from time and paths (FIL-61)", () => {
    const id = derivedRunId(nodeDigest, HEAD);
    expect(id).toBe(`run_${nodeDigest("sha256", `${HEAD.generated_at}|${HEAD.json_path}|${HEAD.markdown_path}`).slice(0, 26)}`);
    expect(derivedRunId(nodeDigest, { ...HEAD, json_path: null })).not.toBe(id);
  });

  it("is shown as a list in its Markdown", () => {
    const text = runMarkdown({ ...HEAD }, [{ title: "Detail", lines: ["- one"] }]);
    expect(text.startsWith("# state_refreshed\n\n- generated_at: 2026-11-21T01:08:04.123+08:00\n")).toBe(true);
    expect(text.endsWith("\n## Detail\n\n- one\n")).toBe(true);
  });
});

it.each([
  ["run", 1, "2026-11-21T01-08-04-123-08-00"],
  ["operator_gate", 1, "2026-11-21T01-08-04-123-08-00-operator-gate"],
  ["quota_slot_spent", 2, "2026-11-21T01-08-04-123-08-00-quota-slot-spent-2"],
  ["quota_slot_voided", 3, "2026-11-21T01-08-04-123-08-00-quota-slot-voided-3"],
  ["quota_monitor_poll", 1, "2026-11-21T01-08-04-123-08-00-quota-monitor-poll"],
] as const)("the stem of a %s at attempt %i is %s (FIL-62)", (kind, attempt, stem) => {
  expect(artifactStem(HEAD.generated_at, kind, attempt)).toBe(stem);
});

it.each([
  ["/srv/goals/g1/runs/a.json", { kind: "inside", name: "a.json" }],
  ["/moved/away/goals/g1/runs/a.json", { kind: "inside", name: "a.json" }],
  ["/srv/goals/g2/runs/a.json", { kind: "outside", name: "a.json" }],
  ["/etc/passwd", { kind: "outside", name: "passwd" }],
  ["/srv/goals/g1/runs/", { kind: "outside", name: null }],
  ["/srv/goals/g1/runs/..", { kind: "outside", name: null }],
  ["/srv/goals/g1/runs/a\0b", { kind: "outside", name: null }],
  ["goals/g1/runs/a.json", { kind: "outside", name: "a.json" }],
  ["/srv/goals/g1/runs/../../../../g1/runs/a.json", { kind: "inside", name: "a.json" }],
  ["", { kind: "outside", name: null }],
] as const)("the artifact path %s leads to %o (FIL-63)", (path, place) => {
  expect(artifactName(path, "/srv/goals/g1/runs")).toEqual(place);
});
