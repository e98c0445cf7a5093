/** `lark serve` stands the attack table of every server here (REL-171): nothing reaches the chat but what its owner sends. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { attack } from "../../../../test/attack.ts";
import { serveSettings } from "../../src/drivers/lark/serve-settings.ts";
import { LIMITS, serveLark } from "../../src/drivers/lark/serve.ts";
import { larkDouble } from "../rig/lark-double.ts";
import { quickTime } from "../rig/quick-time.ts";
import { ioAt } from "../rig/io.ts";

const TOKEN = ["token", "of", "the", "sender"].join("-");

test("what is refused sends nothing (REL-120 to REL-134, LRK-90, LRK-91)", async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "loopx-lark-attack-")));
  const lark = await larkDouble();
  const runtime_root = join(folder, "runtime");
  mkdirSync(runtime_root, { mode: 0o700 });
  const env = {
    HOME: folder,
    LARK_APP_ID: "cli_a",
    LARK_APP_SECRET: ["app", "value"].join("-"),
    PRIMARY_LARK_CHAT_ID: "oc_primary",
    LARK_BASE_DOMAIN: lark.url,
    LARK_SERVE_PORT: "0",
    LARK_SEND_TOKEN: TOKEN,
  };
  const io = ioAt({
    cwd: folder,
    env,
    home: folder,
  });
  const limits = { headers_ms: 200, request_ms: 400 };
  const served = await serveLark(serveSettings(env, folder), { io, cwd: folder, runtime_root, timing: quickTime(), limits });
  try {
    const { rows, faults } = await attack({
      port: served.listening.port,
      token: TOKEN,
      open: "/health",
      reads: [],
      writes: [
        { path: "/api/lark/send", body: '{"chat_id":"oc_primary","text":"hello"}', unknown_field: "refused", empty_body: "refused" },
      ],
      body_bytes: 65_536,
      connections: LIMITS.connections,
      effects: () => JSON.stringify(lark.delivered),
      traces: () =>
        readdirSync(runtime_root, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
          .join("\n"),
    });
    expect(faults).toEqual([]);
    expect(rows.length).toBeGreaterThan(90);
    expect(LIMITS).toEqual({ headers_ms: 3_000, request_ms: 5_000, connections: 64, header_bytes: 8_192 });
  } finally {
    await served.close();
    await lark.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
