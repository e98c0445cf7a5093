/** Everything one profile of one repository stands on: where it lies, by what it runs, and the tools it uses. Opened once per command. */
import type { FileHost } from "@loopx/core";
import type { Locale, Moment } from "@loopx/core/domain";
import type { AgentGround } from "../drivers/agents/run.ts";
import type { ComponentGround } from "../drivers/component.ts";
import type { Checkout } from "../drivers/git/checkout.ts";
import type { Git } from "../drivers/git/git.ts";
import type { LaunchGround } from "../drivers/process/launch.ts";
import type { Secrets } from "../drivers/process/secrets.ts";
import type { Card } from "@loopx/lark-card";
import type { Notice } from "../notify/notice.ts";
import type { LoopPlace } from "../progress.ts";
import type { LoopConfig } from "./config.ts";

/** Sends one line to people. It never throws and never waits for them: no notice stops a cycle. A second line with one key is the same one. */
export type Notify = (
  text: string,
  more?: { readonly key?: string; readonly level?: Notice["level"]; readonly progress?: Progress },
) => Promise<void>;

/** A card that stands in the place of lines that only inform, and the name of what it is about: one card each. */
export interface Progress {
  readonly about: string;
  readonly card: Card;
}

/** Questions as cards with buttons, where people can be shown any (WTL-72). Neither of both waits for people or throws. */
export interface GateCards {
  ask(question: PromotionQuestion): void;
  /** Closes the cards of a goal's promotions that are over, all but that one. */
  close(goal_id: string, but: string | null): void;
}

export interface PromotionQuestion {
  readonly goal_id: string;
  readonly gate: string;
  readonly sha: string;
  readonly question: string;
  readonly summary: string;
  /** The line that people read where the card cannot be sent, and its key. */
  readonly line: string;
  readonly key: string;
}

export interface Site {
  readonly host: FileHost;
  readonly config: LoopConfig;
  readonly config_path: string;
  readonly config_sha256: string;
  /** The main worktree. */
  readonly root: Checkout;
  /** Where the test worktree is, or will be. */
  readonly worktree: string;
  readonly branch: string | null;
  /** The name of this loop in the store, and its folder. */
  readonly executor: string;
  readonly state_dir: string;
  readonly git: Git;
  readonly launch: LaunchGround;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets: Secrets;
  readonly now: () => Moment;
  readonly notify: Notify;
  /** Null: people answer by command only. */
  readonly gate_cards: GateCards | null;
  readonly locale: Locale;
  readonly version: string;
  /** Shorter in tests. */
  readonly patience: {
    readonly term_grace_ms?: number;
    readonly remains_ms?: number;
    readonly look_ms?: number;
    readonly still_ms?: number;
  };
}

/** Where the cycle keeps itself (WTL-11). */
export function cyclePlace(site: Pick<Site, "executor">): LoopPlace {
  return { executor: site.executor, state: "cycle.json", journal: "journal" };
}

export function agentGround(site: Site): AgentGround {
  return {
    launch: site.launch,
    documents: site.host.documents,
    executor: site.executor,
    runs_dir: `${site.state_dir}/agent-runs`,
    env: site.env,
    secrets: site.secrets,
    now: site.now,
    ...site.patience,
  };
}

export function componentGround(site: Site): ComponentGround {
  const { term_grace_ms } = site.patience;
  return {
    launch: site.launch,
    documents: site.host.documents,
    executor: site.executor,
    lock: site.host.lock,
    lock_dir: site.state_dir,
    now: site.now,
    ...(term_grace_ms === undefined ? {} : { term_grace_ms }),
  };
}

/** Logs of one cycle, one file a step. */
export function cycleLogs(site: Pick<Site, "state_dir">, cycle_id: string): string {
  return `${site.state_dir}/logs/${cycle_id}`;
}
