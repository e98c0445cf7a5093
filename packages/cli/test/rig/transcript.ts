/**
 * Golden transcripts: a Markdown file with `$ command` lines, what they print and how they end.
 *
 *     ```file GOAL.md        a file of the project, written before the next command
 *     ```given               commands that succeed and whose answers are not shown
 *     ```console             commands; `2> ` marks standard error, `[exit N]` an exit code other than 0
 *
 * A block whose answers hold fences has a longer fence itself. Besides `loopx` a transcript knows `cd DIR`,
 * `export NAME=VALUE`, `wait 25h` (moves the clock), `cat FILE`, `chmod MODE FILE` and `ln -s TARGET PATH`.
 * Paths of the sandbox, digests and lengths that follow from them, and the version of Node are shown as tokens.
 */
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Sandbox } from "./sandbox.ts";
import { CREDENTIAL, PRIVATE_PATH } from "@loopx/core/testing";

interface Shell {
  cwd: string;
  readonly env: Record<string, string>;
}

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BLOCK = /^(`{3,})(file [^\n]+|given|console)\n([\s\S]*?)^\1$/gm;

/** The transcript's text with every command run again; equal to the given text when nothing changed. */
export async function replay(text: string, sandbox: Sandbox): Promise<string> {
  const shell: Shell = { cwd: sandbox.project, env: {} };
  let replayed = "";
  let at = 0;
  for (const block of text.matchAll(BLOCK)) {
    const [whole, fence = "", kind = "", body = ""] = block;
    replayed += text.slice(at, block.index);
    at = block.index + whole.length;
    if (kind === "given") {
      await runGiven(body, shell, sandbox);
      replayed += whole;
    } else if (kind === "console") replayed += `${fence}console\n${await replayCommands(body, shell, sandbox)}${fence}`;
    else {
      sandbox.write({ [fromTokens(kind.slice("file ".length).trim(), sandbox)]: fromTokens(body, sandbox) });
      replayed += whole;
    }
  }
  return replayed + text.slice(at);
}

async function runGiven(body: string, shell: Shell, sandbox: Sandbox): Promise<void> {
  for (const line of body.split("\n").filter((each) => each !== "")) {
    const printed = await runShellLine(fromTokens(line.replace(/^\$ /, ""), sandbox), shell, sandbox);
    if (/^\[exit \d+\]$/m.test(printed)) throw new Error(`${line}\n${printed}`);
  }
}

async function replayCommands(body: string, shell: Shell, sandbox: Sandbox): Promise<string> {
  let printed = "";
  for (const line of body.split("\n").filter((each) => each.startsWith("$ "))) {
    printed += `${line}\n${toTokens(await runShellLine(fromTokens(line.slice(2), sandbox), shell, sandbox), sandbox)}`;
  }
  return printed;
}

async function runShellLine(line: string, shell: Shell, sandbox: Sandbox): Promise<string> {
  const [program, ...args] = shellWords(line);
  const [first = ""] = args;
  switch (program) {
    case "loopx": {
      const { stdout, stderr, code } = await sandbox.run(args, { cwd: shell.cwd, env: shell.env });
      // One second between two commands: records of different commands have different instants.
      sandbox.clock.advance(1_000);
      return `${closed(stdout)}${closed(stderr).replace(/^(?=.)/gm, "2> ")}${code === 0 ? "" : `[exit ${code}]\n`}`;
    }
    case "cd":
      shell.cwd = resolve(shell.cwd, first);
      return "";
    case "export":
      shell.env[first.split("=", 1)[0] ?? ""] = first.slice(first.indexOf("=") + 1);
      return "";
    case "wait":
      sandbox.clock.advance(Number(first.slice(0, -1)) * (UNIT_MS[first.slice(-1) as keyof typeof UNIT_MS] ?? Number.NaN));
      return "";
    case "cat":
      return closed(readFileSync(resolve(shell.cwd, first), "utf8"));
    case "chmod":
      chmodSync(resolve(shell.cwd, args[1] ?? ""), Number.parseInt(first, 8));
      return "";
    case "ln":
      mkdirSync(dirname(resolve(shell.cwd, args[2] ?? "")), { recursive: true });
      symlinkSync(resolve(shell.cwd, args[1] ?? ""), resolve(shell.cwd, args[2] ?? ""));
      return "";
    default:
      throw new Error(`a transcript knows no command ${program ?? ""}`);
  }
}

function closed(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

const TOKENS = ["project", "runtime", "home", "outside", "public", "root"] as const;
/** What no file of this checkout may hold, spelled out only when a command runs. */
const PRIVATE: readonly (readonly [token: string, text: string])[] = [
  ["<credential>", CREDENTIAL],
  ["<private-path>", PRIVATE_PATH],
];

function toTokens(text: string, sandbox: Sandbox): string {
  const named = TOKENS.reduce((shown, name) => shown.replaceAll(sandbox[name], `<${name}>`), cutBefore(dirname(sandbox.root), text));
  return named
    .replaceAll(process.versions.node, "<node>")
    .replace(/("(?:sha256_16|sha256|state_sha256)": ")[0-9a-f]+/g, "$1<digest>")
    .replace(/("(?:budget_)?char_count": ?)\d+/g, "$1<count>");
}

/** How much of a path a cut line still holds depends on where this machine keeps its temporary files: none of it is shown. */
function cutBefore(folder: string, text: string): string {
  return text.replace(/^.*…$/gm, (line) => (line.includes(folder) ? `${line.slice(0, line.indexOf(folder))}…` : line));
}

function fromTokens(text: string, sandbox: Sandbox): string {
  const told = PRIVATE.reduce((filled, [token, secret]) => filled.replaceAll(token, secret), text);
  return TOKENS.reduce((filled, name) => filled.replaceAll(`<${name}>`, sandbox[name]), told);
}

/** Words as a shell would split them: blanks, single and double quotes. */
function shellWords(line: string): string[] {
  return [...line.matchAll(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']+)+/g)].map(([word]) =>
    word.replace(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
      (_all, double?: string, single?: string) => double?.replace(/\\(.)/g, "$1") ?? single ?? "",
    ),
  );
}
