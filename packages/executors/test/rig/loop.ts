/** A real project with a loop: a repository, its own runtime root and home, steps that the test plays by files, no account. */
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { Cycle } from "../../src/worktree/cycle.ts";
import { openSite, type SiteOptions } from "../../src/worktree/open-site.ts";
import { runCycle, type CycleWish } from "../../src/worktree/run-cycle.ts";
import type { Site } from "../../src/worktree/site.ts";
import type { RealGround } from "./keeper.ts";
import { repository, type Repository } from "./repository.ts";

export interface LoopRig {
  readonly repo: Repository;
  readonly env: Record<string, string>;
  /** Every line that people were told. */
  readonly told: string[];
  open(more?: Partial<SiteOptions>): Promise<Site>;
  /** One cycle on the main branch as it is. */
  cycle(wish?: Partial<CycleWish>, signal?: AbortSignal, more?: Partial<SiteOptions>): Promise<Cycle>;
  worktree(path?: string): string;
  remove(): void;
}

const NODE = JSON.stringify(process.execPath);

/** A gate step that passes while `check.mjs` does. */
export const CHECK = `{id: unit, argv: [${NODE}, check.mjs]}`;

/** A project whose `check.mjs` throws unless `value.txt` says `good`. */
export function loopRig(real: RealGround, config: string, files: Readonly<Record<string, string>> = {}): LoopRig {
  const repo = repository({
    "check.mjs":
      'import { readFileSync } from "node:fs";\nif (readFileSync("value.txt", "utf8") !== "good\\n") { console.error("value is wrong"); process.exit(3); }\n',
    "value.txt": "good\n",
    ".gitignore": ".env\nlogs/\n.worktrees/\n",
    "loopx-loop.yaml": config,
    ...files,
  });
  const [home, runtime] = ["home", "runtime"].map((name) => {
    mkdirSync(join(repo.outside, name), { mode: 0o700 });
    return join(repo.outside, name);
  });
  const env: Record<string, string> = {
    PATH: process.env["PATH"] ?? "",
    HOME: home ?? "",
    LOOPX_RUNTIME_ROOT: runtime ?? "",
    LANG: "C",
    LOOPX_FSYNC: "0",
  };
  const told: string[] = [];
  const open = (more: Partial<SiteOptions> = {}): Promise<Site> =>
    openSite({
      profile: "worktree",
      cwd: repo.dir,
      env,
      home: home ?? "",
      version: "0.0.0",
      notify: () => async (text) => void told.push(text),
      keeper: real.keeper,
      patience: { term_grace_ms: 300, remains_ms: 100, look_ms: 50, still_ms: 50 },
      ...more,
    });
  return {
    repo,
    env,
    told,
    open,
    cycle: async (wish = {}, signal = new AbortController().signal, more = {}) =>
      runCycle(await open(more), { base_sha: null, go_on: false, ...wish }, signal),
    worktree: (path = "") => join(repo.dir, ".worktrees/test", path),
    remove: repo.remove,
  };
}

/** A program for an agent of kind `command`: Node with this body, which sees `prompt` and `fs`. */
export function scriptedAgent(rig: LoopRig, body: string): string {
  const path = join(rig.repo.outside, "agent.mjs");
  writeFileSync(path, `import * as fs from "node:fs";\nconst prompt = fs.readFileSync(0, "utf8");\n${body}\n`);
  return path;
}

/** A server that says who it is and shows its file; a text of `dies` ends it at once. */
export const SERVER = `import { createServer } from "node:http";
import { readFileSync } from "node:fs";
const text = readFileSync(process.argv[2], "utf8");
if (text === "dies\\n") process.exit(1);
createServer((asked, answer) => answer.setHeader("x-loopx-instance", process.env.LOOPX_INSTANCE_ID).end(text)).listen(process.env.PORT, "127.0.0.1");
`;

/** A port that nobody holds. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** The text of a file below the state folder of the loop. */
export function stateText(site: Site, name: string): string {
  return readFileSync(join(site.state_dir, name), "utf8");
}
