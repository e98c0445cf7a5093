/** The example of two bots as a real project: its scripts, its bots on free ports, a goal, a Lark on loopback, and secrets to look for. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect, openHost, type FileHost } from "@loopx/core";
import { loopRig, type LoopRig } from "./loop.ts";
import type { LarkDouble } from "./lark-double.ts";
import type { RealGround } from "./keeper.ts";

const EXAMPLE = fileURLToPath(new URL("../../../../examples/lark-loop/", import.meta.url));
const PROGRAM = fileURLToPath(new URL("../../bin/loopx-loop.mjs", import.meta.url));

/** Values that may be nowhere but where they were put. */
export const PLANTED = {
  dotenv: ["planted", "dotenv", "4411"].join("-"),
  primary: ["planted", "primary", "5522"].join("-"),
  secondary: ["planted", "secondary", "6633"].join("-"),
} as const;

export interface TwoBots {
  readonly rig: LoopRig;
  readonly ports: { readonly main: number; readonly test: number };
  /** Begins a script of the project. */
  start(name: "lark.sh" | "lark2.sh", ...words: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> };
  /** Runs one to its end. */
  script(name: "lark.sh" | "lark2.sh", ...words: readonly string[]): Promise<Ended>;
  /** What a bot says. */
  says(bot: "main" | "test"): Promise<string>;
  host(): FileHost;
  /** Files that hold one of the planted values, but for the `.env` itself. */
  leaks(): readonly string[];
  remove(): Promise<void>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `fix`: the YAML of that key. */
export async function twoBots(real: RealGround, lark: LarkDouble | null, fix: string, more = ""): Promise<TwoBots> {
  const ports = { main: await freePort(), test: await freePort() };
  const files = Object.fromEntries(readdirSync(EXAMPLE).map((name) => [name, readFileSync(join(EXAMPLE, name), "utf8")]));
  const { "loopx-loop.yaml": example = "", ...others } = files;
  const config = example
    .replace("goal_id: null", "goal_id: bots")
    .replace(/fix: \{.*\}/, `fix: ${fix}${more === "" ? "" : `\n  ${more}`}`)
    .replace("port: 8080", `port: ${ports.main}`)
    .replace("port: 8081", `port: ${ports.test}`);
  const rig = loopRig(real, config, others);
  rig.repo.write({ ".env": `API_TOKEN=${PLANTED.dotenv}\n` });
  for (const name of ["lark.sh", "lark2.sh"]) chmodSync(join(rig.repo.dir, name), 0o755);
  rig.repo.git("update-index", "--chmod=+x", "lark.sh", "lark2.sh");
  rig.repo.git("commit", "-q", "--allow-empty", "-m", "Scripts");
  Object.assign(rig.env, {
    PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
    LOOPX_LOOP_BIN: PROGRAM,
    SLEEP_SECONDS: "1",
    LARK_APP_ID: "cli_primary",
    LARK_APP_SECRET: PLANTED.primary,
    SECONDARY_LARK_APP_ID: "cli_secondary",
    SECONDARY_LARK_APP_SECRET: PLANTED.secondary,
    PRIMARY_LARK_CHAT_ID: "oc_people",
    ...(lark === null ? { LOOPX_NOTIFY_DRIVER: "log" } : { LARK_BASE_DOMAIN: lark.url }),
  });
  const host = (): FileHost => openHost({ cwd: rig.repo.dir, env: rig.env, home: rig.env["HOME"] ?? "", project: "." });
  await connect(host(), { cwd: rig.repo.dir, project: ".", goal_id: "bots", objective: "Keep the bots answering" });
  const start: TwoBots["start"] = (name, ...words) => {
    const child = spawn(join(rig.repo.dir, name), [...words], { cwd: rig.repo.outside, env: rig.env, stdio: ["ignore", "pipe", "pipe"] });
    const texts = { stdout: "", stderr: "" };
    child.stdout.on("data", (part: Buffer) => (texts.stdout += part.toString()));
    child.stderr.on("data", (part: Buffer) => (texts.stderr += part.toString()));
    return { child, ended: once(child, "close").then(([code]) => ({ code: code as number | null, ...texts })) };
  };
  const script: TwoBots["script"] = async (...words) => start(...words).ended;
  return {
    rig,
    ports,
    start,
    script,
    says: async (bot) => ((await (await fetch(`http://127.0.0.1:${ports[bot]}/`)).json()) as { text: string }).text,
    host,
    leaks: () => filesBelow(rig.repo.outside).filter((path) => !path.endsWith("/.env") && holdsPlanted(path)),
    remove: async () => {
      await script("lark2.sh", "stop", "--quiet");
      await script("lark.sh", "stop", "--quiet");
      rig.remove();
    },
  };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

function holdsPlanted(path: string): boolean {
  const text = readFileSync(path, "latin1");
  return Object.values(PLANTED).some((value) => text.includes(value));
}

/** Everything that git keeps, every version of every file. */
export function historyText(dir: string): string {
  return spawnSync("git", ["log", "--all", "-p", "--format=fuller"], { cwd: dir, encoding: "utf8" }).stdout;
}
