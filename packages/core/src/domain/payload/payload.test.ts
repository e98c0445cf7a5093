import fc from "fast-check";
import * as z from "zod/mini";
import { describe, expect, it } from "vitest";
import { TEST_NOW } from "../../testing/facts.ts";
import { factsArbitrary } from "../../testing/facts-arbitrary.ts";
import { LOCALES } from "../locale/locale.ts";
import { decide } from "../quota/decide.ts";
import { FactsSchema } from "../quota/facts.ts";
import { explain } from "../quota/why.ts";
import { attentionFacts, attentionQueue, itemOf } from "../status/attention.ts";
import { quotaPlan } from "../status/quota-plan.ts";
import { answerSchema, FailureSchema, schemaVersionOf } from "./answer.ts";
import { AttentionQueueSchema } from "./attention.ts";
import { text } from "./fields.ts";
import { jsonSchemaOf, schemaFaults } from "./json-schema.ts";
import { QuotaPlanSchema } from "./quota-status.ts";
import { SCHEMAS } from "./schemas.ts";
import { WhySchema } from "./why.ts";

describe("projections of a decision fit their schemas, whatever the facts are", () => {
  const facts = factsArbitrary.map((build) => build(TEST_NOW));
  const locale = fc.constantFrom(...LOCALES);

  it("attention items and their queue (CMD-66)", () => {
    fc.assert(
      fc.property(facts, locale, (given, language) => {
        const item = itemOf(decide(attentionFacts(given), TEST_NOW), TEST_NOW, language);
        expect(schemaFaults(AttentionQueueSchema, attentionQueue([item]))).toEqual([]);
      }),
    );
  });

  it("the quota plan (CMD-82)", () => {
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 3 }), locale, (goals, language) => {
        const decisions = goals.map((each) => decide(each, TEST_NOW));
        expect(schemaFaults(QuotaPlanSchema, quotaPlan(decisions, language, 2))).toEqual([]);
      }),
    );
  });

  it("the rule trace (CMD-81), and the facts themselves", () => {
    fc.assert(
      fc.property(facts, locale, (given, language) => {
        expect(schemaFaults(WhySchema, explain(decide(given, TEST_NOW), given, TEST_NOW, language))).toEqual([]);
        expect(schemaFaults(FactsSchema, given)).toEqual([]);
      }),
    );
  });
});

describe("an answer (CMD-7, CMD-9)", () => {
  const error = { code: "usage", message: "no goal", hint: "add --goal-id", details: {} };
  const head = { schema_version: "loopx_look_up_v1", registry: "/srv/registry.json", registry_source: "flag" };
  const plain = answerSchema("look-up", { found: text("What was found.") }, { says: "A find." });
  const judging = answerSchema("look-up", { found: text("What was found.") }, { says: "A find.", with_error: true });
  const alone = answerSchema("look-up", { found: text("What was found.") }, { says: "A find.", registry: "none" });
  const fits = (schema: z.core.$ZodType, value: unknown) => schemaFaults(schema, value).length === 0;

  it.each([
    ["a good answer", { ok: true, ...head, found: "x" }, [true, true, false]],
    ["an answer that opened no registry", { ok: true, schema_version: head.schema_version, found: "x" }, [false, false, true]],
    ["an error alone", { ok: false, error }, [true, true, true]],
    ["an error beside the payload", { ok: false, ...head, error, found: "x" }, [false, true, false]],
    ["a good answer with an error", { ok: true, ...head, error, found: "x" }, [false, false, false]],
    ["a failure without an error", { ok: false, ...head, found: "x" }, [false, false, false]],
    ["an unknown key", { ok: true, ...head, found: "x", more: 1 }, [false, false, false]],
    ["a missing key", { ok: true, ...head }, [false, false, false]],
    ["an error with a code that is none", { ok: false, error: { ...error, code: "oops" } }, [false, false, false]],
  ])("%s fits the commands that may give it", (_name, value, expected) => {
    expect([fits(plain, value), fits(judging, value), fits(alone, value)]).toEqual(expected);
  });

  it("names its schema version by its command", () => {
    expect(["status", "quota should-run", "heartbeat-prompt"].map(schemaVersionOf)).toEqual([
      "loopx_status_v1",
      "loopx_quota_should_run_v1",
      "loopx_heartbeat_prompt_v1",
    ]);
  });
});

describe("JSON Schemas", () => {
  const published = Object.entries(SCHEMAS).map(([name, schema]) => [name, jsonSchemaOf(schema, name)] as const);

  it.each(published)("%s names itself and its dialect first, and knows no unrepresentable part", (name, schema) => {
    expect(Object.entries(schema).slice(0, 3)).toEqual([
      ["$schema", "https://json-schema.org/draft/2020-12/schema"],
      ["$id", `https://loopx.dev/schemas/${name}.schema.json`],
      ["title", name],
    ]);
    expect(JSON.stringify(schema)).not.toContain(String(Number.MAX_SAFE_INTEGER));
  });

  it("carry the sentences of their fields, and the limits that mean something", () => {
    const schema = jsonSchemaOf(z.strictObject({ share: z.int().check(z.maximum(5), z.describe("Of the window.")) }), "x");
    expect(schema["properties"]).toEqual({ share: { type: "integer", maximum: 5, description: "Of the window." } });
  });

  it("of an error lists the closed table", () => {
    expect(schemaFaults(FailureSchema, { ok: false, error: { code: "lock_timeout", message: "", hint: "", details: { pid: 1 } } })).toEqual(
      [],
    );
  });
});

it("a fault names its place, and in a union its form", () => {
  const schema = z.union([z.strictObject({ a: z.array(z.int()) }), z.strictObject({ b: z.string() })]);
  expect(schemaFaults(schema, { a: [1, "x"] })).toEqual([
    "(form 1).a.1: invalid_type",
    "(form 2).b: invalid_type",
    "(form 2): unrecognized_keys (a)",
  ]);
  expect(schemaFaults(z.string(), 1)).toEqual([".: invalid_type"]);
});
