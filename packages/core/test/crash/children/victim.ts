// Runs one scenario and kills itself at one call: node victim.mjs <root> <scenario> <call> <before|half-way through|after>.
import { dyingAt } from "../../store/harmed-calls.ts";
import { MINUTE, SCENARIOS } from "../scenarios.ts";
import { worldAt } from "../world.ts";

const [root = "", name = "", call = "0", when = "before"] = process.argv.slice(2);
const world = worldAt(root);
const scenario = SCENARIOS.find((each) => each.name === name);
const { calls } = dyingAt(Number(call), when as "before", undefined, () => {
  process.kill(process.pid, "SIGKILL");
  for (;;);
});
await scenario?.act(world.host({ calls }, MINUTE), world);
process.stdout.write("alive\n");
