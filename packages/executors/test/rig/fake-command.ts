/**
 * A program that a test steers while it runs: `const run = await codex.nextInvocation()`, then `run.stdout(...)`,
 * `run.exit(42)`. It is a real child process with a real pid, so kills, limits and pipes are true ones, and no test sleeps.
 */
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const CHILD = new URL("./fake-command-child.mjs", import.meta.url);

/** One running call of a fake. */
export interface Invocation {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly pid: number;
  /** Everything that came by standard input, to its end. */
  stdin(): Promise<Buffer>;
  stdout(text: string): Promise<void>;
  stderr(text: string): Promise<void>;
  write(path: string, text: string): Promise<void>;
  ignore(signal: "SIGTERM" | "SIGINT"): Promise<void>;
  /** The pid of a child that stays when the command goes. */
  spawn(how: { readonly session: boolean; readonly pipes: boolean }): Promise<number>;
  /** Answered when an ignored signal has come. */
  signalled(): Promise<string>;
  exit(code: number): Promise<void>;
  die(signal: NodeJS.Signals): Promise<void>;
  /** Answered when the process is gone. */
  readonly gone: Promise<void>;
}

/** A fake on its place in a folder of programs. */
export interface FakeCommand {
  readonly path: string;
  nextInvocation(): Promise<Invocation>;
  /** How often it was called. */
  calls(): number;
  remove(): Promise<void>;
}

/** Puts a fake of that name into the folder. */
export async function fakeCommand(folder: string, name: string): Promise<FakeCommand> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  const module = join(folder, `.${name}.mjs`);
  // A socket's path has to be short.
  const address = join(folder, `.${name}.s`);
  copyFileSync(CHILD, module);
  writeFileSync(`${module}.socket`, address);
  writeFileSync(path, `#!${process.execPath}\nimport(${JSON.stringify(module)});\n`);
  chmodSync(path, 0o755);
  const waiting: ((invocation: Invocation) => void)[] = [];
  const arrived: Invocation[] = [];
  let calls = 0;
  const server = createServer((socket) => {
    void greeted(socket).then((invocation) => {
      calls += 1;
      const next = waiting.shift();
      if (next === undefined) arrived.push(invocation);
      else next(invocation);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(address, resolve);
  });
  return {
    path,
    calls: () => calls,
    nextInvocation: () => {
      const first = arrived.shift();
      return first === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(first);
    },
    remove: () => closed(server, [path, module, `${module}.socket`]),
  };
}

function closed(server: Server, files: readonly string[]): Promise<void> {
  for (const file of files) rmSync(file, { force: true });
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

interface Hello {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly pid: number;
}
type Said =
  | ({ readonly kind: "hello" } & Hello)
  | { readonly kind: "done"; readonly id: number; readonly value: unknown }
  | { readonly kind: "signal"; readonly signal: string };

function greeted(socket: Socket): Promise<Invocation> {
  const pending = new Map<number, (value: unknown) => void>();
  const signals: string[] = [];
  const awaiting: ((signal: string) => void)[] = [];
  let orders = 0;
  socket.on("error", () => undefined);
  const gone = new Promise<void>((resolve) => {
    socket.once("close", () => {
      for (const settle of pending.values()) settle(null);
      resolve();
    });
  });
  const order = (act: string, more: object = {}): Promise<unknown> => {
    const id = orders++;
    return new Promise((resolve) => {
      pending.set(id, resolve);
      socket.write(`${JSON.stringify({ act, id, ...more })}\n`);
    });
  };
  const told = async (act: string, more: object): Promise<void> => void (await order(act, more));
  const ended = (act: string, more: object): Promise<void> => {
    void order(act, more);
    return gone;
  };
  return new Promise((resolve) => {
    createInterface({ input: socket }).on("line", (line) => {
      const said = JSON.parse(line) as Said;
      if (said.kind === "done") pending.get(said.id)?.(said.value);
      if (said.kind === "signal") (awaiting.shift() ?? ((signal: string) => signals.push(signal)))(said.signal);
      if (said.kind !== "hello") return;
      const { argv, env, cwd, pid } = said;
      resolve({
        argv,
        env,
        cwd,
        pid,
        gone,
        stdin: async () => Buffer.from(String(await order("stdin")), "base64"),
        stdout: (text) => told("stdout", { text }),
        stderr: (text) => told("stderr", { text }),
        write: (path, text) => told("write", { path, text }),
        ignore: (signal) => told("ignore", { signal }),
        spawn: async (how) => Number(await order("spawn", how)),
        signalled: () => {
          const first = signals.shift();
          return first === undefined ? new Promise((settle) => awaiting.push(settle)) : Promise.resolve(first);
        },
        exit: (code) => ended("exit", { code }),
        die: (signal) => ended("die", { signal }),
      });
    });
  });
}

/** True while a process of that pid runs and is no zombie. */
export function runs(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}
