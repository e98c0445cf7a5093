/** Generated files must be what the code says now; `npm run generate` rewrites them. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { generatedFiles } from "./generated-files.ts";
import { ROOT } from "./sources.ts";

const files = generatedFiles();

if (process.env["UPDATE"] === "1") {
  for (const name of readdirSync(join(ROOT, "schemas"))) rmSync(join(ROOT, "schemas", name));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
  }
}

describe("generated files", () => {
  it.each([...files.keys()])("%s is what the code says", (path) => {
    expect(existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), "utf8") : "missing: npm run generate").toBe(files.get(path));
  });

  it("leave no schema of something that is gone", () => {
    const stale = readdirSync(join(ROOT, "schemas")).filter((name) => !files.has(`schemas/${name}`));
    expect(stale).toEqual([]);
  });
});
