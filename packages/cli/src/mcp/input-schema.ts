/** What a client is told about a tool's arguments: JSON Schema, made from the option table and kept short. */
import type { Tool as Listed } from "@modelcontextprotocol/server";
import type { Flag } from "../options/flag.ts";
import { argumentOf, type Tool } from "./tools.ts";

type InputSchema = Listed["inputSchema"];
type Properties = NonNullable<InputSchema["properties"]>;

/** One property per argument; only what every action wants is required. */
export function inputSchema(tool: Tool): InputSchema {
  const rows = [...tool.rows.values()];
  const actions = [...tool.rows.keys()];
  const byAction: Properties = tool.rows.has("") ? {} : { action: { enum: actions } };
  const byForm: Properties = tool.form.length === 0 ? {} : { form: { enum: [...tool.form] } };
  const flags = tool.flags.map((name) => [name, rows.flatMap((row) => row.flags[name] ?? [])] as const);
  const required = [
    ...Object.keys(byAction),
    ...flags
      .filter(([, forms]) => forms.length === rows.length && forms.every((form) => form.required === true))
      .map(([name]) => argumentOf(name)),
  ];
  return {
    type: "object",
    properties: {
      ...byAction,
      ...Object.fromEntries(flags.map(([name, forms]) => [argumentOf(name), propertyOf(forms)])),
      ...byForm,
    },
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function propertyOf(forms: readonly Flag[]): Properties[string] {
  const [flag] = forms;
  if (flag === undefined) return {};
  const value = valueOf(flag);
  // A sentence of the table may name another flag.
  const description = flag.describe.replaceAll(/--([a-z-]+)/g, (_, name: string) => argumentOf(name));
  if (flag.repeatable === true) return { type: "array", items: value, description };
  return flag.kind === "choice" ? value : { ...value, description };
}

function valueOf(flag: Flag): Record<string, string | number | string[]> {
  switch (flag.kind) {
    case "choice":
      return { enum: [...(flag.values ?? [])] };
    case "switch":
      return { type: "boolean" };
    case "text":
      return { type: "string" };
    case "integer":
    case "number":
      return {
        type: flag.kind,
        ...(flag.min === undefined ? {} : { minimum: flag.min }),
        ...(flag.max === undefined ? {} : { maximum: flag.max }),
      };
  }
}
