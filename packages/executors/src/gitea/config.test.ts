import { describe, expect, it } from "vitest";
import { readGiteaConfig, settingsOf, type GiteaConfigRead } from "./config.ts";
import { inOrder, isCooling, isFull, signOf } from "./queue.ts";
import { freshItem, itemName, parseItem, formatItem, placeOfKey } from "./item.ts";
import { changeOf } from "./snapshot.ts";
import { freshLatency } from "./latency.ts";

const ENV = { GITEA_URL: "https://git.example/" };
const YAML = "repos: [acme/tool]\nhuman: hana\n";

function read(text: string, env: Readonly<Record<string, string>> = {}): GiteaConfigRead {
  return readGiteaConfig({ ...ENV, ...env }, { path: "gitea.yaml", text }, (path) => `/srv/${path}`);
}

function faults(text: string, env: Readonly<Record<string, string>> = {}): string {
  const found = read(text, env);
  return found.kind === "faulty" ? found.faults.join("\n") : "none";
}

describe("the configuration (DSP-5, DSP-6)", () => {
  it("has the names and defaults of the source document", () => {
    const found = read(YAML);
    expect(found).toMatchObject({
      kind: "config",
      config: {
        url: "https://git.example",
        bot_user: "clawbot",
        poll_delay: 15,
        cooldown: 30,
        bot_scan_interval: 120,
        reconcile_interval: 600,
        redispatch_cooldown: 1_800,
        max_agents: 10,
        openclaw_bin: "openclaw",
        runner: "codex",
        reviewer_runner: "codex",
        gate: ["docker", "build", "."],
        gate_seconds: 1_800,
        labels: { bot: "bot", review: "needs-review", rework: "needs-rework", ready: "merge-ready" },
        branch_prefix: "agent/",
        max_rounds: 4,
        max_attempts: 3,
        batch: 5,
        spawn_delay_seconds: 1,
        limits: { worker: 600, reviewer: 600, silence: 300 },
        draft: "ignore",
      },
    });
  });

  it("lets the environment win over the file", () => {
    const env = {
      WATCHED_REPOS: "x/y, x/z",
      MAX_CONCURRENT_AGENTS: "3",
      REAP_AGE_SECONDS: "60",
      SILENCE_SECONDS: "0",
      WORKFLOW_DOC: "w.md",
    };
    expect(read(`${YAML}max_agents: 7\n`, env)).toMatchObject({
      config: {
        repos: [{ repo: "x/y" }, { repo: "x/z" }],
        max_agents: 3,
        limits: { worker: 60, reviewer: 60, silence: 0 },
        workflow_doc: "/srv/w.md",
      },
    });
  });

  it.each([
    ["POLL_DELAY", "0"],
    ["POLL_DELAY", "3601"],
    ["POLL_DELAY", "soon"],
    ["MAX_CONCURRENT_AGENTS", "101"],
    ["MAX_CONCURRENT_AGENTS", "Infinity"],
    ["BOT_USER", "a b"],
    ["GITEA_URL", "http://git.example"],
    ["GITEA_URL", "https://user:pw@git.example"],
    ["GITEA_URL", "git.example"],
    ["WATCHED_REPOS", "tool"],
  ])("refuses %s=%s by its name", (name, value) => {
    expect(faults(YAML, { [name]: value })).toContain(name);
  });

  it.each([
    ["repos: [acme/tool]\n", "human is required, or one for each repository: acme/tool"],
    ["human: hana\n", "no repository is watched"],
    [`${YAML}labls: {}\n`, "gitea.yaml:3: unknown key labls; did you mean labels?"],
    [`${YAML}merge: always\n`, "gitea.yaml:3:"],
    [`${YAML}max_rounds: 0\n`, "gitea.yaml:3: max_rounds"],
    [`${YAML}runner: command\n`, "command is required"],
    [`${YAML}branch_prefix: main\n`, "gitea.yaml:3: branch_prefix"],
    [`${YAML}labels: {bot: x, review: X}\n`, "labels: two of them have one name"],
    [`${YAML}extra_args: ["--sandbox=danger-full-access"]\n`, "--sandbox"],
    [`repos: ["../x"]\nhuman: hana\n`, "gitea.yaml:1:"],
  ])("%j: %s", (text, fault) => {
    expect(faults(text)).toContain(fault);
  });

  it("takes plain http on this machine only", () => {
    expect(read(YAML, { GITEA_URL: "http://127.0.0.1:3000/" })).toMatchObject({ config: { url: "http://127.0.0.1:3000" } });
  });

  it("finds a repository's settings by the first rule that names it", () => {
    const found = read(`repos: [{repo: acme/tool, human: carl, gate: [], goal_id: g, max_agents: 1}, "acme/*"]\nhuman: hana\n`);
    if (found.kind === "faulty") throw new Error(found.faults.join());
    expect(settingsOf(found.config, "ACME/tool")).toMatchObject({ human: "carl", gate: [], goal_id: "g", max_agents: 1 });
    expect(settingsOf(found.config, "acme/other")).toMatchObject({ human: "hana", gate: ["docker", "build", "."], goal_id: null });
    expect(settingsOf(found.config, "other/tool")).toBeNull();
  });
});

describe("items and their order", () => {
  const CURSOR = { comment_id: 1, review_id: 0, timeline_id: 0, body: null };
  const fresh = { is_pull: false, step: "work", cause: "bot_label", by: null, title: "", cursor: CURSOR, foreign: false } as const;
  const item = (number: number, queued_at: string, priority = false) => freshItem({ ...fresh, repo: "a/b", number, queued_at, priority });

  it("go by priority, then age, then number (DSP-33)", () => {
    const [young, old, urgent, same] = [
      item(1, "2026-03-01T12:00:00Z"),
      item(2, "2026-03-01T10:00:00Z"),
      item(3, "2026-03-01T13:00:00Z", true),
      item(4, "2026-03-01T10:00:00Z"),
    ];
    expect(inOrder([young, same, old, urgent]).map(({ number }) => number)).toEqual([3, 2, 4, 1]);
  });

  it("count an unknown number of agents as a full one (DSP-99)", () => {
    expect([isFull(null, 3), isFull(3, 3), isFull(2, 3)]).toEqual([true, true, false]);
  });

  it("cool only for the same cause, and never for a continuation (DSP-40)", () => {
    const now = { ms: Date.parse("2026-03-01T10:00:00Z"), offset_minutes: 0 };
    const base = item(1, "2026-03-01T10:00:00Z");
    const cooled = { ...base, cooled: { sign: signOf(base), until: "2026-03-01T10:30:00Z" } };
    expect(isCooling(cooled, now)).toBe(true);
    expect(isCooling({ ...cooled, cursor: { ...CURSOR, comment_id: 2 } }, now)).toBe(false);
    expect(isCooling({ ...cooled, head_sha: "x" }, now)).toBe(false);
    expect(isCooling({ ...cooled, cause: "continuation" }, now)).toBe(false);
    expect(isCooling(cooled, { ...now, ms: now.ms + 1_800_000 })).toBe(false);
  });

  it("survive their file, and damage is no record (DSP-30, DSP-32)", () => {
    const one = item(1, "2026-03-01T10:00:00Z");
    expect(parseItem(formatItem(one))).toEqual(one);
    expect(parseItem('{"schema_version":"loopx_gitea_item_v1"}')).toBeNull();
    expect(parseItem(formatItem(one).slice(0, 80))).toBeNull();
  });

  it.each(["../../x", "a/b", "\u202e/ä", "x".repeat(150)])(
    "have a file name of their own, whatever the repository %j is called",
    (repo) => {
      const digest = (text: string) =>
        [...text]
          .reduce((sum, each) => (sum * 31 + (each.codePointAt(0) ?? 0)) >>> 0, 7)
          .toString(16)
          .padStart(16, "0");
      const name = itemName({ repo, number: 1 }, digest);
      expect(name).toMatch(/^[a-z0-9][a-z0-9-]{0,90}\.json$/);
      expect(name).not.toBe(itemName({ repo: `${repo}-`, number: 1 }, digest));
    },
  );

  it("have keys that read back, and nothing else does", () => {
    expect(placeOfKey("a/b#12")).toEqual({ repo: "a/b", number: 12 });
    expect(["a#1", "a/b", "a/b#x", "a/b/c#1", ""].map(placeOfKey)).toEqual([null, null, null, null, null]);
  });
});

it("tells what changed between two looks, in both values (PSM-4)", () => {
  const seen = { updated_at: "1", labels: ["bot"], assignees: [], state: "open", head_sha: "a", comment_id: 1, review_id: 0 };
  expect(changeOf(seen, { ...seen })).toBeNull();
  expect(changeOf(seen, { ...seen, labels: [], head_sha: "b" })).toEqual({
    was: 'labels=["bot"] head_sha="a"',
    now: 'labels=[] head_sha="b"',
  });
});

it("ranks how long events waited (DSP-80)", () => {
  const latency = freshLatency();
  expect(latency.ranks()).toEqual({ p50: null, p95: null });
  for (let seconds = 1; seconds <= 100; seconds += 1) latency.add(seconds * 1_000);
  expect(latency.ranks()).toEqual({ p50: 50, p95: 95 });
});
