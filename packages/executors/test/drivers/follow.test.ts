import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { follow } from "../../src/drivers/follow.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "loopx-follow-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a log that is followed", () => {
  test("shows its last lines, then what comes, into the next file of its name, and a character whole (WTL-90)", async () => {
    const path = join(folder, "main.log");
    writeFileSync(path, "one\ntwo\nthree\n");
    const ending = new AbortController();
    let shown = "";
    let wake = (): void => undefined;
    const take = async (text: string): Promise<void> => {
      shown += text;
      wake();
    };
    const until = async (text: string): Promise<void> => {
      while (!shown.endsWith(text)) await new Promise<void>((resolve) => (wake = resolve));
    };
    const following = follow(path, 2, take, ending.signal);
    await until("two\nthree\n");
    appendFileSync(path, Buffer.concat([Buffer.from("four "), Buffer.from("门").subarray(0, 2)]));
    await until("four ");
    appendFileSync(path, Buffer.from("门").subarray(2));
    await until("four 门");
    renameSync(path, `${path}.1`);
    writeFileSync(path, "five\n");
    await until("five\n");
    truncateSync(path);
    appendFileSync(path, "6\n");
    await until("6\n");
    ending.abort();
    await following;
    expect(shown).toBe("two\nthree\nfour 门five\n6\n");
  });
});
