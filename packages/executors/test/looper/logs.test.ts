/** What Looper keeps on disk, and for how long (LPR-60 to LPR-62, LPR-76). */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { beginRunLog, endRunLog, newestRunLogMs, pruneRuns, runLogName } from "../../src/drivers/looper/run-logs.ts";
import { serverLog } from "../../src/drivers/looper/server-log.ts";
import { secretsOf } from "../../src/drivers/process/secrets.ts";

const NOW = Date.UTC(2026, 10, 21, 9);
const DAY = 86_400_000;

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "loopx-logs-")));
});
afterEach(() => rmSync(folder, { recursive: true }));

function logs(count: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    const path = join(folder, `codex-exec-${String(at).padStart(3, "0")}.log`);
    writeFileSync(path, "");
    utimesSync(path, new Date(NOW - at * 1_000), new Date(NOW - at * 1_000));
    return path;
  });
}

describe("run logs", () => {
  test("of 250 the newest 200 stay, and a live one whatever its age", () => {
    const [newest = "", ...rest] = logs(250);
    const live = rest.at(-1) ?? "";
    writeFileSync(join(folder, "looper-server.log"), "");
    pruneRuns({ log_dir: folder, runs_dir: folder }, { keep: 200, keep_days: 30, live: new Set([live]) }, NOW);
    const left = readdirSync(folder).filter((name) => name.startsWith("codex-exec"));
    expect([left.length, left.includes(live.slice(folder.length + 1)), readdirSync(folder).includes("looper-server.log")]).toEqual([
      201,
      true,
      true,
    ]);
    expect(newestRunLogMs(folder)).toBe(statSync(newest).mtimeMs);
  });

  test("and folders of runs go alike; a link of that name stays what it is", () => {
    const name = (at: number) => `run_${String(at).padStart(16, "0")}`;
    for (let at = 0; at < 5; at += 1) {
      mkdirSync(join(folder, name(at), "result"), { recursive: true });
      utimesSync(join(folder, name(at)), new Date(NOW - at * 1_000), new Date(NOW - at * 1_000));
    }
    symlinkSync("/", join(folder, name(9)));
    mkdirSync(join(folder, "mine"));
    pruneRuns({ log_dir: folder, runs_dir: folder }, { keep: 2, keep_days: 30, live: new Set([name(4)]) }, NOW);
    expect(readdirSync(folder).sort()).toEqual(["mine", ...[0, 1, 4, 9].map(name)]);
  });

  test("go after 30 days", () => {
    const [path = ""] = logs(1);
    pruneRuns({ log_dir: folder, runs_dir: folder }, { keep: 200, keep_days: 30, live: new Set() }, NOW + 31 * DAY);
    expect(readdirSync(folder)).toEqual([]);
    expect([newestRunLogMs(folder), newestRunLogMs(join(folder, "none")), path.length > 0]).toEqual([null, null, true]);
  });

  test("are named by local time, private, and hold one line per heading", () => {
    expect(runLogName({ ms: NOW, offset_minutes: 120 }, "1a2b3c4d")).toBe("codex-exec-20261121-110000-1a2b3c4d.log");
    const path = join(folder, "deep", "codex-exec-x.log");
    beginRunLog(path, [["workspace", "/a\n# end=ok"]]);
    endRunLog(path, "stopped", "by\nme", -15);
    expect(readFileSync(path, "utf8")).toBe("# workspace=/a # end=ok\n\n# end=stopped reason=by me\n# codex_exec_return_code=-15\n");
    expect([statSync(path).mode & 0o777, statSync(join(folder, "deep")).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  test("that cannot be written stop nobody", () => {
    expect(() => {
      beginRunLog("/dev/full", [["a", "b"]]);
      endRunLog("/dev/full", "ok", "", 0);
      pruneRuns({ log_dir: "/dev/full", runs_dir: "/dev/full" }, { keep: 1, keep_days: 1, live: new Set() }, NOW);
    }).not.toThrow();
  });
});

describe("the service's log", () => {
  const secret = ["secret", "value", "one"].join("-");
  const log = (level: "DEBUG" | "WARNING", format: "json" | "text" = "json") =>
    serverLog({ path: join(folder, "server.log"), level, format, secrets: secretsOf([secret]), now: () => "now" });

  test("holds events of its level, without secrets", () => {
    const tell = log("WARNING");
    tell("INFO", "quiet");
    tell("ERROR", "loud", { text: `x ${secret}` });
    expect(readFileSync(join(folder, "server.log"), "utf8")).toBe('{"ts":"now","level":"ERROR","event":"loud","text":"x <redacted>"}\n');
    log("DEBUG", "text")("DEBUG", "plain", { a: 1, b: "two words" });
    expect(readFileSync(join(folder, "server.log"), "utf8").split("\n")[1]).toBe('now DEBUG plain a=1 b="two words"');
  });

  test("is rotated, five old ones at most", () => {
    const tell = log("DEBUG");
    const half = "x".repeat(11 * 1024 * 1024);
    for (let at = 0; at < 8; at += 1) tell("INFO", "large", { half, at });
    expect(readdirSync(folder).sort()).toEqual(["server.log", ...[1, 2, 3, 4, 5].map((at) => `server.log.${at}`)]);
    tell("INFO", "next");
    expect(readFileSync(join(folder, "server.log"), "utf8")).toContain('"event":"next"');
  });
});
