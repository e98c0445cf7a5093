/** A disconnect or a restore that is killed at any of its writes: running it again completes it, and every byte can come back. */
import { beforeEach, describe, expect, it } from "vitest";
import { connect } from "../../src/actions/connect.ts";
import { disconnect } from "../../src/actions/disconnect.ts";
import { listDisconnected } from "../../src/actions/disconnect-list.ts";
import { restoreDisconnected } from "../../src/actions/disconnect-restore.ts";
import type { Documents } from "../../src/ports/documents.ts";
import type { Host } from "../../src/ports/host.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";

const REGISTRY = "/srv/project/.loopx/registry.json";
const GLOBAL = "/srv/runtime/registry.global.json";
const WISH = { archive_state: true, remove_empty_registry: true };

class Killed extends Error {}

/** The host of a process that dies at its n-th write, before or after it. */
function dyingAt(n: number, when: "before" | "after", host: Host, seen = { writes: 0 }): Host {
  const dying = async <T>(write: () => Promise<T>): Promise<T> => {
    seen.writes += 1;
    if (seen.writes > n || (seen.writes === n && when === "before")) throw new Killed();
    const outcome = await write();
    if (seen.writes === n) throw new Killed();
    return outcome;
  };
  const documents: Documents = {
    ...host.documents,
    update: async (key, edit, options) => dying(() => host.documents.update(key, edit, options)),
    remove: async (key, options) => dying(() => host.documents.remove(key, options)),
  };
  return { ...host, documents, at: (...place) => dyingAt(n, when, host.at(...place), seen) };
}

/** Calls `act` with every n from 1 until it is not killed any more; answers how many kills there were. */
async function everyKill(act: (n: number) => Promise<boolean>): Promise<number> {
  for (let n = 1; n < 50; n += 1) if (!(await act(n))) return n - 1;
  throw new Error("no end");
}

async function isKilled(action: Promise<unknown>): Promise<boolean> {
  return action.then(
    () => false,
    (error: unknown) => {
      if (error instanceof Killed) return true;
      throw error;
    },
  );
}

let at: MemoryHost;
let connected: Record<string, string>;

async function fresh(): Promise<void> {
  at = project({ "README.md": "# Project\n" }, { now: "2026-11-21T02:00:00Z" });
  for (const goal_id of ["a", "b"]) await connect(at, { project: "/srv/project", cwd: "/srv/project", goal_id });
  connected = at.files();
}
beforeEach(fresh);

const files = () => Object.fromEntries(Object.entries(at.files()).filter(([path]) => !path.includes("/disconnected/")));
const goalsOf = (path: string) => (JSON.parse(at.textOf(path) ?? '{"goals":[]}') as { goals: { id: string }[] }).goals.map(({ id }) => id);

async function restoreAll(): Promise<void> {
  for (const { stamp } of (await listDisconnected(at)).disconnected.toReversed()) await restoreDisconnected(at, { stamp });
}

/** Kills a disconnect at each of its writes and looks at what stands then. */
async function killedDisconnects(when: "before" | "after", look: (n: number) => Promise<void>): Promise<number> {
  return everyKill(async (n) => {
    await fresh();
    const killed = await isKilled(disconnect(dyingAt(n, when, at), WISH));
    await look(n);
    return killed;
  });
}

describe.each(["before", "after"] as const)("a disconnect that dies %s any of its writes (CMD-41, REL-164)", (when) => {
  it("is completed by the next, and every byte comes back", async () => {
    const kills = await killedDisconnects(when, async (n) => {
      at.clock.tick(1_000);
      // The registry is the last to go: while it stands, there is something left to do.
      if (at.textOf(REGISTRY) !== null) await disconnect(at, WISH);
      expect([goalsOf(REGISTRY), goalsOf(GLOBAL)], `write ${n}`).toEqual([[], []]);
      const left = Object.keys(files()).filter((path) => !path.includes("/archived-project-state/"));
      expect(left, `write ${n}`).toEqual(["/srv/project/README.md", GLOBAL]);
      await restoreAll();
      expect(files(), `write ${n}`).toEqual(connected);
    });
    // Manifest and 4 copies, the global registry, 3 for each state, the registry.
    expect(kills).toBe(13);
  });

  it("can be taken back at once", async () => {
    await killedDisconnects(when, async (n) => {
      await restoreAll();
      expect(files(), `write ${n}`).toEqual(connected);
      const { disconnected } = await listDisconnected(at);
      expect(disconnected.map(({ standing }) => standing)).toEqual(disconnected.map(() => "restored"));
    });
  });
});

describe.each(["before", "after"] as const)("a restore that dies %s any of its writes", (when) => {
  it("is completed by the next", async () => {
    const kills = await everyKill(async (n) => {
      await fresh();
      const { stamp } = await disconnect(at, WISH);
      const killed = await isKilled(restoreDisconnected(dyingAt(n, when, at), { stamp: stamp ?? "" }));
      await restoreDisconnected(at, { stamp: stamp ?? "" });
      expect(files(), `write ${n}`).toEqual(connected);
      return killed;
    });
    expect(kills).toBe(8);
  });
});

it("the list tells what still lies where the disconnect left it", async () => {
  const standings = async () => (await listDisconnected(at)).disconnected.map(({ standing }) => standing);
  const { stamp } = await disconnect(at, WISH);
  expect(await standings()).toEqual(["disconnected"]);
  at.plant(GLOBAL, `${at.textOf(GLOBAL) ?? ""} `);
  expect(await standings()).toEqual(["changed"]);
  await fresh();
  await disconnect(dyingAt(7, "after", at), WISH).catch(() => undefined);
  expect(await standings()).toEqual(["interrupted"]);
  at.plant(`/srv/runtime/disconnected/${stamp}/manifest.json`, "{");
  expect(await standings()).toEqual(["unreadable"]);
});
