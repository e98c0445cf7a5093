/**
 * A whole dispatcher as it is in use: the server over HTTP, bare repositories behind it, a state directory, and agents that
 * are processes. Only the clock is the test's. What came of it is read from the server, its journal, and the records.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Io } from "@loopx/cli/program";
import { fakeClock, type FakeClock } from "@loopx/core/testing";
import { openGitea, type OpenedGitea } from "../../../src/drivers/gitea/assemble.ts";
import { giteaPlace } from "../../../src/drivers/gitea/place.ts";
import { realTiming } from "../../../src/drivers/timing.ts";
import type { Item as Held } from "../../../src/gitea/item.ts";
import { realGround, type RealGround } from "../../rig/keeper.ts";
import { addLabels, openIssue, type NewItem } from "../double/items.ts";
import type { Item, Profile, Repo } from "../double/records.ts";
import { addRepo } from "../double/world.ts";
import { LABELS, rig, type Rig } from "../rig.ts";
import { ioAt } from "../../rig/io.ts";

const AGENT = fileURLToPath(new URL("./agent.sh", import.meta.url));

export interface Works extends Rig {
  readonly clock: FakeClock;
  readonly keeper: RealGround;
  remove(): Promise<void>;
}

/** The server and everything that many dispatchers share; another server beside it may share the keeper. */
export async function startWorks({ profile, beside }: { readonly profile?: Profile; readonly beside?: Works } = {}): Promise<Works> {
  const clock = fakeClock({ at: "2026-03-01T10:00:00Z", offset_minutes: 0 });
  const served = rig({ git: true, now: () => clock.now().getTime(), ...(profile === undefined ? {} : { profile }) });
  const [keeper, all] = await Promise.all([beside?.keeper ?? realGround(), served]);
  const remove = async (): Promise<void> => {
    await all.gitea.close();
    if (beside === undefined) keeper.remove();
  };
  return { ...all, clock, keeper, remove };
}

/** What an agent does, as lines of a shell in its checkout: by the title of its item. */
export type Laid = Readonly<Record<string, { readonly work?: string; readonly review?: string }>>;

export interface ShiftOptions {
  readonly name: string;
  /** More repositories than the one that has the shift's name. */
  readonly repos?: readonly string[];
  readonly yaml?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly laid?: Laid;
}

/** One dispatcher, its repository, and the hands of a test on both. */
export interface Shift {
  readonly repo: Repo;
  readonly folder: string;
  readonly state_dir: string;
  readonly env: Readonly<Record<string, string>>;
  now: OpenedGitea;
  /** An issue with the label, put there by the owner. */
  issue(title: string, more?: Partial<NewItem> & { readonly in?: Repo }): Item;
  lay(laid: Laid): void;
  label(name: string, repo?: Repo): number;
  worn(item: Item): readonly string[];
  /** So many ticks, the clock moved by so many seconds before each; runs that ended are applied, live ones go on. */
  ticks(count: number, seconds?: number): Promise<void>;
  /** Ticks until no run lives and nothing is done any more. */
  through(ticks?: number): Promise<void>;
  held(item: { readonly number: number }, repo?: Repo): Held | null;
  /** Each run: `work 12 title`, by item. */
  ran(): readonly Ran[];
  prompt(run: Ran): string;
  call(): { readonly io: Io; readonly globals: never };
  /** The dispatcher ends, and another begins on the same directory. */
  reopen(how?: Reopening): Promise<void>;
  close(): Promise<void>;
}

export interface Reopening {
  /** Its runs live on, as under `run --leave-running`. */
  readonly leave_running?: boolean;
  /** Done while nobody has the directory. */
  readonly meanwhile?: () => void;
}

export interface Ran {
  readonly role: string;
  readonly run_id: string;
  readonly sha: string;
  readonly item: string;
  readonly title: string;
}

export function newRepo(works: Works, name: string): Repo {
  const repo = addRepo(works.gitea.world, { owner: "human", name, collaborators: { clawbot: "write" }, labels: LABELS });
  repo.watchers.delete("clawbot");
  return repo;
}

export async function openShift(works: Works, options: ShiftOptions): Promise<Shift> {
  const { clock, keeper, gitea, token } = works;
  const { name, yaml = "", laid = {} } = options;
  const repo = newRepo(works, name);
  const folder = join(keeper.folder, name);
  for (const each of ["", "laid", "prompts", ".loopx"]) mkdirSync(join(folder, each), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "ran"), "");
  const lay = (what: Laid): void => {
    for (const [title, { work, review }] of Object.entries(what)) {
      if (work !== undefined) writeFileSync(join(folder, "laid", `${title}.work`), work);
      if (review !== undefined) writeFileSync(join(folder, "laid", `${title}.review`), review);
    }
  };
  lay(laid);
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    GITEA_URL: gitea.url,
    GITEA_TOKEN: token,
    LOOPX_RUNTIME_ROOT: join(folder, "runtime"),
    COOLDOWN: "0",
    BOT_SCAN_INTERVAL: "15",
    ...options.env,
  };
  const repos = [`human/${name}`, ...(options.repos ?? [])].join(", ");
  const command = JSON.stringify(["sh", AGENT, folder]);
  const text = `${/^repos:/m.test(yaml) ? "" : `repos: [${repos}]\n`}human: human\nnotify: [log]\nrunner: command\n${/^command:/m.test(yaml) ? "" : `command: ${command}\n`}spawn_delay_seconds: 0\nbatch: 100\n${/^gate:/m.test(yaml) ? "" : "gate: []\n"}${yaml}`;
  writeFileSync(join(folder, ".loopx/gitea.yaml"), text);
  const call: Shift["call"] = () => ({ io: ioOf(folder, env, clock), globals: { cwd: folder, quiet: true } as never });
  const place = giteaPlace(call(), {});
  // A second in which claims settle, and a wait before a call is repeated, are the test's time.
  const timing = { ...realTiming, pause: async (ms: number) => clock.tick(ms) };
  const opened = async (): Promise<OpenedGitea> =>
    openGitea(giteaPlace(call(), {}), {
      dry_run: false,
      wake: () => undefined,
      keeper: keeper.keeper,
      timing,
      patience: { term_grace_ms: 200, remains_ms: 20 },
    });
  const label = (wanted: string, of = repo): number => of.labels.find((each) => each.name === wanted)?.id ?? 0;
  const end = async (leave_running: boolean): Promise<void> => {
    await shift.now.dispatcher.close(leave_running, shift.now.agents.idle);
    await shift.now.close();
  };
  const shift: Shift = {
    repo,
    folder,
    state_dir: place.state_dir,
    env,
    now: await opened(),
    lay,
    label,
    issue: (title, { in: where = repo, ...more } = {}) => {
      const made = openIssue(gitea.world, where, { by: "human", title, body: "Please.", ...more });
      addLabels(gitea.world, made, "human", [label("bot", where)]);
      return made;
    },
    worn: (item) => item.repo.labels.filter(({ id }) => item.labels.has(id)).map((each) => each.name),
    ticks: async (count, seconds = 15) => {
      for (let at = 0; at < count; at += 1) {
        clock.tick(seconds * 1_000);
        shift.now.reconfigure();
        await shift.now.dispatcher.tick();
        await shift.now.dispatcher.settled();
      }
    },
    through: async (ticks = 30) => {
      let before = "";
      for (let at = 0; at < ticks; at += 1) {
        await shift.ticks(1);
        await shift.now.agents.idle();
        const after = shift.now.dispatcher.board
          .all()
          .map(({ state, last_reason, plan }) => `${state} ${last_reason} ${plan.length}`)
          .join("\n");
        if (after === before && !/^(?:running|applying|claimed)/m.test(after)) return;
        before = after;
      }
    },
    held: ({ number }, of = repo) => shift.now.dispatcher.board.get({ repo: `human/${of.name}`, number }),
    ran: () =>
      readFileSync(join(folder, "ran"), "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => {
          const [role = "", run_id = "", sha = "", item = "", ...title] = line.split(" ");
          return { role, run_id, sha, item, title: title.join(" ") };
        }),
    prompt: ({ run_id }) => readFileSync(join(folder, "prompts", run_id), "utf8"),
    call,
    reopen: async ({ leave_running = false, meanwhile } = {}) => {
      await end(leave_running);
      meanwhile?.();
      shift.now = await opened();
    },
    close: () => end(false),
  };
  return shift;
}

function ioOf(folder: string, env: Readonly<Record<string, string>>, clock: FakeClock): Io {
  return ioAt({
    cwd: folder,
    env,
    home: folder,
    clock,
  });
}

/** Does it right before the server carries out the request that ends the row: what people do between two calls of ours. */
export function before({ gitea: { journal } }: Pick<Works, "gitea">, row: readonly RegExp[], act: () => void): void {
  const push = journal.push.bind(journal);
  let at = 0;
  journal.push = (...seen) => {
    for (const { method, path } of seen) if (row[at]?.test(`${method} ${path}`) ?? false) at += 1;
    if (at === row.length) {
      journal.push = push;
      act();
    }
    return push(...seen);
  };
}

/** Every line of the dispatcher's decisions. */
export function decisions(of: Pick<Shift, "state_dir">): readonly Decision[] {
  return lines(of, "decisions").map(({ at = "", item = "", decision = "", reason = "", detail }) => ({
    at,
    item,
    decision,
    reason,
    detail,
  }));
}

export interface Decision {
  readonly at: string;
  readonly item: string;
  readonly decision: string;
  readonly reason: string;
  readonly detail: unknown;
}

/** The keys of what people were told, once the dispatcher has closed. */
export function told(of: Pick<Shift, "state_dir">): readonly string[] {
  return lines(of, "notify").map(({ key = "" }) => key);
}

export function lines({ state_dir }: Pick<Shift, "state_dir">, name: string): readonly Readonly<Record<string, string | undefined>>[] {
  const path = join(state_dir, `${name}.jsonl`);
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, string>);
}
