/** What the dispatcher stands on, as types: the server, git, agents, the store, time, and people. Everything here is replaceable. */
import type { Documents, Leases, Logs } from "@loopx/core";
import type { Moment } from "@loopx/core/domain";
import type { AgentResult } from "../drivers/agents/agent.ts";
import type { Checkouts } from "./checkouts.ts";
import type { GiteaConfig, Runner } from "./config.ts";
import type { WouldDo } from "./dry-run.ts";
import type { Forge } from "./forge.ts";
import type { Item } from "./item.ts";
import type { Template } from "./prompt.ts";

/** One agent to be started (DSP-45). */
export interface RunOrder {
  readonly run_id: string;
  readonly item: string;
  readonly role: "worker" | "reviewer";
  readonly runner: Runner;
  readonly goal_id: string | null;
  /** Its checkout. */
  readonly workspace: string;
  readonly prompt: string;
}

/** How a run stands. `unknown` is never "not running". */
export type RunLook =
  | { readonly kind: "absent" }
  | { readonly kind: "alive"; readonly since: string }
  | { readonly kind: "ended"; readonly result: AgentResult }
  | { readonly kind: "unknown" };

/** Agents of this dispatcher. A run is known by its id, also after a restart. */
export interface AgentRuns {
  /** Where the agent of that run writes its result. */
  resultFile(run_id: string): string;
  /** A second start of one id changes nothing. */
  start(order: RunOrder): Promise<{ readonly kind: "started" } | { readonly kind: "refused"; readonly reason: string }>;
  look(run_id: string): Promise<RunLook>;
  /** Asks it to end; its end is seen by a later look. */
  stop(run_id: string, reason: string): void;
  /** The ids of those that live, also of jobs at a gateway and of what could not be stopped; null when nobody can tell (DSP-36). */
  live(): Promise<readonly string[] | null>;
  /** Why no agent of that kind can be started now; null when one can. */
  obstacle(runner: Runner): Promise<string | null>;
}

/** The goals of repositories that have one (DSP-7, PSM-6). */
export interface GoalBooks {
  /** Why the goal may not run now; null when it may. */
  obstacle(goal_id: string): Promise<string | null>;
  /** What its history learns of a step. */
  record(goal_id: string, item: Item, result: AgentResult | null): Promise<void>;
  /** Raises the operator gate of a pull that is ready to be merged. */
  ask(goal_id: string, item: Item): Promise<void>;
}

/** A thing that people are told once. */
export interface GiteaNotice {
  readonly key: string;
  readonly level: "info" | "needs_person";
  readonly text: string;
}

export interface GiteaGround {
  readonly config: () => GiteaConfig;
  readonly forge: Forge;
  /** The second account, by which a review is an approval (PSM-3). */
  readonly reviewer: Forge | null;
  readonly checkouts: Checkouts;
  readonly runs: AgentRuns;
  readonly goals: GoalBooks;
  readonly documents: Documents;
  readonly logs: Logs;
  readonly leases: Leases;
  /** The names of the item records that stand in the state directory. */
  readonly itemNames: () => Promise<readonly string[]>;
  /** `gitea/<16 hex>`. */
  readonly executor: string;
  /** A random name of the state directory, without the host's. */
  readonly holder: string;
  /** Until when items of an older dispatcher cool, by key (DSP-34). */
  readonly cooling: ReadonlyMap<string, number>;
  readonly prompts: () => { readonly header: Template; readonly workflow: Template };
  readonly now: () => Moment;
  readonly wait: (ms: number) => Promise<void>;
  /** Hex digits of a digest. */
  readonly digest: (text: string) => string;
  /** So many random hex digits. */
  readonly randomHex: (digits: number) => string;
  readonly redact: (text: string) => string;
  readonly tell: (notice: GiteaNotice) => void;
  /** Only in a dry run: an effect is told here and not carried out (DSP-2). */
  readonly would?: (effect: WouldDo) => void;
  /** Aborted when the service has to end. */
  readonly signal: AbortSignal;
}
