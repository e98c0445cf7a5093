// PRF-20 and PRF-21: many connects at once, and the writer that comes after a killed one.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connects } from "../soak/connects.mjs";
import { connectIn, statePath } from "../soak/world.mjs";
import { LOOPX } from "./commands.mjs";
import { measuredEnv, talkTo, timeOnce } from "./measure.mjs";
import { atMost, exactly } from "./rows.mjs";

const HOLDER = fileURLToPath(new URL("holder.mjs", import.meta.url));
const CONNECTS = 16;
const KILLS = 5;

/** @param {import("../bench.mjs").Bench} bench */
export async function crowds({ folder }) {
  const many = join(folder, "many");
  mkdirSync(many);
  const { started, ended, in_project, in_global } = await connects(many, LOOPX, CONNECTS);
  return [
    exactly("PRF-20", `connects with exit 0: ${CONNECTS} at once in one project, ${CONNECTS} in projects of their own`, ended, started),
    exactly("PRF-20", "of them in their project's registry", in_project, started),
    exactly("PRF-20", "of them in the global registry", in_global, started),
    atMost("PRF-21", `the writer after a SIGKILL of the lock's holder (slowest of ${KILLS})`, (await afterKills(folder)) / 1000, 2, "s"),
  ];
}

/** @param {string} folder */
async function afterKills(folder) {
  const place = join(folder, "killed");
  mkdirSync(join(place, "home"), { recursive: true });
  await connectIn(place, "project", "parser");
  let slowest = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const holder = talkTo(HOLDER, [place, statePath(place, "project", "parser")]);
    await holder.next();
    await holder.kill();
    const words = ["todo", "add", "-g", "parser", "--role", "agent", "--text", `After kill ${kill}.`];
    const env = measuredEnv({ HOME: join(place, "home") });
    const { ms } = timeOnce({ name: "todo add", argv: [process.execPath, LOOPX, ...words], cwd: join(place, "project"), env });
    slowest = Math.max(slowest, ms);
  }
  return slowest;
}
