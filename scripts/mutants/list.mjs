// What keeps a write safe, taken away one piece at a time: where it stands, what stands there without it, and the test that
// has to notice. `npm run mutants` tries each; the house's own tests keep the list true to the source.

const NODE = "packages/core/src/node";
const STORE = "packages/core/test/store";
const CRASH = "packages/core/test/crash";

/** @typedef {{ name: string, file: string, from: string, to: string, tests: string, noticed: string }} Mutant */

/** @type {readonly Mutant[]} */
export const MUTANTS = [
  {
    name: "documents without the lock",
    file: `${NODE}/document-writes.ts`,
    from: "const held = await ground.lock.take(target.path, ground.wait);",
    to: 'const held = { kind: "held", cleared: null, isOurs: () => true, release: async () => undefined } as Held | Unreadable;',
    tests: `${STORE}/documents.test.ts`,
    noticed: "anything while another process holds the lock",
  },
  {
    name: "the log without the lock",
    file: `${NODE}/log-queue.ts`,
    from: "const held = await ground.lock.take(log.path, ground.wait);",
    to: 'const held = { kind: "held", isOurs: () => true, release: async () => undefined } as Awaited<ReturnType<typeof ground.lock.take>>;',
    tests: `${STORE}/logs.test.ts`,
    noticed: "are all busy together when the lock is not to be had",
  },
  {
    name: "a record that is overwritten instead of linked",
    file: `${NODE}/lock-files.ts`,
    from: "calls.link(sibling, at);",
    to: "calls.rename(sibling, at);",
    tests: `${STORE}/lock.test.ts`,
    noticed: "a record of another host",
  },
  {
    name: "a dead record that is removed without a claim",
    file: `${NODE}/lock-files.ts`,
    from: "    const owner = place(claim, command);\n    if (owner === null) {",
    to: "    const owner = newOwner(identity, clock, command, path);\n    if (owner === null) {",
    tests: `${STORE}/lock.test.ts`,
    noticed: "a dead record under a living claim",
  },
  {
    name: "a commit by who has lost the lock",
    file: `${NODE}/replace-file.ts`,
    from: 'if (!isOurs()) return "not_ours";',
    to: "",
    tests: `${STORE}/documents.test.ts`,
    noticed: "anything by a sleeper whose lock was taken meanwhile",
  },
  {
    name: "no second look at the hash",
    file: `${NODE}/replace-file.ts`,
    from: 'if (!unchanged) return "changed";',
    to: "",
    tests: `${STORE}/documents.test.ts`,
    noticed: "both changes are there",
  },
  {
    name: "the document written in place, without a sibling",
    file: `${NODE}/replace-file.ts`,
    from: "calls.rename(sibling, path);",
    to: "const fd = calls.open(path, 0o1101, 0o600); for (let at = 0; at < bytes.length; ) at += calls.write(fd, bytes, at, bytes.length - at); calls.close(fd); calls.unlink(sibling);",
    tests: `${CRASH}/dying.test.ts`,
    noticed: "'todo add': old or new",
  },
  {
    name: "a sibling that is not synced",
    file: `${NODE}/temporary-file.ts`,
    from: "if (options.sync) calls.fsync(fd);",
    to: "",
    tests: `${CRASH}/synced.test.ts`,
    noticed: "todo add",
  },
  {
    name: "a directory that is not synced after the rename",
    file: `${NODE}/replace-file.ts`,
    from: "  syncDirectory(calls, directory);\n  return",
    to: "  return",
    tests: `${CRASH}/synced.test.ts`,
    noticed: "todo add",
  },
  {
    name: "a line that is not synced",
    file: `${NODE}/log-file.ts`,
    from: "this.#ground.calls.fdatasync(this.#fd);",
    to: "",
    tests: `${CRASH}/synced.test.ts`,
    noticed: "refresh-state",
  },
  {
    name: "no repair of a torn tail",
    file: `${NODE}/log-file.ts`,
    from: "const repaired = !this.#whole;",
    to: "const repaired = false;",
    tests: `${STORE}/crash-points.test.ts`,
    noticed: "a line behind a torn tail",
  },
  {
    name: "a short line that is not cut back",
    file: `${NODE}/log-file.ts`,
    from: "this.#cutBack(fd, start, written);",
    to: "this.#size += written;",
    tests: `${STORE}/crash-points.test.ts`,
    noticed: "a short write of a line is cut back",
  },
  {
    name: "a fence that is not checked",
    file: `${NODE}/document-writes.ts`,
    from: "const fenced = options.fence === undefined ? null : (locks.guard?.fenced(options.fence) ?? null);",
    to: 'const fenced = null as ReturnType<LeaseGuard["fenced"]>;',
    tests: "packages/core/test/conformance/file.test.ts",
    noticed: "fence",
  },
  {
    name: "a path that is not confined",
    file: `${NODE}/confine.ts`,
    from: 'return leaves ? outside : { kind: "confined", path };',
    to: 'return { kind: "confined", path };',
    tests: `${STORE}/confine.test.ts`,
    noticed: "never answers a path outside of the root",
  },
  {
    name: "a replacement that does not look at what was copied",
    file: "packages/core/src/actions/connect.ts",
    from: "write({ expected }),",
    to: "write(expected === null ? {} : {}),",
    tests: `${CRASH}/between.test.ts`,
    noticed: "connect --force",
  },
  {
    name: "a sync that does not look again at the registry",
    file: "packages/core/src/actions/global-sync.ts",
    from: "round < MAX_ROUNDS; round++",
    to: "round < MAX_ROUNDS - MAX_ROUNDS; round++",
    tests: `${CRASH}/between.test.ts`,
    noticed: "sync-global",
  },
];
