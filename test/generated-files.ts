/**
 * What the project generates: one JSON Schema per record, payload and card, the pages that show the cards, the page of
 * errors, the state diagrams of the loops, the manual page, the licence that each published package carries, and the types of a server's API.
 */
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ERRORS, FINDINGS, jsonSchemaOf, SCHEMAS } from "@loopx/core/domain";
import { cardV1Schema, cardV2Schema } from "../packages/lark-card/src/schema/index.ts";
import { manPage } from "../packages/cli/src/man/page.ts";
import { LOOPX } from "../packages/cli/src/options/commands.ts";
import { VERSION } from "../packages/cli/src/version.ts";
import { cardPages } from "../scripts/cards/pages.mjs";
import { publicPackages } from "../scripts/packages.mjs";
import { apiTypes } from "./api-types.ts";
import { withDiagrams } from "./loop-diagrams.ts";
import { ROOT } from "./sources.ts";

const GITEA_API = "packages/executors/src/drivers/gitea/api";

/** Path from the root to text. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [name, schema] of Object.entries({ ...SCHEMAS, "lark-card-1.0": cardV1Schema, "lark-card-2.0": cardV2Schema }))
    files.set(`schemas/${name}.schema.json`, `${JSON.stringify(jsonSchemaOf(schema, name), null, 2)}\n`);
  files.set("docs/errors.md", errorsPage());
  for (const [path, html] of cardPages(ROOT)) files.set(path, html);
  for (const page of ["docs/loops.md", "docs/gitea.md"]) files.set(page, withDiagrams(readFileSync(join(ROOT, page), "utf8")));
  files.set("packages/cli/man/loopx.1", manPage(LOOPX, VERSION));
  for (const folder of publicPackages(ROOT))
    files.set(relative(ROOT, join(folder, "LICENSE")), readFileSync(join(ROOT, "LICENSE"), "utf8"));
  files.set(`${GITEA_API}.ts`, apiTypes(JSON.parse(readFileSync(join(ROOT, `${GITEA_API}.json`), "utf8")), "api.json"));
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
    "| 10, 11, 12, 13 | only with `--exit-code`: quiet skip, waits for a person, paused or throttled, unhealthy |",
    "| 70 | a bug |",
    "| 130, 143 | interrupted, terminated |",
    "",
    "## Errors",
    "",
    "| code | exit | HTTP | meaning | next |",
    "|---|---|---|---|---|",
  ];
  for (const [code, row] of Object.entries(ERRORS))
    lines.push(`| \`${code}\` | ${row.exit} | ${row.http} | ${row.meaning} | ${cell(row.next)} |`);
  lines.push("", "## Findings", "", "| code | severity | meaning | repair |", "|---|---|---|---|");
  for (const [code, row] of Object.entries(FINDINGS)) lines.push(`| \`${code}\` | ${row.severity} | ${row.meaning} | ${cell(row.fix)} |`);
  return `${lines.join("\n")}\n`;
}

/** Text as a cell of a table: a bar would end it, and `<goal>` would be taken for HTML. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "\\<");
}
