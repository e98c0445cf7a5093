/** The example and the page say what the code takes (DSP-5, DSP-6). */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readGiteaConfig, settingsOf } from "../../src/gitea/config.ts";
import { VARIABLES } from "../../src/gitea/prompt.ts";

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");

describe("examples/gitea/gitea.yaml", () => {
  test("is a configuration, with what it says about each repository", () => {
    const file = { path: "gitea.yaml", text: read("examples/gitea/gitea.yaml") };
    const found = readGiteaConfig({ GITEA_URL: "https://git.example.org" }, file, (path) => path);
    if (found.kind === "faulty") return expect.fail(found.faults.join("\n"));
    expect(settingsOf(found.config, "acme/server")).toMatchObject({ human: "grace", base: "develop", goal_id: null });
    expect(settingsOf(found.config, "acme/parser")).toMatchObject({ human: "ada", goal_id: "parser" });
  });
});

describe("docs/gitea.md", () => {
  const page = read("docs/gitea.md");

  test("has every key of the file, every variable of the environment, and every word of a prompt", () => {
    const source = read("packages/executors/src/gitea/config.ts");
    const shape = source.slice(source.indexOf("const FileSchema"), source.indexOf("type FileConfig"));
    const keys = [...shape.matchAll(/^ {2}([a-z_]+): /gm)].map(([, key = ""]) => key);
    expect(keys.length).toBeGreaterThan(15);
    expect(keys.filter((key) => !page.includes(`\`${key}\``))).toEqual([]);
    const variables = [...source.matchAll(/(?:variables\.\w+|within)\("([A-Z_]+)"/g)].map(([, name = ""]) => name);
    expect(variables.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    expect(VARIABLES.filter((name) => !page.includes(`\`{{${name}}}\``))).toEqual([]);
  });
});
