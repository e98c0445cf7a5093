import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeDigest } from "../../node/digest.ts";
import type { JsonObject } from "../json.ts";
import { createFold } from "./fold.ts";
import { keptFor } from "./fold-state.ts";
import { readLine } from "./line.ts";
import { lineShapes } from "./line-shape.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const OPTIONS = { goal_id: "g1", keep: keptFor(5), spends_since_ms: START, digest: nodeDigest };
const VIEW = { keep: 60, spends_since_ms: START };

function row(minute: number, fields: JsonObject = {}): JsonObject {
  return {
    generated_at: new Date(START + minute * 60_000).toISOString(),
    goal_id: "g1",
    classification: "parser_result",
    recommended_action: "Go on.",
    cost: 1,
    artifacts: ["a.json", { size: 3 }],
    run_id: `run_${minute}`,
    ...fields,
  };
}

/** Both ways over the same lines; `alike` says how many of them were not parsed. */
function folded(lines: readonly string[]) {
  const [quick, plain] = [createFold(OPTIONS), createFold(OPTIONS)];
  let alike = 0;
  for (const [index, text] of lines.entries()) {
    const line = index + 1;
    const content = readLine(Buffer.from(text), { limit: 65_536 });
    for (const fold of [quick, plain]) {
      if (fold === quick && fold.addAlike(text, line)) {
        alike += 1;
        continue;
      }
      const place = { line, position: line * 10 };
      if (content.kind === "blank") fold.skipTo(line);
      else if (content.kind === "record") fold.add({ kind: "record", ...place, record: content.record, text: content.text });
      else if (content.kind === "bad") fold.add({ kind: "bad", ...place, reason: content.reason });
      else fold.add({ kind: "torn_tail", ...place });
    }
  }
  return { alike, quick: quick.finish("h", VIEW), plain: plain.finish("h", VIEW), states: [quick.state(), plain.state()] };
}

const usual = (count: number): string[] => Array.from({ length: count }, (_each, minute) => JSON.stringify(row(minute)));

describe("a line of a known shape", () => {
  it("is not parsed, and is counted, kept and graded as if it were (PRF-17)", () => {
    const { alike, quick, plain } = folded(usual(500));
    expect(alike).toBeGreaterThan(400);
    expect(quick).toEqual(plain);
    expect(quick).toMatchObject({ run_count: 500, record_count: 500, newest: { length: 50 }, graded: { length: 50 } });
  });

  it("costs a short log nothing: no shape is made for it", () => {
    const own = Array.from({ length: 60 }, (_each, minute) => JSON.stringify(row(minute, { short: true })));
    expect(folded(own).alike).toBe(0);
  });

  it("is known to every later log of the process from its first line on", () => {
    folded(usual(500));
    const { alike, quick, plain } = folded(usual(40));
    expect(alike).toBe(40);
    expect(quick).toEqual(plain);
  });

  const [first = ""] = usual(1);
  const odd: readonly [string, string][] = [
    ["another goal", first.replace('"g1"', '"g2"')],
    ["another kind", first.replace("parser_result", "quota_slot_spent")],
    ["a repeated key", first.replace('"cost":1', '"cost":1,"classification":"quota_slot_spent"')],
    ["a key more", first.replace('"cost":1', '"cost":1,"human_reward":{"decision":"keep"}')],
    ["a blank between", first.replace('"cost":1', '"cost": 1')],
    ["a number with a leading zero", first.replace('"cost":1', '"cost":01')],
    ["half an escape", first.replace("Go on.", String.raw`Go \x on.`)],
    ["a raw control character", first.replace("Go on.", "Go\ton.")],
    ["a cut end", first.slice(0, -1)],
    ["something behind it", `${first} {}`],
    ["an escaped instant", first.replace("2026", String.raw`\u0032026`)],
    ["a member less", first.replace('{"size":3}', "{}")],
  ];
  it.each(odd)("is none with %s", (_name, text) => {
    const shapes = lineShapes("g1");
    shapes.learn(row(1), JSON.stringify(row(1)));
    expect(shapes.read(JSON.stringify(row(2)))).toMatchObject({ generated_at: row(2)["generated_at"], neutral: false, graded: true });
    expect(text).not.toBe(first);
    expect(shapes.read(text)).toBeNull();
    const { quick, plain } = folded([...usual(100), text, ...usual(20)]);
    expect(quick).toEqual(plain);
  });

  it("may hold escapes and characters of any script", () => {
    const shapes = lineShapes("g1");
    shapes.learn(row(1), JSON.stringify(row(1)));
    expect(shapes.read(JSON.stringify(row(2, { recommended_action: 'Say "读" \\ \n 🙂' })))).not.toBeNull();
  });

  it("gives the history that parsing gives, whatever stands between such lines", () => {
    const fields = fc.record(
      {
        classification: fc.constantFrom("parser_result", "state_refreshed", "quota_slot_spent", "operator_gate_approved", 7),
        delivery_outcome: fc.constantFrom("surface_only", "outcome_progress", null),
        progress_scope: fc.constantFrom("agent_lane", "goal"),
        operator_gate: fc.constantFrom({ gate: "history_line_bad" }, "none"),
        recommended_action: fc.string({ unit: "binary", maxLength: 12 }),
        cost: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string({ maxLength: 3 })),
        goal_id: fc.constantFrom("g1", "g2"),
        human_reward: fc.constant({ recorded_at: "2026-01-02T00:00:00Z", decision: "keep", reward: "positive", reason_summary: "x" }),
        generated_at: fc.constantFrom("2026-01-01T00:30:00Z", "2026-01-01T08:30:00+08:00", "2026-01-01T00:31:00", "yesterday"),
      },
      { requiredKeys: [] },
    );
    const record = fc
      .tuple(fc.integer({ min: -50, max: 400 }), fields)
      .map(([minute, more]) => JSON.stringify(row(minute, more as JsonObject)));
    const broken = fc.tuple(record, fc.nat(300)).map(([text, at]) => text.slice(0, at));
    const repeated = fc.tuple(record, fc.integer({ min: 1, max: 3 })).map(([text, times]) => Array.from({ length: times }, () => text));
    const lines = fc
      .array(
        fc.oneof(
          { weight: 6, arbitrary: repeated },
          broken.map((text) => [text]),
        ),
        { maxLength: 120 },
      )
      .map((each) => each.flat());
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const { quick, plain, states } = folded([...usual(80), ...before, ...usual(90).slice(70), ...after]);
        expect(quick).toEqual(plain);
        expect(states[0]).toEqual(states[1]);
      }),
      { numRuns: 60 },
    );
  });
});
