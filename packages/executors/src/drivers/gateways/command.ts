/**
 * A bot in a program of its own, in any language: started once, one JSON document per line each way. It leads a process
 * group, so that what it started ends with it.
 */
import { createInterface } from "node:readline";
import { execa } from "execa";
import { remoteGateways, type BotRequest } from "../../scenario/remote-gateway.ts";
import { notLoadable, type GatewayPlace, type OpenedGateways } from "./open.ts";

/** What a bot's program knows of our environment; a bot under test gets no key by accident. */
const PASSED_ON = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR"] as const;
const MAX_LINE = 1_048_576;
/** How long a program may take to end once its input has. */
const GRACE_MS = 2_000;

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

export async function commandGateways(json: string, { cwd, env }: GatewayPlace): Promise<OpenedGateways> {
  const [program, ...args] = commandOf(json);
  const known = Object.fromEntries(PASSED_ON.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  const child = execa(program, args, {
    cwd,
    env: { ...known, NO_COLOR: "1" },
    extendEnv: false,
    detached: true,
    shell: false,
    reject: false,
    buffer: false,
    cleanup: true,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const waiting = new Map<number, Waiting>();
  let ended: string | null = null;
  const over = child.then((result) => {
    ended =
      result.code === undefined
        ? `the bot's program ended with exit code ${String(result.exitCode)}`
        : (result.shortMessage ?? "the bot's program did not start");
    for (const { reject } of waiting.values()) reject(new Error(ended));
    waiting.clear();
  });
  await started(child, json);
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout, crlfDelay: Infinity }).on("line", (line) => answer(waiting, line));

  const exchange = (request: BotRequest, signal: AbortSignal | null): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended !== null) return reject(new Error(ended));
      waiting.set(request.id, { resolve, reject });
      signal?.addEventListener("abort", () => waiting.delete(request.id));
      child.stdin.write(`${JSON.stringify(request)}\n`);
    });
  return {
    create: remoteGateways(exchange),
    close: async () => {
      child.stdin.end();
      const timer = setTimeout(() => endGroup(child.pid), GRACE_MS);
      await over;
      clearTimeout(timer);
    },
  };
}

/** What comes for a request that nobody waits for any more came too late. What names no request is broken. */
function answer(waiting: Map<number, Waiting>, line: string): void {
  const value = line.length > MAX_LINE ? null : parsed(line);
  const id = value !== null && "id" in value && typeof value.id === "number" ? value.id : null;
  const [oldest] = waiting.keys();
  const key = id ?? oldest;
  const found = key === undefined ? undefined : waiting.get(key);
  if (key === undefined || found === undefined) return;
  waiting.delete(key);
  if (id === null)
    found.reject(new Error(`a broken answer of the bot: ${JSON.stringify(line.slice(0, 80))} is no JSON object with the request's id`));
  else found.resolve(value);
}

function parsed(line: string): object | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

function commandOf(json: string): readonly [string, ...string[]] {
  const value = parsed(json);
  if (Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === "string" && word !== ""))
    return value as [string, ...string[]];
  throw notLoadable(`command:${json}`, 'it has to be a JSON list, such as ["node","bot.mjs"]');
}

async function started(
  child: { readonly pid?: number | undefined } & PromiseLike<{ readonly shortMessage?: string }>,
  json: string,
): Promise<void> {
  if (child.pid !== undefined) return;
  const { shortMessage } = await child;
  throw notLoadable(`command:${json}`, shortMessage ?? "its program did not start");
}

/** Only while the leader is not reaped, so the number is still ours. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
