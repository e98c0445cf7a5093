/** The built `loopx-loop gitea` in a folder of its own, asked of a double; and the agents that it started. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { addLabels, openIssue } from "../double/items.ts";
import type { Item } from "../double/records.ts";
import type { Seen } from "../double/server.ts";
import type { Rig } from "../rig.ts";

const BIN = fileURLToPath(new URL("../../../bin/loopx-loop.mjs", import.meta.url));
const AGENT = fileURLToPath(new URL("./agent.mjs", import.meta.url));

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly text: string }>;
}

/** One line of `agents.jsonl`, which each agent writes as soon as it runs. */
export interface AgentLine {
  readonly run: string;
  readonly pid: number;
  readonly role: string;
}

export interface Service {
  readonly folder: string;
  gitea(...words: readonly string[]): Started;
  /** Answers with the first request of which this holds, from now on. */
  asked(holds: (seen: Seen) => boolean): Promise<Seen>;
  /** An issue with `bot`. */
  issue(): Item;
  agents(): readonly AgentLine[];
  /** The item records. */
  records(): readonly object[];
  /** Ends what still runs of the service itself. */
  end(): void;
}

/** Files of the agent steer it: `hang`, `stubborn`, `kind`. `folder` is made. */
export function openService(all: Rig, folder: string): Service {
  const children: ChildProcess[] = [];
  mkdirSync(join(folder, ".loopx"), { recursive: true, mode: 0o700 });
  const command = JSON.stringify([process.execPath, AGENT, folder]);
  writeFileSync(
    join(folder, ".loopx/gitea.yaml"),
    `repos: [human/project]\nhuman: human\nrunner: command\ncommand: ${command}\ngate: []\nspawn_delay_seconds: 0\n`,
  );
  writeFileSync(join(folder, "token"), `${all.token}\n`, { mode: 0o600 });
  return {
    folder,
    gitea: (...words) => {
      const quick = { POLL_DELAY: "1", COOLDOWN: "0", BOT_SCAN_INTERVAL: "1", RECONCILE_INTERVAL: "2" };
      const env = {
        PATH: process.env["PATH"] ?? "",
        HOME: folder,
        LOOPX_RUNTIME_ROOT: join(folder, "runtime"),
        GITEA_URL: all.gitea.url,
        GITEA_TOKEN_FILE: join(folder, "token"),
      };
      const child = spawn(process.execPath, [BIN, "gitea", ...words], {
        cwd: folder,
        env: { ...env, ...quick },
        stdio: ["ignore", "pipe", "pipe"],
      });
      children.push(child);
      let text = "";
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (part: Buffer) => (text += part.toString()));
      return { child, ended: once(child, "close").then(([code]) => ({ code: code as number | null, text })) };
    },
    asked: (holds) => {
      const { journal } = all.gitea;
      return new Promise((resolve) => {
        const push = journal.push.bind(journal);
        journal.push = (...seen) => {
          const found = seen.find(holds);
          if (found !== undefined) {
            journal.push = push;
            resolve(found);
          }
          return push(...seen);
        };
      });
    },
    issue: () => {
      const issue = openIssue(all.gitea.world, all.repo, { by: "human", title: "Add the work", body: "Please." });
      addLabels(all.gitea.world, issue, "human", [all.repo.labels[0]?.id ?? 0]);
      return issue;
    },
    agents: () => {
      const file = join(folder, "agents.jsonl");
      if (!existsSync(file)) return [];
      return readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as AgentLine);
    },
    records: () => {
      const root = join(folder, "runtime/executors/gitea");
      const items = join(root, readdirSync(root)[0] ?? "", "items");
      return readdirSync(items).map((name) => JSON.parse(readFileSync(join(items, name), "utf8")) as object);
    },
    end: () => {
      for (const child of children) child.kill("SIGKILL");
    },
  };
}

/** The id of the repository's label of this name. */
export function labelId(all: Rig, name: string): number {
  return all.repo.labels.find((label) => label.name === name)?.id ?? 0;
}
