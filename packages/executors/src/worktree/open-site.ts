/** Opens the site of a profile: configuration, main worktree, host, secrets. Everything that is wrong is told here, before anything is done (WTL-20, WTL-110). */
import { openHost, type Clock, type Ids, type Observer } from "@loopx/core";
import { LoopxError, shellLine, type Locale } from "@loopx/core/domain";
import { modelAccess } from "../drivers/agents/relay.ts";
import { machineMoment } from "../drivers/clock.ts";
import { readEnvFile, secretsIn } from "../drivers/env-files.ts";
import { mainWorktree } from "../drivers/git/linked-worktree.ts";
import { executorGit } from "../drivers/git/git.ts";
import { branchName } from "../drivers/git/names.ts";
import { below, folderOf, folderWithConfig, loopKey, personalFile, readConfigText, realFile } from "../drivers/loop-files.ts";
import { hostProcesses } from "../drivers/process/identity.ts";
import { keeperFile } from "../drivers/process/keeper-file.ts";
import { secretsOf, secretValues, type Secrets } from "../drivers/process/secrets.ts";
import { requireTwoBots } from "../dual-agent/config.ts";
import { requireApart } from "./components.ts";
import { readConfig, worktreePlace, type LoopConfig, type ProfileName } from "./config.ts";
import type { NoticePlace } from "./notices.ts";
import type { GateCards, Notify, Site } from "./site.ts";

/** What a command knows. */
export interface SiteOptions {
  readonly profile: ProfileName;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly config?: string | undefined;
  readonly root?: string | undefined;
  readonly registry?: string | undefined;
  readonly runtime_root?: string | undefined;
  readonly locale?: Locale | undefined;
  readonly version: string;
  /** How people are told, once it is known where the site lies and what its configuration says. */
  readonly notify: (place: NoticePlace) => Notify;
  /** How people are shown questions with buttons. */
  readonly gate_cards?: (place: NoticePlace) => GateCards | null;
  readonly clock?: Clock | undefined;
  readonly ids?: Ids | undefined;
  readonly observer?: Observer | undefined;
  /** Another keeper, and less patience, in tests. */
  readonly keeper?: string;
  readonly patience?: Site["patience"];
}

/** The site, or one `LoopxError` that says what is missing. */
export async function openSite(options: SiteOptions): Promise<Site> {
  const { env, cwd, profile } = options;
  const named = options.config ?? env["LOOPX_LOOP_CONFIG"] ?? null;
  const wished = options.root === undefined ? null : realFile(below(cwd, options.root));
  const first = readConfigText(named === "" ? null : named, wished ?? folderWithConfig(cwd), cwd);
  const git = executorGit(env);
  const branch = branchName(readConfig(first.path, first.text, profile, env).main_branch);
  const root = await mainWorktree(git, wished ?? folderOf(first.path), branch);
  if (wished !== null && root.dir !== wished)
    throw new LoopxError("project_missing", `${wished} does not have ${branch} checked out; ${root.dir} does`, {
      hint: shellLine(["--root", root.dir]),
    });
  // A linked worktree holds a copy of the file: the main folder's own counts.
  const text = named === null ? readConfigText(null, root.dir, cwd) : first;
  const config = readConfig(text.path, text.text, profile, env);
  const host = openHost({
    cwd: root.dir,
    env,
    home: options.home,
    command: "loopx-loop",
    ...(options.registry === undefined ? {} : { registry: options.registry }),
    ...(options.runtime_root === undefined ? {} : { runtime_root: options.runtime_root }),
    ...(options.locale === undefined ? {} : { locale: options.locale }),
    observer: options.observer,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.ids === undefined ? {} : { ids: options.ids }),
  });
  const place = worktreePlace(config);
  const executor = loopKey(root.dir, profile);
  const now = () => machineMoment(options.clock);
  const site: Site = {
    host,
    config,
    config_path: text.path,
    config_sha256: text.sha256,
    root,
    worktree: below(root.dir, place.path),
    branch: place.branch === null ? null : branchName(place.branch),
    executor,
    state_dir: below(host.places.runtime_root, "executors", executor),
    git,
    launch: { keeper: options.keeper ?? keeperFile(), table: hostProcesses() },
    env,
    secrets: secretsOfSite(config, root.dir, env),
    now,
    notify: options.notify({ host, config, executor, env, now }),
    gate_cards: options.gate_cards?.({ host, config, executor, env, now }) ?? null,
    locale: host.locale,
    version: options.version,
    patience: options.patience ?? {},
  };
  requireApart(site);
  if (profile === "lark") requireTwoBots(config, text.path, (path) => personalFile(root.dir, path, env));
  return site;
}

/** Everything that no log, prompt or record may show: ours, the project's, and the components'. */
function secretsOfSite({ profile }: LoopConfig, root: string, env: SiteOptions["env"]): Secrets {
  const { main, test } = profile.components;
  const files = [...profile.worktree.env_files, main?.env_file, test?.env_file].filter((path): path is string => path !== undefined);
  const fromFiles = files.flatMap((path) => secretsIn(readEnvFile(personalFile(root, path, env))));
  const byName = [...(main?.env_from ?? []), ...(test?.env_from ?? [])].map((name) => env[name] ?? "");
  // Wrong settings of it are told here, before a cycle needs them.
  const model = profile.fix.credentials === "relay" ? [modelAccess(env).key] : [];
  const fromConfig = [main, test].flatMap((component) => secretsIn(component?.env ?? {}));
  return secretsOf([...secretValues(env), ...fromFiles, ...byName, ...model, ...fromConfig]);
}
