/** Puts the operator's window together: a watched host, its feed, the page, the token, the port. Everything outside it is named here. */
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  openWatchedHost,
  resolveRoots,
  reviewMaterial,
  windowStatus,
  type HostOptions,
  type ReviewMaterialInput,
  type WatchedHost,
} from "@loopx/core";
import { LoopxError, type GoalOverview, type Locale, type LoopView, type WindowCapabilities } from "@loopx/core/domain";
import { isSameToken, listen, writeToken, type ServerLimits } from "../http/index.ts";
import { jsonAnswer, type WindowAnswer } from "./answer.ts";
import { configureApply, configureDryRun } from "./configure.ts";
import { openEvents } from "./events.ts";
import { openFeed, type Made } from "./feed.ts";
import { goalView } from "./goal-view.ts";
import { loopsView } from "./loops-view.ts";
import { pageFiles } from "./page-files.ts";
import { publicView, type PublicView } from "./public-view.ts";
import { windowRoutes, type Writes } from "./routes.ts";
import { gateAnswer, gateDryRun, nextCommand, rewardAppend, rewardDryRun, wholePacket } from "./writes.ts";

/** REL-106, REL-107. */
export const LIMITS: ServerLimits = { headers_ms: 3_000, request_ms: 5_000, connections: 64, header_bytes: 8_192 };
const CONFIGURE = { dry_run: "/control-plane/configure-goal/dry-run", apply: "/control-plane/configure-goal/apply" } as const;
const LOCK_WAIT_MS = 5_000;
const CLOSING_MS = 2_000;

/** What a line of `serve-status` asks for. */
export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly limit: number;
  readonly scan_root?: string | undefined;
  readonly scan_path?: readonly string[] | undefined;
  readonly writes: Writes;
  readonly require_token: boolean;
  readonly global_registry: boolean;
  readonly open: HostOptions;
  readonly onFault: (error: unknown) => void;
  /** Others in tests. */
  readonly limits?: Partial<ServerLimits>;
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface ServedWindow {
  readonly port: number;
  readonly token: string;
  readonly token_path: string;
  /** No new request; open ones have 2 s (CMD-132). The token's file goes away. */
  close(): Promise<void>;
}

interface Snapshot {
  readonly status: WindowAnswer;
  readonly goals: WindowAnswer;
  readonly loops: WindowAnswer;
}

/** Listens until it is closed. An unreadable registry does not stop it: `/status.json` says so until it is repaired (CMD-120). */
export async function serveWindow(options: ServeOptions): Promise<ServedWindow> {
  const ground = lazyHost(options);
  const capabilities = capabilitiesOf(options);
  const feedIn = (locale: Locale | null) =>
    openFeed<Snapshot>({
      make: async () => makeSnapshot(inLanguage(ground(), locale), options, capabilities),
      now_ms: () => Date.now(),
      monotonicMs: () => performance.now(),
      every,
    });
  const feeds = { own: feedIn(null), en: feedIn("en"), zh: feedIn("zh") };
  const current = async (query: URLSearchParams) => (await feeds[languageOf(query) ?? "own"].current()).value;
  const events = openEvents(feeds.own, every);
  const at = { port: options.port };
  const runtime_root = runtimeRoot(options);
  let token = "";
  const shown = async (make: (open: OpenGround) => Promise<object>): Promise<WindowAnswer> => {
    const open = ground();
    return jsonAnswer({ ok: true, ...open.view(await make(open)) });
  };
  const written = async (act: (open: OpenGround) => Promise<object>): Promise<WindowAnswer> => {
    try {
      return await shown(act);
    } finally {
      for (const feed of Object.values(feeds)) feed.forget();
    }
  };
  const onGround = ({ watched }: OpenGround) => ({ host: watched.host, cwd: options.open.cwd });
  const app = windowRoutes({
    page: pageFiles(),
    reads: {
      [options.path]: async (query) => (await current(query)).status,
      "/goals.json": async (query) => (await current(query)).goals,
      "/loops.json": async (query) => (await current(query)).loops,
      "/review-material": (query) => shown(({ watched }) => reviewMaterial(watched.host, materialAsked(query))),
      "/events": async () => events.open(),
    },
    goal: (goal_id, query) => shown(async (open) => goalView(inLanguage(open, languageOf(query)).watched.host, goal_id, options.open.cwd)),
    writes: {
      "/reward/dry-run": { enabled: true, act: (body) => shown((open) => rewardDryRun(onGround(open), body)) },
      "/reward/append": { enabled: options.writes.reward, act: (body) => written((open) => rewardAppend(onGround(open), body)) },
      "/gate/dry-run": { enabled: true, act: (body) => shown((open) => gateDryRun(onGround(open), body)) },
      "/gate/answer": { enabled: options.writes.gate, act: (body) => written((open) => gateAnswer(onGround(open), body)) },
      [CONFIGURE.dry_run]: { enabled: true, act: (body) => shown((open) => configureDryRun(onGround(open).host, body)) },
      [CONFIGURE.apply]: {
        enabled: options.writes.control_plane,
        act: (body) => written((open) => configureApply(onGround(open).host, body)),
      },
      "/command": { enabled: true, act: async (body) => jsonAnswer({ ok: true, ...(await nextCommand(onGround(ground()), body)) }) },
      "/packet": { enabled: true, act: async (body) => jsonAnswer({ ok: true, ...(await wholePacket(onGround(ground()), body)) }) },
      "/places": { enabled: true, act: async () => jsonAnswer({ ok: true, ...rootsOf(ground().watched) }) },
    },
    capabilities: () => jsonAnswer(capabilities),
    hosts: () => ["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${at.port}`),
    isToken: (given) => isSameToken(given, token),
    require_token: options.require_token,
    monotonicMs: () => performance.now(),
    pause: options.pause ?? pause,
    onFault: options.onFault,
  });
  const listening = await listen(app.fetch, { host: options.host, port: options.port }, { ...LIMITS, ...options.limits });
  at.port = listening.port;
  const token_path = join(runtime_root, "serve-status", `${listening.port}.token`);
  try {
    token = writeToken(token_path);
  } catch (error) {
    await listening.close(0);
    throw new LoopxError("write_failed", `the token cannot be written to ${token_path}: ${error instanceof Error ? error.message : ""}`);
  }
  return {
    port: listening.port,
    token,
    token_path,
    close: async () => {
      events.close();
      await listening.close(CLOSING_MS);
      rmSync(token_path, { force: true });
    },
  };
}

/** `?goal_id=&path=`, and `&below=` where the path means one directory only. */
function materialAsked(query: URLSearchParams): ReviewMaterialInput {
  const below = query.get("below");
  const asked = { goal_id: query.get("goal_id") ?? "", path: query.get("path") ?? "" };
  return below === "repository" || below === "state" || below === "runtime" ? { ...asked, below } : asked;
}

/** `?lang=`: the language of generated sentences, where a page asks for one. */
function languageOf(query: URLSearchParams): Locale | null {
  const lang = query.get("lang");
  return lang === "en" || lang === "zh" ? lang : null;
}

function inLanguage(open: OpenGround, locale: Locale | null): OpenGround {
  return locale === null ? open : { ...open, watched: { ...open.watched, host: { ...open.watched.host, locale } } };
}

interface OpenGround {
  readonly watched: WatchedHost;
  readonly view: PublicView;
}

/** Opened when it is first asked for, and again as long as it cannot be. */
function lazyHost(options: ServeOptions): () => OpenGround {
  let open: OpenGround | null = null;
  return () => {
    if (open !== null) return open;
    const global = options.global_registry ? { registry: join(runtimeRoot(options), "registry.global.json") } : {};
    const watched = openWatchedHost({ ...options.open, ...global, runtime_root: runtimeRoot(options), lock_wait_ms: LOCK_WAIT_MS });
    open = { watched, view: publicView(rootsOf(watched)) };
    return open;
  };
}

function rootsOf({ host }: WatchedHost): { registry: string; runtime_root: string } {
  return { registry: host.places.registry, runtime_root: host.places.runtime_root };
}

/** Found without the registry where that cannot be read. */
function runtimeRoot({ open }: ServeOptions): string {
  try {
    return resolveRoots(open).runtime_root;
  } catch (error) {
    if (!(error instanceof LoopxError) || error.code !== "registry_not_found") throw error;
    return resolveRoots({ ...open, registry: undefined }).runtime_root;
  }
}

/** The status, the goals and the loops of one look. */
async function makeSnapshot({ watched, view }: OpenGround, options: ServeOptions, api: WindowCapabilities): Promise<Made<Snapshot>> {
  const { limit, scan_root, scan_path, open } = options;
  const look = watched.observe();
  try {
    const { status, goals, until_ms } = await windowStatus(watched.host, { limit, scan_root, scan_path, cwd: open.cwd });
    const loops = await loopsView(watched.host, watched.executors());
    const texts = {
      status: JSON.stringify({ ok: true, schema_version: "loopx_status_v1", ...view(status), local_dashboard_api: api }),
      goals: goalsText(view(goals as GoalOverview[])),
      loops: JSON.stringify({ ok: true, loops: view(loops as LoopView[]) }),
    };
    const revision = createHash("sha256").update(texts.status).update(texts.goals).update(texts.loops).digest("hex").slice(0, 16);
    const value = {
      status: asAnswer(texts.status, revision),
      goals: asAnswer(texts.goals, revision),
      loops: asAnswer(texts.loops, revision),
    };
    // A scan looks at files that no look of this host sees.
    return { value, revision, sources: look.close(), until_ms: scan_root === undefined && scan_path === undefined ? until_ms : 0 };
  } finally {
    look.close();
  }
}

function goalsText(goals: readonly GoalOverview[]): string {
  return JSON.stringify({ ok: true, goals });
}

function asAnswer(text: string, revision: string): WindowAnswer {
  return { status: 200, type: "json", body: new TextEncoder().encode(`${text}\n`), revision };
}

function capabilitiesOf({ path, writes, require_token }: ServeOptions): WindowCapabilities {
  return {
    ok: true,
    source: "serve-status",
    status_url: path,
    health_url: "/healthz",
    review_material_url: "/review-material",
    goals_url: "/goals.json",
    loops_url: "/loops.json",
    events_url: "/events",
    reward_dry_run_url: "/reward/dry-run",
    reward_append_url: writes.reward ? "/reward/append" : null,
    reward_write_enabled: writes.reward,
    gate_dry_run_url: "/gate/dry-run",
    gate_answer_url: writes.gate ? "/gate/answer" : null,
    gate_write_enabled: writes.gate,
    configure_goal_dry_run_url: CONFIGURE.dry_run,
    configure_goal_apply_url: writes.control_plane ? CONFIGURE.apply : null,
    control_plane_write_enabled: writes.control_plane,
    token_required: require_token,
  };
}

function every(ms: number, act: () => void): () => void {
  const timer = setInterval(act, ms);
  timer.unref();
  return () => clearInterval(timer);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
