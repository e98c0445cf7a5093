// Asks a throwaway Gitea or Forgejo how it behaves, and compares with what LoopX was built on (docs/gitea.md). It makes one
// repository and removes it again. Three accounts: one that owns, one bot, one stranger; a token of each.
//
//   GITEA_URL=http://127.0.0.1:3000 OWNER_TOKEN=… BOT_TOKEN=… STRANGER_TOKEN=… node scripts/gitea-probe.mjs [--profile 1.15|current]
//
// Exit 0: as written down. 1: something differs; the differences are printed. 2: the call itself is wrong.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { differences, expectedFacts } from "./gitea-probe/facts.mjs";
import { probe } from "./gitea-probe/questions.mjs";
import { ROOT } from "./steps.mjs";

const { GITEA_URL, OWNER_TOKEN, BOT_TOKEN, STRANGER_TOKEN } = process.env;
const at = process.argv.indexOf("--profile");
const profile = at < 0 ? "1.15" : process.argv[at + 1];
if (!GITEA_URL || !OWNER_TOKEN || !BOT_TOKEN || !STRANGER_TOKEN || (profile !== "1.15" && profile !== "current")) {
  console.error("usage: GITEA_URL= OWNER_TOKEN= BOT_TOKEN= STRANGER_TOKEN= node scripts/gitea-probe.mjs [--profile 1.15|current]");
  process.exit(2);
}
const found = await probe({
  url: GITEA_URL.replace(/\/+$/, ""),
  tokens: { owner: OWNER_TOKEN, bot: BOT_TOKEN, stranger: STRANGER_TOKEN },
  pause: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
  name: `loopx-probe-${Date.now()}`,
});
for (const [fact, value] of Object.entries(found)) console.log(JSON.stringify({ fact, value }));
const facts = JSON.parse(readFileSync(join(ROOT, "scripts", "gitea-probe", "facts.json"), "utf8"));
const wrong = differences(found, expectedFacts(facts, profile));
for (const line of wrong) console.error(line);
process.exitCode = wrong.length === 0 ? 0 : 1;
