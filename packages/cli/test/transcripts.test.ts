import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openSandbox } from "./rig/sandbox.ts";
import { replay } from "./rig/transcript.ts";

const folder = new URL("transcripts/", import.meta.url);
const transcripts = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith(".md"))
  .sort();

describe("transcripts", () => {
  test.each(transcripts)("%s reads as it stands", async (name) => {
    const file = new URL(name, folder);
    const text = readFileSync(file, "utf8");
    const sandbox = openSandbox();
    try {
      const replayed = await replay(text, sandbox);
      if (process.env["UPDATE"] === "1") writeFileSync(file, replayed);
      else expect(replayed).toBe(text);
    } finally {
      sandbox.remove();
    }
  });
});
