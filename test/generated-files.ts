/** What the project generates from its code: one JSON Schema per record and payload, and the page of errors. */
import * as z from "zod/mini";
import { ERRORS, FINDINGS, SCHEMAS } from "@loopx/core/domain";

/** Path from the root to text. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [name, schema] of Object.entries(SCHEMAS)) {
    const json = z.toJSONSchema(schema, { target: "draft-2020-12", unrepresentable: "any" });
    files.set(`schemas/${name}.schema.json`, `${JSON.stringify({ $id: `https://loopx.dev/schemas/${name}.schema.json`, title: name, ...json }, null, 2)}\n`);
  }
  files.set("docs/errors.md", errorsPage());
  return files;
}

function errorsPage(): string {
  const lines = [
    "# Errors and findings",
    "",
    "Generated from `packages/core/src/domain/errors.ts` and `finding.ts` by `npm run generate`. Every failure prints",
    '`{"ok":false,"error":{"code","message","hint","details"}}`; the code fixes the exit code and the HTTP status.',
    "",
    "## Exit codes",
    "",
    "| exit | meaning |",
    "|---|---|",
    "| 0 | done, also a dry run, also a verdict that says skip |",
    "| 1 | an honest no |",
    "| 2 | usage, load or parse |",
    "| 3 | busy or conflict; retry later |",
    "| 70 | a bug |",
    "| 10, 11, 12, 13 | only with `--exit-code`: quiet skip, waits for a person, paused or throttled, unhealthy |",
    "",
    "## Errors",
    "",
    "| code | exit | HTTP | meaning | next |",
    "|---|---|---|---|---|",
  ];
  for (const [code, row] of Object.entries(ERRORS)) lines.push(`| \`${code}\` | ${row.exit} | ${row.http} | ${row.meaning} | ${row.next.replaceAll("|", "\\|")} |`);
  lines.push("", "## Findings", "", "| code | severity | meaning | repair |", "|---|---|---|---|");
  for (const [code, row] of Object.entries(FINDINGS)) lines.push(`| \`${code}\` | ${row.severity} | ${row.meaning} | ${row.fix.replaceAll("|", "\\|")} |`);
  return `${lines.join("\n")}\n`;
}
