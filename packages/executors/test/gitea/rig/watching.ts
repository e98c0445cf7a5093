/** A dispatcher over the client and the double, with a clock that a test moves: what it costs, and how soon it begins (DSP-86). */
import { memoryHost } from "@loopx/core/testing";
import type { Checkouts } from "../../../src/gitea/checkouts.ts";
import { comment, openIssue } from "../double/items.ts";
import type { Repo } from "../double/records.ts";
import { addRepo } from "../double/world.ts";
import { LABELS, rig, type Rig } from "../rig.ts";
import { openYard, type Yard } from "./yard.ts";

const HEAD = "0".repeat(40);

export interface Watching {
  readonly all: Rig;
  readonly yard: Yard;
  readonly repos: readonly Repo[];
}

/** Repositories of one owner. */
export async function watching(count: number, yaml = ""): Promise<Watching> {
  const host = memoryHost({ now: "2026-03-01T10:00:00Z", offset_minutes: 0 });
  const all = await rig({ now: () => host.clock.now().getTime() });
  const more = Array.from({ length: count - 1 }, (_, at) =>
    addRepo(all.gitea.world, { owner: "human", name: `p${at}`, collaborators: { clawbot: "write" }, labels: LABELS }),
  );
  const repos = [all.repo, ...more];
  const names = repos.map(({ name }) => `human/${name}`).join(", ");
  const text = `repos: [${names}]\nhuman: human\nspawn_delay_seconds: 0\n${yaml}`;
  const branchSha: Checkouts["branchSha"] = async (_repo, name) => ({ kind: "value", value: name === "main" ? HEAD : null });
  const yard = await openYard({
    host,
    yaml: text,
    wrap: (ground) => ({ ...ground, forge: all.forge, checkouts: { ...ground.checkouts, branchSha } }),
  });
  return { all, yard, repos };
}

/** Issues that somebody works on himself: they are watched, and nothing is to be done about them. */
function issues({ all }: Watching, repo: Repo, count: number): void {
  const labels = [repo.labels[0]?.id ?? 0];
  for (let turn = 0; turn < count; turn += 1)
    openIssue(all.gitea.world, repo, { by: "human", title: `issue ${turn}`, labels, assignees: ["human"] });
}

/** What a tick costs on average while nothing changes. */
export async function idleCost(site: Watching, each: number): Promise<{ readonly requests: number; readonly cpu_seconds: number }> {
  const { all, yard, repos } = site;
  for (const repo of repos) issues(site, repo, each);
  await yard.ticks(1);
  // A minute later the clocks' slack is over, and nothing that was seen is new any more.
  await yard.ticks(1, 660);
  all.gitea.journal.length = 0;
  const began = process.cpuUsage();
  // Up to the next reconcile.
  await yard.ticks(32);
  const { user, system } = process.cpuUsage(began);
  return { requests: all.gitea.journal.length / 32, cpu_seconds: (user + system) / 32 / 1e6 };
}

/** Seconds from a person's word to the start of an agent, by the test's clock, the shortest first. */
export async function startDelays({ all, yard, repos: [repo] }: Watching, events: number): Promise<readonly number[]> {
  if (repo === undefined) return [];
  const { runs } = yard;
  const now = (): number => yard.host.clock.now().getTime();
  const said = new Map<string, number>();
  const delays: number[] = [];
  runs.answers = ({ item }) => {
    delays.push((now() - (said.get(item) ?? 0)) / 1_000);
    return { outcome: "noop" };
  };
  await yard.ticks(2);
  for (let count = 0; count < events; count += 1) {
    yard.advance(count % 15);
    const issue = openIssue(all.gitea.world, repo, { by: "human", title: `Item ${count}` });
    said.set(`human/${repo.name}#${issue.number}`, now());
    comment(all.gitea.world, issue, "human", "@clawbot please");
    // The service looks once a second.
    for (let seconds = 0; seconds < 25; seconds += 1) await yard.ticks(1, 1);
  }
  return delays.toSorted((one, other) => one - other);
}
