/** Puts a real dispatcher together: server, git, agents, files, people. Everything outside it is named here and nowhere else. */
import { createHash, randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { LoopxError, type Moment } from "@loopx/core/domain";
import { openDispatcher, type Dispatcher } from "../../gitea/dispatcher.ts";
import type { Forge } from "../../gitea/forge.ts";
import type { GiteaGround } from "../../gitea/ground.ts";
import { dryGround, type WouldDo } from "../../gitea/dry-run.ts";
import type { AgentGround } from "../agents/run.ts";
import { machineMoment } from "../clock.ts";
import { executorGit } from "../git/git.ts";
import { removeOld } from "../mirrors/checkout.ts";
import { mirrorCheckouts } from "../mirrors/checkouts.ts";
import { hostProcesses } from "../process/identity.ts";
import { keeperFile } from "../process/keeper-file.ts";
import { secretsOf, secretValues } from "../process/secrets.ts";
import { realTiming } from "../timing.ts";
import { giteaAgents, type GiteaAgents } from "./agents.ts";
import { goalBooks } from "./books.ts";
import { giteaForge } from "./forge.ts";
import { peopleOf } from "./people.ts";
import { itemNames, oldCooldowns, type GiteaPlace, type Reread } from "./place.ts";
import type { Timing } from "../../scenario/run.ts";

export interface OpenOptions {
  /** Only GETs, no file, no lease (DSP-2): what would be written is told instead. */
  readonly dry_run: boolean;
  /** Wakes whoever waits for something to do. */
  readonly wake: () => void;
  readonly keeper?: string;
  /** Shorter in tests. */
  readonly patience?: Pick<AgentGround, "term_grace_ms" | "remains_ms">;
  readonly timing?: Timing;
}

export interface OpenedGitea {
  readonly dispatcher: Dispatcher;
  readonly ground: GiteaGround;
  readonly agents: GiteaAgents;
  /** What a dry run would have done. */
  readonly would: readonly WouldDo[];
  /** Ends requests and programs of ours at once. */
  cut(): void;
  /** Looks whether the configuration changed. */
  reconfigure(): void;
  /** What is wrong with the configuration since it was changed; null when nothing is. */
  configFault(): string | null;
  /** Lets go of whatever still runs, and of the state directory. */
  close(): Promise<void>;
}

/** The two accounts of a place. */
export function forgesOf(
  place: GiteaPlace,
  signal: AbortSignal,
  timing: Timing = realTiming,
): { readonly bot: Forge; readonly reviewer: Forge | null } {
  const { url } = place.config;
  const account = { url, now: () => machineMoment(place.call.io.clock).ms, random: Math.random, signal, timing };
  const { token, review_token } = place;
  return {
    bot: giteaForge({ ...account, token }),
    reviewer: review_token === null ? null : giteaForge({ ...account, token: review_token }),
  };
}

/** Takes the state directory, finds what an earlier process left, and opens the dispatcher on it. */
export async function openGitea(place: GiteaPlace, options: OpenOptions): Promise<OpenedGitea> {
  const { host, state_dir, executor, call } = place;
  const { io } = call;
  const now = (): Moment => machineMoment(io.clock);
  const timing = options.timing ?? realTiming;
  const held = options.dry_run ? null : await locked(place);
  let current: Reread = { config: place.config, prompts: place.prompts, fault: null };
  const secrets = secretsOf([place.token, place.review_token ?? "", ...secretValues(io.env)]);
  const cutting = new AbortController();
  const leaving = new AbortController();
  // As many wait for these as there are requests and runs.
  for (const { signal } of [cutting, leaving]) setMaxListeners(0, signal);
  const agentGround: AgentGround = {
    launch: { keeper: options.keeper ?? (options.dry_run ? "" : keeperFile()), table: hostProcesses() },
    documents: host.documents,
    executor,
    runs_dir: join(state_dir, "runs"),
    env: io.env,
    secrets,
    now,
    leave: leaving.signal,
    ...options.patience,
  };
  const agents = giteaAgents({ agents: agentGround, config: () => current.config, onEnded: options.wake });
  const people = peopleOf(place, now);
  if (!options.dry_run) people.choose(current.config.notify);
  const { bot, reviewer } = forgesOf(place, cutting.signal, timing);
  const ground: GiteaGround = {
    config: () => current.config,
    forge: bot,
    reviewer,
    checkouts: mirrorCheckouts({
      git: executorGit(io.env),
      url: place.config.url,
      account: { username: place.config.bot_user, token: place.token },
      state_dir,
      author: () => current.config.git_author,
      branch_prefix: () => current.config.branch_prefix,
      env: io.env,
      secrets,
      launch: agentGround.launch,
      signal: cutting.signal,
    }),
    runs: agents,
    goals: goalBooks(host, call.globals.cwd),
    documents: host.documents,
    logs: host.logs,
    leases: host.leases,
    itemNames: async () => itemNames(state_dir),
    executor,
    holder: options.dry_run ? "dry-run" : await holderOf(place),
    cooling: oldCooldowns(place.config, now().ms),
    prompts: () => current.prompts,
    now,
    wait: (ms) => timing.pause(ms, cutting.signal),
    digest: sha256,
    randomHex: (digits) =>
      randomBytes(Math.ceil(digits / 2))
        .toString("hex")
        .slice(0, digits),
    redact: (text) => secrets.redact(text),
    tell: people.tell,
    signal: cutting.signal,
  };
  const dry = options.dry_run ? dryGround(ground) : null;
  const dispatcher = await openDispatcher(dry?.ground ?? ground);
  if (!options.dry_run) removeOld({ state_dir }, now().ms);
  if (!options.dry_run) await agents.adopt(new Set(dispatcher.board.all().flatMap(({ run_id }) => run_id ?? [])));
  return {
    dispatcher,
    ground,
    agents,
    would: dry?.effects ?? [],
    reconfigure: () => {
      current = place.reread();
      people.choose(current.config.notify);
    },
    configFault: () => [current.fault, people.fault()].filter((each) => each !== null).join("\n") || null,
    cut: () => cutting.abort("the service ends"),
    close: async () => {
      leaving.abort();
      await people.close();
      await held?.release();
    },
  };
}

/** One process has the directory (DSP-31); the second is told who has it. */
async function locked({ host, state_dir }: GiteaPlace) {
  mkdirSync(state_dir, { recursive: true, mode: 0o700 });
  chmodSync(state_dir, 0o700);
  const held = await host.lock.acquire(join(state_dir, "dispatcher"), { wait_ms: 0, command: "loopx-loop gitea" });
  if (held.kind === "held") return held;
  const pid = held.owner?.pid ?? null;
  throw new LoopxError("lock_timeout", `another dispatcher${pid === null ? "" : `, process ${pid},`} has ${state_dir}`, {
    hint: "stop it first, or give this one its own --state-dir",
    details: { state_dir, pid },
  });
}

/** A random name of the state directory, made once; a server is not told how our host is called (DSP-38). */
async function holderOf({ host, executor }: GiteaPlace): Promise<string> {
  const key = { kind: "executor_state", executor, name: "holder.json" } as const;
  const fresh = randomBytes(8).toString("hex");
  const outcome = await host.documents.update(
    key,
    (before) => {
      const known = before === null ? null : /"holder": "([0-9a-f]{16})"/.exec(before.text)?.[1];
      return known === null || known === undefined
        ? { write: `${JSON.stringify({ holder: fresh }, null, 2)}\n`, value: fresh }
        : { keep: true, value: known };
    },
    { set_aside: true },
  );
  if (outcome.kind === "written" || outcome.kind === "unchanged") return outcome.value;
  throw new LoopxError("write_failed", `the state directory cannot be written (${outcome.kind})`);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
