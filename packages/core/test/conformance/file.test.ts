import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, describe, it } from "vitest";
import { storeConformance, type WorkReport } from "../../src/testing/conformance.ts";
import { type DirectoryStore, directoryStore, freshDirectory } from "./directory-store.ts";
import { assertModelHolds } from "./store-model.ts";

const WORKER = fileURLToPath(new URL("../children/conformance-worker.mjs", import.meta.url));

let root = "";
let stores = 0;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "loopx-conformance-"));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function freshStore(): DirectoryStore {
  stores += 1;
  return directoryStore(freshDirectory(join(root, `${stores}`)));
}

const reopen = (store: object) => {
  const { directory, clock } = store as DirectoryStore;
  return directoryStore(directory, clock);
};

describe("the file store (REL-40, REL-41, REL-172, REL-174)", () => {
  storeConformance(freshStore, {
    runner: { describe, it },
    plants: true,
    reopen,
    processes: async (store, workers, operations) => {
      const { directory } = store as DirectoryStore;
      const children = Array.from({ length: workers }, (_, n) =>
        execa("node", [WORKER, directory, `w${n}`, `${operations}`], { timeout: 250_000 }),
      );
      return (await Promise.all(children)).map((child) => JSON.parse(child.stdout) as WorkReport);
    },
  });
});

describe("a plain model and the store agree after any commands (REL-161)", () => {
  it("in files", async () => {
    await assertModelHolds(freshStore, reopen, 120);
  });
});
