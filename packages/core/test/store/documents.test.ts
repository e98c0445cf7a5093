import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { DocumentKey } from "../../src/ports/documents.ts";
import type { FsCalls } from "../../src/node/fs-calls.ts";
import { errnoError, harmed } from "./harmed-calls.ts";
import {
  clockAhead,
  DEAD_PID,
  deadIdentity,
  GLOBAL,
  GOAL,
  permissions,
  plant,
  REGISTRY,
  RUNS,
  STATE,
  TODO,
  yards,
  type Yard,
} from "./rig.ts";

const fresh = yards();
const EXECUTOR: DocumentKey = { kind: "executor_state", executor: "looper", name: "state.json" };
const LIMIT = 4 * 1024 * 1024;

describe("modes (FIL-7, REL-24, REL-84)", () => {
  it.each([0o000, 0o022, 0o277, 0o777])("below the runtime root are 0700 and 0600 under a umask of %o", async (mask) => {
    const yard = fresh();
    const before = process.umask(mask);
    try {
      const store = yard.store();
      await store.documents.update(GLOBAL, () => ({ write: "{}\n", value: 0 }));
      await store.logs.append(RUNS, { run_id: "run_1" });
      const lease = { goal_id: GOAL, todo_id: "todo_aaaa" };
      await store.leases.acquire(lease, { holder: "codex", ttl_minutes: 5, write_scopes: [] });
    } finally {
      process.umask(before);
    }
    for (const name of yard.tree().filter((each) => each.startsWith("runtime"))) {
      const stat = statSync(join(yard.directory, name));
      expect([name, permissions(stat)]).toEqual([name, stat.isDirectory() ? "700" : "600"]);
    }
  });

  it("what is made below the runtime root is private, and a project's new file follows the umask", async () => {
    const yard = fresh();
    const before = process.umask(0o027);
    try {
      await put(yard, EXECUTOR, "{}\n");
      await put(yard, STATE, "# a\n");
    } finally {
      process.umask(before);
    }
    const modes = [
      "runtime",
      "runtime/executors/looper",
      "runtime/executors/looper/state.json",
      "project/.codex/goals/alpha",
      "project/.codex/goals/alpha/ACTIVE_GOAL_STATE.md",
    ];
    expect(modes.map((path) => permissions(statSync(join(yard.directory, path))))).toEqual(["700", "700", "600", "750", "640"]);
  });

  it.each(["600", "644", "755", "664"])("an existing mode %s is kept", async (mode) => {
    const yard = fresh();
    plant(yard.state, "# old\n");
    chmodSync(yard.state, Number.parseInt(mode, 8));
    await put(yard, STATE, "# new\n");
    expect(permissions(statSync(yard.state))).toBe(mode);
  });

  it("a file without a write bit is denied, also for root, and stays", async () => {
    const yard = fresh();
    plant(yard.state, "# old\n");
    chmodSync(yard.state, 0o444);
    const denied = { kind: "unreadable", reason: "denied", where: yard.state };
    expect(await yard.store().documents.update(STATE, () => ({ write: "# new\n", value: 0 }))).toEqual(denied);
    expect(await yard.store().documents.obstacle(STATE)).toEqual(denied);
    expect(readFileSync(yard.state, "utf8")).toBe("# old\n");
  });

  it("what the system does not let us write is denied", async () => {
    const yard = fresh();
    plant(yard.state, "# old\n");
    const calls = harmed((name, run) => {
      if (name === "writable") throw errnoError("EACCES", "access");
      return run();
    });
    expect(await yard.store({ calls }).documents.update(STATE, () => ({ write: "# new\n", value: 0 }))).toMatchObject({ reason: "denied" });
  });
});

describe("obstacles, seen without writing", () => {
  it("name a directory that may not be written, a file in its place, and the runtime root of another", async () => {
    const yard = fresh();
    const { documents } = yard.store();
    expect(await documents.obstacle(STATE)).toBeNull();
    mkdirSync(join(yard.project, ".codex"));
    chmodSync(join(yard.project, ".codex"), 0o555);
    expect(await documents.obstacle(STATE)).toMatchObject({ reason: "denied", where: join(yard.project, ".codex") });
    chmodSync(join(yard.project, ".codex"), 0o755);
    plant(join(yard.project, ".loopx"), "a file");
    expect(await documents.obstacle(REGISTRY)).toMatchObject({ reason: "not_a_regular_file" });
    const tree = yard.tree();
    expect(tree.filter((path) => path.includes("runtime/"))).toEqual([]);
  });

  it("name what cannot be looked at", async () => {
    const yard = fresh();
    const calls = harmed((name, run) => {
      if (name === "stat") throw errnoError("EACCES", "stat");
      return run();
    });
    expect(await yard.store({ calls }).documents.obstacle(STATE)).toMatchObject({ reason: "denied" });
  });
});

describe("links and special files (REL-80 to REL-82, FIL-5)", () => {
  it("a link inside its root is followed and stays a link, and its target is replaced", async () => {
    const yard = fresh();
    const target = join(yard.project, "real.md");
    plant(target, "# old\n");
    link("../../../real.md", yard.state);
    await put(yard, STATE, "# new\n");
    expect([readlinkSync(yard.state), readFileSync(target, "utf8")]).toEqual(["../../../real.md", "# new\n"]);
  });

  it("a dangling link inside its root makes its target", async () => {
    const yard = fresh();
    link("../../../later.md", yard.state);
    expect(await yard.store().documents.read(STATE)).toEqual({ kind: "absent" });
    await put(yard, STATE, "# new\n");
    expect(readFileSync(join(yard.project, "later.md"), "utf8")).toBe("# new\n");
    expect(lstatSync(yard.state).isSymbolicLink()).toBe(true);
  });

  it.each([
    ["a file outside", "../../../../outside.md"],
    ["nothing outside", "../../../../missing/outside.md"],
    ["an absolute place", "/etc/passwd"],
    ["a device", "/dev/zero"],
  ])("a link to %s is refused, read or written, and nothing there changes", async (_, target) => {
    const yard = fresh();
    plant(join(yard.directory, "outside.md"), "theirs\n");
    link(target, yard.state);
    const { documents } = yard.store();
    const refused = { kind: "unreadable", reason: "path_outside_root", where: yard.state };
    expect(await documents.read(STATE)).toEqual(refused);
    expect(await documents.update(STATE, () => ({ write: "ours", value: 0 }))).toEqual(refused);
    expect(await documents.exists(STATE)).toBe(false);
    expect(readFileSync(join(yard.directory, "outside.md"), "utf8")).toBe("theirs\n");
    expect(existsSync(yard.runtime)).toBe(false);
  });

  it("a directory that is a link to outside is refused too", async () => {
    const yard = fresh();
    mkdirSync(join(yard.directory, "elsewhere"));
    link("../elsewhere", join(yard.project, ".codex"));
    expect(await yard.store().documents.update(STATE, () => ({ write: "x", value: 0 }))).toMatchObject({ reason: "path_outside_root" });
    expect(readdirSync(join(yard.directory, "elsewhere"))).toEqual([]);
  });

  it("a link to itself is no file", async () => {
    const yard = fresh();
    link(basename(yard.state), yard.state);
    expect(await yard.store().documents.read(STATE)).toMatchObject({ reason: "not_a_regular_file" });
  });

  it("a chain of dangling links ends", async () => {
    const yard = fresh();
    for (let n = 0; n < 60; n += 1) link(`l${n + 1}`, join(dirname(yard.state), n === 0 ? basename(yard.state) : `l${n}`));
    expect(["absent", "unreadable"]).toContain((await yard.store().documents.read(STATE)).kind);
  });

  it.each<[string, (yard: Yard) => void]>([
    ["a FIFO", (yard) => execFileSync("mkfifo", [yard.state])],
    ["a directory", (yard) => mkdirSync(yard.state)],
    [
      "a file above it",
      (yard) => {
        rmSync(dirname(yard.state), { recursive: true });
        plant(dirname(yard.state), "a file");
      },
    ],
  ])("%s is answered at once and never written over", async (_, make) => {
    const yard = fresh();
    mkdirSync(dirname(yard.state), { recursive: true });
    make(yard);
    const { documents } = yard.store();
    expect(await documents.read(STATE)).toMatchObject({ kind: "unreadable", reason: "not_a_regular_file" });
    expect(await documents.update(STATE, () => ({ write: "x", value: 0 }), { set_aside: true })).toMatchObject({
      reason: "not_a_regular_file",
    });
  });

  it("a path with a zero byte is outside of everything", async () => {
    expect(await fresh().store().documents.read({ kind: "artifact", goal_id: TODO.goal_id, name: "a\0b" })).toMatchObject({
      reason: "path_outside_root",
    });
  });

  it("a file that is replaced while it is opened is opened again; one that never stands still is not read", async () => {
    const yard = fresh();
    plant(yard.state, "# a\n");
    let swaps = 3;
    const calls = harmed((name, run) => {
      const answer = run();
      if (name === "open" && swaps > 0) {
        swaps -= 1;
        replace(yard.state, `# ${swaps}\n`);
      }
      return answer;
    });
    expect(await yard.store({ calls }).documents.read(STATE)).toMatchObject({ text: "# 0\n" });
    swaps = 1_000;
    expect(await yard.store({ calls }).documents.read(STATE)).toMatchObject({ reason: "io" });
  });
});

describe("what cannot be read", () => {
  it.each([
    ["EACCES", "denied"],
    ["EPERM", "denied"],
    ["EIO", "io"],
    ["ELOOP", "not_a_regular_file"],
    ["ENXIO", "not_a_regular_file"],
  ])("%s is %s and never written over (REL-42)", async (errno, reason) => {
    const yard = fresh();
    plant(yard.state, "# old\n");
    for (const failing of ["open", "fstat", "read"]) {
      const calls = harmed((name, run, args) => {
        if (name === failing && (failing !== "open" || String(args[0]).endsWith(".md"))) throw errnoError(errno, name);
        return run();
      });
      expect(await yard.store({ calls }).documents.read(STATE), failing).toMatchObject({ kind: "unreadable", reason });
    }
    expect(readFileSync(yard.state, "utf8")).toBe("# old\n");
  });

  it("a file that grows over its limit while it is read is too large; one that grows within it is read whole", async () => {
    const yard = fresh();
    plant(yard.state, "x");
    const growing = (size: number) =>
      harmed((name, run) => {
        const answer = run();
        if (name === "lstat") writeFileSync(yard.state, "y".repeat(size));
        return answer;
      });
    expect(await yard.store({ calls: growing(LIMIT + 10) }).documents.read(STATE)).toMatchObject({ reason: "too_large", limit: LIMIT });
    plant(yard.state, "x");
    expect(await yard.store({ calls: growing(5_000) }).documents.read(STATE)).toMatchObject({ kind: "found", text: "y".repeat(5_000) });
  });

  it("an executor's state is set aside under a name of its own each time, unless the system refused it (REL-42)", async () => {
    const yard = fresh();
    const { documents } = yard.store({ clock: { ...clockAhead(0), now: () => new Date(Date.UTC(2026, 10, 20, 17, 8, 4)) } });
    for (const bad of [Uint8Array.of(0xff), Uint8Array.of(0xfe)]) {
      plant(join(yard.runtime, "executors/looper/state.json"), bad);
      expect((await documents.update(EXECUTOR, () => ({ write: "{}\n", value: 0 }), { set_aside: true })).kind).toBe("written");
    }
    expect(readdirSync(join(yard.runtime, "executors/looper"))).toEqual([
      "state.json",
      "state.json.corrupt-20261120T170804Z",
      "state.json.corrupt-20261120T170804Z-2",
    ]);
    const calls = harmed((name, run, args) => {
      if (name === "open" && String(args[0]).endsWith("state.json")) throw errnoError("EACCES", "open");
      return run();
    });
    expect(await yard.store({ calls }).documents.update(EXECUTOR, () => ({ write: "", value: 0 }), { set_aside: true })).toMatchObject({
      reason: "denied",
    });
  });
});

describe("what is not written", () => {
  it.each([
    ["no JSON", "{"],
    ["no object", "[]"],
  ])("a registry that is %s: a bug, and the old one stays (REL-20)", async (_, text) => {
    const yard = fresh();
    await put(yard, REGISTRY, '\uFEFF{"goals":[]}\n');
    for (const key of [REGISTRY, GLOBAL])
      await expect(yard.store().documents.update(key, () => ({ write: text, value: 0 }))).rejects.toMatchObject({ code: "internal" });
    expect(await yard.store().documents.read(REGISTRY)).toMatchObject({ text: '\uFEFF{"goals":[]}\n' });
    expect(await yard.store().documents.read(GLOBAL)).toEqual({ kind: "absent" });
  });

  it("half of a surrogate pair, which would be read again as something else", async () => {
    await expect(
      fresh()
        .store()
        .documents.update(STATE, () => ({ write: "a\uD800b", value: 0 })),
    ).rejects.toMatchObject({ code: "invalid_value" });
  });

  it("anything while another process holds the lock (REL-37)", async () => {
    const yard = fresh();
    plant(yard.state, "# old\n");
    const held = await yard.store().lock.acquire(yard.state, { wait_ms: 0, command: "the other one" });
    expect(await yard.store({ wait_ms: 20 }).documents.update(STATE, () => ({ write: "x", value: 0 }))).toMatchObject({
      kind: "busy",
      owner: { command: "the other one" },
    });
    if (held.kind === "held") await held.release();
    expect(readFileSync(yard.state, "utf8")).toBe("# old\n");
  });

  it("anything by a sleeper whose lock was taken meanwhile: a conflict at once (REL-20, step 6)", async () => {
    const yard = fresh();
    plant(yard.state, "# old\n");
    let edits = 0;
    const outcome = await yard.store().documents.update(STATE, () => {
      edits += 1;
      for (const name of readdirSync(yard.locks)) if (name.endsWith(".owner.json")) rmSync(join(yard.locks, name));
      return { write: "# late\n", value: 0 };
    });
    expect([outcome.kind, edits, readFileSync(yard.state, "utf8")]).toEqual(["conflict", 1, "# old\n"]);
    expect(yard.tree().filter((path) => path.includes("tmp"))).toEqual([]);
  });

  it("anything under a fence whose lock cannot be had", async () => {
    const yard = fresh();
    const held = await yard.store().lock.acquire(join(yard.runtime, "goals/alpha/leases"), { wait_ms: 0, command: "leases" });
    const outcome = await yard
      .store({ wait_ms: 20 })
      .documents.update(STATE, () => ({ write: "x", value: 0 }), { fence: { ...TODO, holder: "a", token: 1 } });
    expect(outcome).toMatchObject({ kind: "busy", owner: { command: "leases" } });
    if (held.kind === "held") await held.release();
    expect(existsSync(yard.state)).toBe(false);
  });
});

describe("a person edits between our read and our second look (REL-3, REL-169)", () => {
  const editors: Record<string, (path: string) => void> = {
    "saves in place": (path) => writeFileSync(path, `${readFileSync(path, "utf8")}theirs\n`),
    "saves by rename": (path) => replace(path, `${readFileSync(path, "utf8")}theirs\n`),
  };
  for (const [name, save] of Object.entries(editors)) {
    it(`${name}: both changes are there`, async () => {
      const yard = fresh();
      plant(yard.state, "old\n");
      const { calls } = interrupting(yard.state, 1, () => save(yard.state));
      const outcome = await yard
        .store({ calls })
        .documents.update(STATE, (current) => ({ write: `${current?.text ?? ""}ours\n`, value: 0 }));
      expect(outcome).toMatchObject({ kind: "written", attempts: 2 });
      expect(readFileSync(yard.state, "utf8")).toBe("old\ntheirs\nours\n");
    });
  }

  it("deletes: our edit starts from nothing", async () => {
    const yard = fresh();
    plant(yard.state, "old\n");
    const { calls } = interrupting(yard.state, 1, () => rmSync(yard.state));
    await yard.store({ calls }).documents.update(STATE, (current) => ({ write: `${current?.text ?? "nothing, then "}ours\n`, value: 0 }));
    expect(readFileSync(yard.state, "utf8")).toBe("nothing, then ours\n");
  });

  it("creates what was not there", async () => {
    const yard = fresh();
    const { calls } = interrupting(yard.state, 1, () => plant(yard.state, "theirs\n"));
    await yard.store({ calls }).documents.update(STATE, (current) => ({ write: `${current?.text ?? ""}ours\n`, value: 0 }));
    expect(readFileSync(yard.state, "utf8")).toBe("theirs\nours\n");
  });

  it("six times in a row: a conflict, their bytes intact and nothing left of ours (REL-104)", async () => {
    const yard = fresh();
    plant(yard.state, "0\n");
    let saves = 0;
    const { calls } = interrupting(yard.state, 6, () => writeFileSync(yard.state, `${(saves += 1)}\n`));
    let edits = 0;
    const outcome = await yard.store({ calls }).documents.update(STATE, () => ({ write: `ours ${(edits += 1)}\n`, value: 0 }));
    const found = await yard.store().documents.read(STATE);
    expect(outcome).toEqual({ kind: "conflict", actual: found.kind === "found" ? found.revision : null, attempts: 6 });
    expect([edits, readFileSync(yard.state, "utf8")]).toEqual([6, "6\n"]);
    expect(yard.tree().filter((path) => path.includes("tmp"))).toEqual([]);
  });

  it("five times in a row: the sixth try is through", async () => {
    const yard = fresh();
    plant(yard.state, "0\n");
    let saves = 0;
    const { calls } = interrupting(yard.state, 5, () => writeFileSync(yard.state, `${(saves += 1)}\n`));
    expect(await yard.store({ calls }).documents.update(STATE, (now) => ({ write: `${now?.text}ours\n`, value: 0 }))).toMatchObject({
      kind: "written",
      attempts: 6,
    });
    expect(readFileSync(yard.state, "utf8")).toBe("5\nours\n");
  });

  it("breaks the file: it is answered as unreadable and stays", async () => {
    const yard = fresh();
    plant(yard.state, "0\n");
    const { calls } = interrupting(yard.state, 1, () => writeFileSync(yard.state, Uint8Array.of(0xff)));
    expect(await yard.store({ calls }).documents.update(STATE, () => ({ write: "ours", value: 0 }))).toMatchObject({
      kind: "unreadable",
      reason: "not_utf8",
    });
    expect([...readFileSync(yard.state)]).toEqual([0xff]);
  });

  it("with an expected revision there is no second try", async () => {
    const yard = fresh();
    const { calls } = interrupting(yard.state, 1, () => plant(yard.state, "theirs\n"));
    expect(await yard.store({ calls }).documents.update(STATE, () => ({ write: "ours", value: 0 }), { expected: null })).toMatchObject({
      kind: "conflict",
      attempts: 1,
    });
    expect(readFileSync(yard.state, "utf8")).toBe("theirs\n");
  });
});

describe("the turn of an update", () => {
  it("from the read to the removal of the owner record nothing else of the process runs (REL-21)", async () => {
    const yard = fresh();
    plant(yard.state, "old\n");
    const store = yard.store();
    await store.leases.acquire(TODO, { holder: "a", ttl_minutes: 5, write_scopes: [] });
    let others = 0;
    const seen: number[] = [];
    const calls = harmed((name, run, args) => {
      if (name === "open" && String(args[0]) === yard.state) queueMicrotask(() => (others += 1));
      if (name === "unlink" && String(args[0]).endsWith(".owner.json")) seen.push(others);
      return run();
    });
    await yard
      .store({ calls })
      .documents.update(STATE, () => ({ write: "new\n", value: 0 }), { fence: { ...TODO, holder: "a", token: 1 } });
    expect(seen).toEqual([0, 0]);
    expect(others).toBe(2);
  });

  it("a read takes no lock, few calls and no digest", async () => {
    const yard = fresh();
    plant(yard.state, "# a\n");
    const names: string[] = [];
    const calls = harmed((name, run) => {
      names.push(name);
      return run();
    });
    await yard.store({ calls }).documents.read(STATE);
    expect(names).toEqual(["realpath", "realpath", "open", "fstat", "lstat", "read", "read", "close"]);
  });
});

describe("litter (FIL-6)", () => {
  it("siblings that dead processes, or this one, left of any document go after an hour; younger ones and those of others stay", async () => {
    const yard = fresh();
    plant(yard.state, "old\n");
    const sibling = (pid: number, random: string, name = basename(yard.state)) =>
      join(dirname(yard.state), `.${name}.${pid}.${random}.loopx-tmp`);
    const old = [sibling(DEAD_PID, "aa"), sibling(DEAD_PID, "bb", "OTHER.md"), sibling(process.pid, "cc"), sibling(process.ppid, "dd")];
    const young = [sibling(DEAD_PID, "ee"), sibling(process.pid, "ff")];
    for (const path of [...old, ...young]) plant(path, "half");
    const hoursAgo = new Date(Date.now() - 2 * 3_600_000);
    for (const path of old) utimesSync(path, hoursAgo, hoursAgo);
    await put(yard, STATE, "new\n");
    expect(old.map((path) => existsSync(path))).toEqual([false, false, false, true]);
    expect(young.map((path) => existsSync(path))).toEqual([true, true]);
  });

  it("what a dead owner left goes with the takeover of its lock", async () => {
    const yard = fresh();
    plant(yard.state, "old\n");
    class Killed extends Error {}
    let dead = false;
    const calls = harmed((name, run) => {
      if (name === "rename") dead = true;
      if (dead) throw new Killed();
      return run();
    });
    await expect(
      yard.store({ calls, identity: deadIdentity() }).documents.update(STATE, () => ({ write: "lost\n", value: 0 })),
    ).rejects.toThrow(Killed);
    expect(readdirSync(dirname(yard.state))).toHaveLength(2);
    await put(yard, STATE, "new\n");
    expect(readdirSync(dirname(yard.state))).toEqual([basename(yard.state)]);
  });

  it("a name that had to be new costs no look at its directory", async () => {
    const yard = fresh();
    const looked: string[] = [];
    const calls = harmed((name, run, args) => {
      if (name === "readdir") looked.push(String(args[0]));
      return run();
    });
    await yard
      .store({ calls })
      .documents.update({ kind: "artifact", goal_id: TODO.goal_id, name: "a.json" }, () => ({ write: "{}", value: 0 }), { expected: null });
    expect(looked).toEqual([yard.locks]);
  });
});

async function put(yard: Yard, key: DocumentKey, text: string): Promise<void> {
  expect((await yard.store().documents.update(key, () => ({ write: text, value: 0 }))).kind).toBe("written");
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

function replace(path: string, text: string): void {
  writeFileSync(`${path}.swp`, text);
  renameSync(`${path}.swp`, path);
}

/** Somebody acts that many times, each time right after our temporary sibling was synced. */
function interrupting(path: string, times: number, act: () => void): { calls: FsCalls } {
  let left = times;
  let sibling: number | null = null;
  return {
    calls: harmed((name, run, args) => {
      const answer = run();
      if (name === "open" && String(args[0]).startsWith(join(dirname(path), `.${basename(path)}.`))) sibling = answer as number;
      if (name === "fsync" && args[0] === sibling && left > 0) {
        left -= 1;
        sibling = null;
        act();
      }
      return answer;
    }),
  };
}
