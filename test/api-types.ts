/** Types in the form that openapi-fetch reads, from the reduced description of a server's API: parameters and bodies, no answers. */

interface Schema {
  readonly type?: "string" | "integer" | "boolean" | "array" | "object";
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Content {
  readonly content?: { readonly "application/json": { readonly schema: Schema } };
}

interface Operation {
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

/** An OpenAPI description as far as it is used here. */
export interface ApiDescription {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** The module's text. `from` is named in its first line. */
export function apiTypes({ paths }: ApiDescription, from: string): string {
  const lines = Object.entries(paths).flatMap(([path, operations]) => [
    `  ${key(path)}: {`,
    ...Object.entries(operations).flatMap(([method, operation]) => operationLines(method, operation)),
    "  };",
  ]);
  return [`/** Generated from \`${from}\` by \`npm run generate\`. */`, "export interface paths {", ...lines, "}", ""].join("\n");
}

function operationLines(method: string, { summary, parameters = [], requestBody, responses }: Operation): readonly string[] {
  return [
    `    /** ${summary.charAt(0).toUpperCase()}${summary.slice(1)}. */`,
    `    ${method}: {`,
    "      parameters: {",
    ...parameterLines(
      "path",
      parameters.filter((each) => each.in === "path"),
    ),
    ...parameterLines(
      "query",
      parameters.filter((each) => each.in === "query"),
    ),
    "      };",
    ...(requestBody === undefined ? [] : ["      requestBody: {", ...contentLines(requestBody, "        "), "      };"]),
    "      responses: {",
    ...Object.entries(responses).flatMap(([status, content]) => [
      `        ${status}: {`,
      ...(content.content === undefined ? ["          content?: never;"] : contentLines(content, "          ")),
      "        };",
    ]),
    "      };",
    "    };",
  ];
}

function parameterLines(place: string, parameters: readonly Parameter[]): readonly string[] {
  if (parameters.length === 0) return [`        ${place}?: never;`];
  const needed = parameters.some(({ required }) => required === true);
  return [
    `        ${place}${needed ? "" : "?"}: {`,
    ...parameters.map(({ name, required, schema }) => `          ${key(name)}${required === true ? "" : "?"}: ${typeOf(schema)};`),
    "        };",
  ];
}

function contentLines({ content }: Content, indent: string): readonly string[] {
  const schema = content?.["application/json"].schema ?? {};
  const { properties, required = [] } = schema;
  if (properties === undefined) return [`${indent}content: {`, `${indent}  "application/json": ${typeOf(schema)};`, `${indent}};`];
  return [
    `${indent}content: {`,
    `${indent}  "application/json": {`,
    ...Object.entries(properties).map(([name, each]) => `${indent}    ${key(name)}${required.includes(name) ? "" : "?"}: ${typeOf(each)};`),
    `${indent}  };`,
    `${indent}};`,
  ];
}

function typeOf(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  switch (schema.type) {
    case "array": {
      const item = typeOf(schema.items ?? {});
      return item.includes("|") ? `(${item})[]` : `${item}[]`;
    }
    case "integer":
      return "number";
    case "string":
    case "boolean":
      return schema.type;
    case "object":
    case undefined:
      return "unknown";
  }
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
