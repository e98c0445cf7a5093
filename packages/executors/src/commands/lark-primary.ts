import { fields, title, type Answer, type Call } from "@loopx/cli/program";
import type { Launch, LaunchResult } from "../dual-agent/launch.ts";
import { launchPrimary } from "../dual-agent/run-launch.ts";
import type { LARK_BOT_FLAGS, PrimaryVerb } from "../options/dual-agent.ts";
import { readComponent } from "../drivers/component.ts";
import { RESULT_EXITS } from "../worktree/exits.ts";
import { stopServer } from "../worktree/serve.ts";
import { componentGround, type Site } from "../worktree/site.ts";
import { followed } from "./component-logs.ts";
import { componentStatus } from "./component-status.ts";
import { working } from "./loop-site.ts";
import { run as build } from "./main-build.ts";

/** What each result means to a shell; a repair's own results as its cycle says them (WTL-3). */
const LAUNCH_EXITS: Readonly<Record<LaunchResult, 0 | 1 | 3>> = {
  ...RESULT_EXITS,
  ready: 0,
  already_running: 0,
  not_ready: 1,
  exhausted: 1,
  foreign_port: 1,
};

/** `lark primary VERB`: the bot that people talk to, as `lark.sh` started it (000; WTL-1, WTL-2). */
export async function run(call: Call<typeof LARK_BOT_FLAGS>): Promise<Answer> {
  const verb = (call.words[0] ?? "start") as PrimaryVerb;
  switch (verb) {
    case "start":
    case "up":
      return launched(call, true);
    case "restart":
      return launched(call, false);
    case "stop":
    case "down":
      return stopped(call);
    case "status":
      return componentStatus(call, "main");
    case "build":
      return build(call);
    case "logs":
      return followed(call, "main");
  }
}

async function launched(call: Call<typeof LARK_BOT_FLAGS>, keep_running: boolean): Promise<Answer> {
  const { launch, pid, port, sha } = await working(call, async ({ open, signal }) => {
    const site = await open();
    return { launch: await launchPrimary(site, { keep_running }, signal), ...(await served(site)) };
  });
  const result = launch.result ?? "infra_error";
  const payload = { ...shown(launch), result, pid, port, sha };
  return {
    payload,
    lines: () => [
      title(`Primary: ${result.replaceAll("_", " ")}`),
      ...fields(payload, ["result", "reason", "pid", "port", "sha", "starts", "repairs", "launch_id"]),
    ],
    exit_code: LAUNCH_EXITS[result],
  };
}

function shown({ launch_id, reason, starts, repairs, fix_enabled }: Launch) {
  return { launch_id, reason, starts, repairs, fix_enabled };
}

async function served(site: Site): Promise<{ readonly pid: number | null; readonly port: number | null; readonly sha: string | null }> {
  const record = await readComponent(componentGround(site), "main");
  return { pid: record?.process?.pid ?? null, port: record?.port ?? null, sha: record?.sha ?? null };
}

async function stopped(call: Call<typeof LARK_BOT_FLAGS>): Promise<Answer> {
  const payload = await working(call, async ({ open }) => stopServer(await open(), "main"));
  return { payload, lines: () => [title("Primary: stopped"), ...fields(payload, ["state", "changed"])] };
}
