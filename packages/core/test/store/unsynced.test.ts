/** `LOOPX_FSYNC=0`, for measuring only: the very same bytes, and not one sync asked of the system (REL-23). */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { snapshotOf } from "../../../../test/snapshot.ts";
import { connect } from "../../src/actions/connect.ts";
import { refreshState } from "../../src/actions/refresh-state.ts";
import { nodeFs } from "../../src/node/fs-calls.ts";
import { openHost } from "../../src/node/host.ts";
import { fakeClock } from "../../src/testing/fake-clock.ts";
import { sequenceIds } from "../../src/testing/sequence-ids.ts";
import { yards } from "./rig.ts";

const fresh = yards();
afterEach(() => vi.restoreAllMocks());

it.each([
  [undefined, true],
  ["1", true],
  ["", true],
  ["false", true],
  ["0", false],
])("LOOPX_FSYNC=%s syncs: %s", async (value, syncs) => {
  const spies = [vi.spyOn(nodeFs, "fsync"), vi.spyOn(nodeFs, "fdatasync")];
  const { directory, project } = fresh();
  const home = join(directory, "home");
  mkdirSync(home);
  const env = value === undefined ? {} : { LOOPX_FSYNC: value };
  const ids = sequenceIds();
  const open = () => openHost({ cwd: project, home, env, project, ids, clock: fakeClock({ at: Date.parse("2026-11-21T02:00:00Z") }) });
  await connect(open(), { project, cwd: project, goal_id: "parser" });
  const { applied } = await refreshState(open(), { goal_id: "parser" });
  expect(applied).toBe(true);
  const asked = spies.map((spy) => spy.mock.calls.length);
  expect(asked.map((count) => count > 0)).toEqual([syncs, syncs]);
  expect([...snapshotOf(directory).keys()].filter((path) => /loopx-tmp|locks\/./.test(path))).toEqual([]);
});
