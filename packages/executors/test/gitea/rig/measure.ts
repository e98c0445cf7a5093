/** For `npm run bench`: the figures of DSP-86 as one line of JSON. */
import { idleCost, startDelays, watching } from "./watching.ts";

const idle: object[] = [];
for (const [repos, each] of [
  [1, 200],
  [8, 25],
] as const) {
  const site = await watching(repos);
  idle.push({ repos, items: repos * each, ...(await idleCost(site, each)) });
  await site.all.gitea.close();
}
const site = await watching(1, "max_agents: 100\n");
const delays = await startDelays(site, 40);
await site.all.gitea.close();
const { poll_delay } = site.yard.config.current;
process.stdout.write(`${JSON.stringify({ idle, started: delays.length, p95: delays[37], poll_delay })}\n`);
