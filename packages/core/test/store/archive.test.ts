/** Moving a runtime directory on a real disk: one rename, links left alone, locks respected. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GoalId } from "../../src/domain/ids.ts";
import type { ArchiveRequest } from "../../src/ports/archive.ts";
import { fileLock } from "../../src/node/lock.ts";
import { fileArchive } from "../../src/node/runtime-archive.ts";
import { systemClock } from "../../src/node/clock.ts";

let root: string;
let source: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "loopx-archive-")));
  source = join(root, "goals", "stray");
  mkdirSync(join(source, "runs"), { recursive: true });
  writeFileSync(join(source, "runs", "index.jsonl"), "{}\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const lock = () => fileLock({ runtime_root: root, clock: systemClock });
const archive = () => fileArchive({ runtime_root: root, lock: lock(), wait: { wait_ms: 0, command: "test" } });
const request = (more: { goal_id?: string; root?: string } = {}): ArchiveRequest => ({
  root: more.root ?? null,
  cwd: root,
  stamp: "20261121T090000Z",
  goal_id: (more.goal_id ?? "stray") as GoalId,
});
const yes = async () => true;

describe("the archive of a file host (CMD-115)", () => {
  it("moves the directory as it is, into a private folder", async () => {
    const seen = await archive().look(request());
    expect(existsSync(join(root, "archived-goals"))).toBe(false);
    const moved = await archive().move(request(), yes);
    const destination = join(root, "archived-goals", "stray-20261121T090000Z");
    expect(moved).toEqual({ kind: "moved", source, destination });
    expect(seen).toEqual({ kind: "found", source, destination });
    expect(readFileSync(join(destination, "runs", "index.jsonl"), "utf8")).toBe("{}\n");
    expect(existsSync(source)).toBe(false);
    expect(statSync(join(root, "archived-goals")).mode & 0o777).toBe(0o700);
  });

  it("takes the next name when one is taken, also by a file", async () => {
    mkdirSync(join(root, "archived-goals"));
    writeFileSync(join(root, "archived-goals", "stray-20261121T090000Z"), "");
    expect(await archive().move(request(), yes)).toMatchObject({ destination: join(root, "archived-goals", "stray-20261121T090000Z-2") });
  });

  it("moves nothing when it is not allowed inside the locks", async () => {
    expect(await archive().move(request(), async () => false)).toEqual({ kind: "not_allowed" });
    expect(existsSync(source)).toBe(true);
  });

  it.each(["runs/index.jsonl", "leases"])("moves nothing while somebody holds the lock of %s", async (path) => {
    const held = await lock().acquire(join(source, path), { wait_ms: 0, command: "a writer" });
    expect(held.kind).toBe("held");
    expect((await archive().move(request(), yes)).kind).toBe("busy");
    expect(existsSync(source)).toBe(true);
    if (held.kind === "held") await held.release();
    expect((await archive().move(request(), yes)).kind).toBe("moved");
  });

  it("leaves a link and what it leads to as they are", async () => {
    symlinkSync(source, join(root, "goals", "linked"));
    expect(await archive().move(request({ goal_id: "linked" }), yes)).toMatchObject({ kind: "linked" });
    expect(readlinkSync(join(root, "goals", "linked"))).toBe(source);
    expect(existsSync(join(source, "runs", "index.jsonl"))).toBe(true);
  });

  it("refuses an archive inside the directory, through a link too", async () => {
    symlinkSync(source, join(root, "door"));
    expect(await archive().look(request({ root: "door/old" }))).toMatchObject({ kind: "inside_itself" });
  });

  it("knows what is not there, and what is no directory", async () => {
    writeFileSync(join(root, "goals", "file"), "");
    expect(await archive().look(request({ goal_id: "nobody" }))).toMatchObject({ kind: "absent" });
    expect(await archive().look(request({ goal_id: "file" }))).toMatchObject({ kind: "unreadable", reason: "not_a_regular_file" });
  });
});
