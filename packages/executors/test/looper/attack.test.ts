/** Looper stands the attack table of every server here (REL-171), with a run of its own alive in the meantime. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attack } from "../../../../test/attack.ts";
import { LIMITS } from "../../src/drivers/looper/assemble.ts";
import { MAX_BODY_BYTES } from "../../src/looper/request.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";
import { quickTime } from "../rig/quick-time.ts";
import { openYard, TOKEN, type Yard } from "./rig.ts";

let real: RealGround;
let yard: Yard;
beforeAll(async () => {
  real = await realGround();
  yard = await openYard(real.keeper);
});
afterAll(async () => {
  await yard.remove();
  real.remove();
});

test("what is refused has no effect: nothing is sent, stopped or started (REL-120 to REL-134, LPR-10 to LPR-14)", async () => {
  await yard.serve();
  const first = yard.post({ zulip_message: "go", codex_prompt: "p" });
  const run = await yard.nextRun();
  const { body } = await first;
  await yard.served.close(true);
  await yard.serve({}, { timing: quickTime(), limits: { headers_ms: 200, request_ms: 400 } });
  const runtime = join(yard.folder, "runtime/executors/looper");
  const { rows, faults } = await attack({
    port: yard.served.listening.port,
    token: TOKEN,
    token_header: "X-Looper-Token",
    open: "/health",
    reads: [
      { path: "/", token: false },
      { path: "/runs", token: true },
      { path: "/status", token: true },
      { path: `/runs/${String(body["run_id"])}`, token: true },
      { path: `/runs/${String(body["run_id"])}/log`, token: true },
    ],
    bad_reads: ["/runs?limit=0", "/runs?limit=201", "/runs?limit=../../etc/passwd"],
    writes: [
      { path: `/runs/${String(body["run_id"])}/stop`, body: "{}", unknown_field: "ignored", empty_body: "taken" },
      { path: "/run", body: '{"zulip_message":"go","codex_prompt":"p"}', unknown_field: "ignored", empty_body: "refused" },
    ],
    body_bytes: MAX_BODY_BYTES,
    connections: LIMITS.connections,
    effects: () => JSON.stringify([yard.codex.calls(), readFileSync(join(runtime, "runs.jsonl"), "utf8"), yard.served.looper.live()]),
    traces: () => JSON.stringify([run.argv, run.env, ...textsBelow(runtime)]),
  });
  expect(faults).toEqual([]);
  expect(rows.length).toBeGreaterThan(180);
  expect(LIMITS).toEqual({ headers_ms: 10_000, request_ms: 30_000, connections: 32, header_bytes: 8_192 });
});

function textsBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
}
