/** The keeper as Node runs it, bundled once for a test file. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { hostProcesses } from "../../src/drivers/process/identity.ts";
import type { LaunchGround } from "../../src/drivers/process/launch.ts";

/** A ground for launching real processes, and how to remove it. */
export interface RealGround extends LaunchGround {
  readonly folder: string;
  remove(): void;
}

export async function realGround(): Promise<RealGround> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "loopx-rig-")));
  const bundle = await rolldown({
    input: fileURLToPath(new URL("../../src/drivers/process/keeper.ts", import.meta.url)),
    platform: "node",
    logLevel: "silent",
  });
  const file = join(folder, "keeper.cjs");
  await bundle.write({ file, format: "cjs" });
  await bundle.close();
  return { folder, keeper: file, table: hostProcesses(), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
