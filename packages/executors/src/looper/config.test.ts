import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { hostsOf, readConfig, type LooperConfig, type LooperFlags } from "./config.ts";

const LONG_ENOUGH = Array(16).fill("x").join("");
const WITH_BLANK = `${LONG_ENOUGH} y`;
const PLACE = { cwd: "/here", runtime_root: "/srv/loopx", resolve, path_separator: ":" };

const read = (env: Record<string, string>, flags: LooperFlags = {}) => readConfig(flags, env, PLACE);
function config(env: Record<string, string>, flags: LooperFlags = {}): LooperConfig {
  const found = read(env, flags);
  if (found.kind === "faulty") throw new Error(found.faults.join("; "));
  return found.config;
}

describe("Looper's configuration", () => {
  test("listens on loopback, keeps its files under the runtime root and has no prompt of its own", () => {
    expect(config({})).toMatchObject({
      host: "127.0.0.1",
      port: 3456,
      loopback: true,
      dir: "/srv/loopx/executors/looper",
      workspace: null,
      default_prompt: null,
      scope: "service",
      delay_seconds: 1,
      log: { level: "DEBUG", run_dir: "/srv/loopx/executors/looper/logs", keep: 200 },
      auto: { wanted: true, poll_seconds: 300, stale_seconds: 600 },
    });
  });

  test("flags win over variables; paths begin where the line stands; an empty variable is unset", () => {
    const env = {
      LOOPER_HOST: "::1",
      LOOPER_PORT: "1",
      LOOPER_DIR: "d",
      LOOPER_WORKSPACE: "",
      LOOPER_GOAL_ID: "g",
      CODEX_EXEC_LOG_DIR: "l",
    };
    expect(config(env, { port: 0, workspace: "w", goal_id: "h" })).toMatchObject({
      host: "::1",
      port: 0,
      dir: "/here/d",
      workspace: "/here/w",
      goal_id: "h",
      log: { run_dir: "/here/l", server_path: "/here/d/logs/looper-server.log" },
    });
  });

  test.each<[string, Record<string, string>]>([
    ["LOOPER_HOST=0.0.0.0 is open to others and needs a token of yours", { LOOPER_HOST: "0.0.0.0" }],
    ["LOOPER_API_TOKEN is at least 16 characters", { LOOPER_API_TOKEN: " " }],
    ["LOOPER_API_TOKEN is at least 16 characters", { LOOPER_API_TOKEN: "" }],
    ["LOOPER_API_TOKEN is at least 16 characters", { LOOPER_API_TOKEN: WITH_BLANK }],
    ["LOOPER_PORT is a whole number from 0 to 65535", { LOOPER_PORT: "65536" }],
    ["CODEX_EXEC_DELAY_SECONDS is a number from 0 to 3600", { CODEX_EXEC_DELAY_SECONDS: "inf" }],
    ["CODEX_EXEC_DELAY_SECONDS is a number from 0 to 3600", { CODEX_EXEC_DELAY_SECONDS: "-1" }],
    ["CODEX_EXEC_STARTUP_CHECK_SECONDS is a number from 0 to 60", { CODEX_EXEC_STARTUP_CHECK_SECONDS: "1e9" }],
    ["LOOPER_LOG_LEVEL is one of DEBUG, INFO, WARNING, ERROR", { LOOPER_LOG_LEVEL: "LOUD" }],
    ['LOOPER_GOAL_ID "a/b" is no goal id', { LOOPER_GOAL_ID: "a/b" }],
    ["LOOPER_AGENT=command needs LOOPER_AGENT_COMMAND", { LOOPER_AGENT: "command" }],
    ["LOOPER_AGENT_COMMAND is a JSON list", { LOOPER_AGENT_COMMAND: "my-agent" }],
  ])("is refused: %s (LPR-22, LPR-73)", (fault, env) => {
    const found = read(env);
    expect(found.kind === "faulty" ? found.faults.some((each) => each.startsWith(fault)) : found.kind).toBe(true);
    expect(JSON.stringify(found)).not.toContain(WITH_BLANK);
  });

  test("wrong intervals fall back with a warning; a misspelt name is told the nearest (LPR-22)", () => {
    const found = read({
      LOOPER_IDLE_POLL_SECONDS: "nan",
      LOOPER_IDLE_LOG_STALE_SECONDS: "0",
      LOOPER_AUTO_MAX_RUNS: "3",
      LOOPER_MIRROR_OUTPUT: "1",
    });
    expect(found).toMatchObject({ kind: "config", config: { auto: { poll_seconds: 300, stale_seconds: 600 }, log: { mirror: true } } });
    expect(found.kind === "config" ? found.warnings : []).toEqual([
      "LOOPER_AUTO_MAX_RUNS is unknown; did you mean LOOPER_AUTO_MAX_RUNS_PER_DAY?",
      "LOOPER_IDLE_POLL_SECONDS is no number of seconds above 0; 300 is used",
      "LOOPER_IDLE_LOG_STALE_SECONDS is no number of seconds above 0; 600 is used",
    ]);
  });

  test.each(["0", "false", "No", "OFF"])("LOOPER_AUTO_START_WHEN_IDLE=%s turns it off (LPR-50)", (value) => {
    expect(config({ LOOPER_AUTO_START_WHEN_IDLE: value }).auto.wanted).toBe(false);
  });

  test("an open host with a token of the operator's is taken; only named hosts are answered (LPR-13, LPR-14)", () => {
    const open = config({ LOOPER_HOST: "0.0.0.0", LOOPER_API_TOKEN: LONG_ENOUGH, LOOPER_ALLOWED_HOSTS: "looper.lan, Box" });
    expect(hostsOf(open, 3456)).toEqual([
      "127.0.0.1:3456",
      "localhost:3456",
      "[::1]:3456",
      "looper.lan",
      "looper.lan:3456",
      "box",
      "box:3456",
    ]);
  });
});
