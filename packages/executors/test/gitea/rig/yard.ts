/** A whole dispatcher in memory: a server, git, agents, a store and a clock that a test moves. */
import { createHash } from "node:crypto";
import { memoryHost, type MemoryHost } from "@loopx/core/testing";
import { readGiteaConfig, type GiteaConfig } from "../../../src/gitea/config.ts";
import { openDispatcher, type Dispatcher } from "../../../src/gitea/dispatcher.ts";
import type { GiteaGround, GiteaNotice, GoalBooks } from "../../../src/gitea/ground.ts";
import { SHIPPED_HEADER, SHIPPED_WORKFLOW } from "../../../src/gitea/shipped-prompts.ts";
import { memoryGit, type MemoryGit } from "./memory-git.ts";
import { listedLogs } from "./memory-logs.ts";
import { memoryRuns, type MemoryRuns } from "./memory-runs.ts";
import { MemoryServer } from "./memory-server.ts";

export const REPO = "acme/tool";

export interface Yard {
  readonly host: MemoryHost;
  readonly server: MemoryServer;
  readonly git: MemoryGit;
  readonly runs: MemoryRuns;
  readonly notices: GiteaNotice[];
  readonly ground: GiteaGround;
  readonly config: { current: GiteaConfig };
  dispatcher: Dispatcher;
  /** A dispatcher over the same ground, as another process would be. */
  reopen(): Promise<void>;
  /** Ticks, with the clock moved by so many seconds before each, until nothing moves or so many were done. */
  ticks(count: number, seconds?: number): Promise<void>;
  advance(seconds: number): void;
}

export interface YardOptions {
  readonly yaml?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly server?: MemoryServer;
  readonly host?: MemoryHost;
  readonly name?: string;
  readonly runs?: MemoryRuns;
  readonly git?: MemoryGit;
  readonly goals?: Partial<GoalBooks>;
  readonly secrets?: readonly string[];
  readonly cooling?: readonly (readonly [string, number])[];
  readonly wrap?: (ground: GiteaGround, server: MemoryServer) => GiteaGround;
}

export function configOf(yaml: string, env: Readonly<Record<string, string>> = {}): GiteaConfig {
  const read = readGiteaConfig({ GITEA_URL: "https://git.example", ...env }, { path: "gitea.yaml", text: yaml }, (path) => path);
  if (read.kind === "faulty") throw new Error(read.faults.join("\n"));
  return read.config;
}

export const YAML = `repos: [${REPO}]\nhuman: hana\nauthorised_users: [hana]\nspawn_delay_seconds: 0\n`;

export async function openYard(options: YardOptions = {}): Promise<Yard> {
  const host = options.host ?? memoryHost({ now: "2026-03-01T10:00:00Z", offset_minutes: 0 });
  const { clock } = host;
  const server = options.server ?? new MemoryServer(clock);
  if (options.server === undefined) server.repo(REPO);
  server.permissions.set("hana", "write");
  server.permissions.set("carl", "write");
  const git = options.git ?? memoryGit(server);
  const runs = options.runs ?? memoryRuns();
  const config = { current: configOf(options.yaml ?? YAML, { COOLDOWN: "0", ...options.env }) };
  const notices: GiteaNotice[] = [];
  const name = options.name ?? "one";
  const executor = `gitea/${name}`;
  const logs = listedLogs();
  let random = 0;
  const plain: GiteaGround = {
    config: () => config.current,
    forge: server.forge("clawbot"),
    reviewer: null,
    checkouts: git,
    runs,
    goals: { obstacle: async () => null, record: async () => undefined, ask: async () => undefined, ...options.goals },
    documents: host.documents,
    logs,
    leases: host.leases,
    itemNames: async () => {
      const folder = `${host.places.runtime_root}/executors/${executor}/items/`;
      return Object.keys(host.files())
        .filter((path) => path.startsWith(folder) && path.endsWith(".json"))
        .map((path) => path.slice(folder.length));
    },
    executor,
    holder: createHash("sha256").update(name).digest("hex").slice(0, 16),
    cooling: new Map(options.cooling ?? []),
    prompts: () => ({ header: SHIPPED_HEADER, workflow: SHIPPED_WORKFLOW }),
    now: () => clock.moment(),
    wait: async (ms) => {
      clock.tick(ms);
    },
    digest: (text) => createHash("sha256").update(text).digest("hex"),
    randomHex: (digits) => {
      random += 1;
      return createHash("sha256").update(`${name} ${random} ${clock.now().getTime()}`).digest("hex").slice(0, digits);
    },
    redact: (text) => (options.secrets ?? []).reduce((rest, secret) => rest.replaceAll(secret, "<redacted>"), text),
    tell: (notice) => void notices.push(notice),
    signal: new AbortController().signal,
  };
  const ground = options.wrap?.(plain, server) ?? plain;
  const yard: Yard = {
    host,
    server,
    git,
    runs,
    notices,
    ground,
    config,
    dispatcher: await openDispatcher(ground),
    reopen: async () => {
      yard.dispatcher = await openDispatcher(ground);
    },
    ticks: async (count, seconds = 15) => {
      for (let at = 0; at < count; at += 1) {
        clock.tick(seconds * 1_000);
        await yard.dispatcher.tick();
        await yard.dispatcher.settled();
      }
    },
    advance: (seconds) => clock.tick(seconds * 1_000),
  };
  return yard;
}
