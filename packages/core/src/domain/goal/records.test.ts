import { expect, it } from "vitest";
import * as z from "zod/mini";
import { GlobalRegistryRecordSchema, RegistryRecordSchema } from "./records.ts";

it.each([
  ["the project registry", RegistryRecordSchema, ["schema_version", "updated_at", "common_runtime_root", "goals"]],
  ["the global registry", GlobalRegistryRecordSchema, ["schema_version", "updated_at", "common_runtime_root", "registry_role", "goals"]],
] as const)("%s has a JSON Schema that says what it is and lets unknown keys live", (_, schema, required) => {
  const json = z.toJSONSchema(schema) as {
    description?: string;
    additionalProperties?: unknown;
    required?: string[];
    properties?: Record<string, { description?: string }>;
  };
  expect(json.description).toBeTruthy();
  expect(json.additionalProperties).toEqual({});
  expect([...(json.required ?? [])].sort()).toEqual([...required].sort());
  for (const property of Object.values(json.properties ?? {})) expect(property.description ?? "const").toBeTruthy();
});

it.each([
  ["a registry without goals", { goals: [] }, true],
  ["a goal without its fields", { goals: [{ id: "a" }] }, false],
  ["a registry without a list", { goals: {} }, false],
])("%s is judged as what LoopX writes", (_, more, legal) => {
  const top = { schema_version: "0.1", updated_at: "2026-11-21", common_runtime_root: "/r" };
  expect(RegistryRecordSchema.safeParse({ ...top, ...more }).success).toBe(legal);
});
