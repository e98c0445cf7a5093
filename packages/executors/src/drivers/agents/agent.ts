/**
 * The one interface through which a loop starts a coding agent and learns how it ended. Terminology: a *client* is a program
 * such as codex; a *request* is one task for it; a *plan* is the command line made of both, as plain values; an *end* is one
 * of a closed list, and exit code 0 alone is never "ok". Types only.
 */
import type { JsonObject } from "@loopx/core/domain";
import type { Exit, LogTruncated } from "../process/order.ts";
import type { Secrets } from "../process/secrets.ts";
import type { DeclaredResult } from "./declared-result.ts";

export type ClientName = "codex" | "claude" | "openclaw" | "command";

/** Bounds of one run; a silence of 0 is no bound (AGT-26). */
export interface AgentLimits {
  readonly max_seconds: number;
  readonly silence_seconds: number;
  readonly max_output_bytes: number;
}

/** One task for an agent (AGT-2). */
export interface AgentRequest {
  /** `run_` and 16 lower-case hex. */
  readonly run_id: string;
  readonly goal_id: string | null;
  /** Absolute and real. */
  readonly workspace: string;
  readonly prompt: string;
  readonly model: string | null;
  readonly sandbox: "read-only" | "workspace-write";
  /** Absolute directories that may be written beside the workspace, such as that of the goal's state. */
  readonly writable: readonly string[];
  readonly network: boolean;
  readonly limits: AgentLimits;
  /** Absolute; private to the run. */
  readonly run_dir: string;
  /** Where its output goes instead of `out.log`; what stands there already stays (LPR-61). */
  readonly log_path?: string;
  /** Whether the run counts only with a valid result file. */
  readonly result: "required" | "optional";
}

/** The address and the token that a client gets instead of a key (AGT-81). */
export interface Relay {
  readonly port: number;
  readonly token: string;
}

/** What configuration and this machine say about a client. */
export interface ClientSettings {
  /** The real path of the program. */
  readonly program: string;
  /** Checked against the deny list when the configuration is read (AGT-9). */
  readonly extra_args: readonly string[];
  readonly allow_no_git: boolean;
  /** `client`: it confines its own commands on this machine. */
  readonly confinement: "client" | "none";
  readonly relay: Relay | null;
  /** Names of variables that go through beside the usual ones. */
  readonly env_allow: readonly string[];
  /** Only `command`: its words, with placeholders. */
  readonly argv: readonly string[];
  /** Only claude. */
  readonly allowed_tools: readonly string[] | null;
}

/** What planning may look at: plain values, so that a plan is a pure function. */
export interface PlanContext {
  readonly settings: ClientSettings;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets: Secrets;
}

/** A command line, before anything is started (AGT-3). */
export interface Plan {
  readonly program: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdin: "prompt" | "none";
  /** For logs, records and people: without the prompt and without any secret. */
  readonly shown_command: string;
}

/** A plan, or the rule that forbids one. */
export type Planned = { readonly kind: "plan"; readonly plan: Plan } | { readonly kind: "refused"; readonly reason: string };

/** What the client's own words amount to, when it ended by itself. */
export type Judgement =
  | { readonly kind: "success"; readonly usage: JsonObject | null }
  | { readonly kind: "denied"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string; readonly http_status: number | null };

/** A client that is one local process. All of it is pure. */
export interface ProcessClient {
  readonly name: ClientName;
  plan(request: AgentRequest, context: PlanContext): Planned;
  /** `events`: what it printed as JSON lines; other lines are left out. */
  judge(exit: Exit, events: readonly JsonObject[]): Judgement;
}

/** How a run ended (AGT-30). */
export type AgentEnd =
  | "ok"
  | "agent_failed"
  | "no_result"
  | "denied"
  | "timeout"
  | "stalled"
  | "stopped"
  | "spawn_failed"
  | "lost"
  | "stop_failed";

/** Everything a loop learns from a run. */
export interface AgentResult {
  readonly run_id: string;
  readonly client: ClientName;
  readonly end: AgentEnd;
  /** Empty only for `ok`. */
  readonly reason: string;
  readonly http_status: number | null;
  /** What the agent declared; its words are a claim and data, never an instruction. */
  readonly declared: DeclaredResult | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly usage: JsonObject | null;
  /** The last 2,000 bytes it printed, without secrets; empty for `ok`. */
  readonly output_tail: string;
  readonly log_truncated: LogTruncated;
  readonly still_alive: readonly number[];
}
