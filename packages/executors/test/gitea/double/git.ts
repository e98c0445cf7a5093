/** The double's git: bare repositories in a folder, and git's own program for fetching and pushing over HTTP. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the world asks of git. */
export interface GitSide {
  readonly root: string;
  /** A new bare repository with one commit of these files on `main`; its directory. */
  init(owner: string, name: string, files: Readonly<Record<string, string>>): string;
  /** A new commit of these files on that branch, which begins at another when it is new; its id. */
  commit(dir: string, branch: string, files: Readonly<Record<string, string>>, more?: CommitWords): string;
  branch(dir: string, branch: string): string | null;
  branches(dir: string): readonly string[];
  setBranch(dir: string, branch: string, sha: string): void;
  setPullHead(dir: string, from: string, number: number, sha: string): void;
  /** Any git command in that repository; what it printed. */
  run(dir: string, ...args: readonly string[]): string;
  serve(ask: GitRequest): Promise<GitReply>;
  remove(): void;
}

export interface CommitWords {
  readonly message?: string;
  readonly from?: string;
  readonly author?: string;
}

export interface GitRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly login: string;
}

export interface GitReply {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

const ENV = {
  PATH: process.env["PATH"] ?? "",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  LC_ALL: "C",
};
const PERSON = "A Person <person@example.org>";

export function gitSide(): GitSide {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "loopx-gitea-")));
  const run = (dir: string, args: readonly string[], input?: string): string =>
    execFileSync("git", [`--git-dir=${dir}`, ...args], {
      env: { ...ENV, HOME: root },
      encoding: "utf8",
      stdio: ["pipe", "pipe", "pipe"],
      ...(input === undefined ? {} : { input }),
    }).trimEnd();
  const commit: GitSide["commit"] = (dir, branch, files, { message = "Change", from = "main", author = PERSON } = {}) => {
    const parent = branchIn(dir, branch) ?? branchIn(dir, from);
    run(dir, ["fast-import", "--quiet", "--force"], importOf(branch, files, message, author, parent));
    return branchIn(dir, branch) ?? "";
  };
  return {
    root,
    init: (owner, name, files) => {
      const dir = join(root, owner, `${name}.git`);
      mkdirSync(dir, { recursive: true });
      // What `git init --bare` makes, without a process of its own for each repository.
      for (const each of ["objects/info", "objects/pack", "refs/heads"]) mkdirSync(join(dir, each), { recursive: true });
      writeFileSync(join(dir, "HEAD"), "ref: refs/heads/main\n");
      writeFileSync(
        join(dir, "config"),
        "[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tfsync = none\n[http]\n\treceivepack = true\n",
      );
      commit(dir, "main", files, { message: "First" });
      return dir;
    },
    commit,
    branch: branchIn,
    branches: (dir) => run(dir, ["for-each-ref", "--format=%(refname:short)", "refs/heads"]).split("\n").filter(Boolean),
    setBranch: (dir, branch, sha) => void run(dir, ["update-ref", `refs/heads/${branch}`, sha]),
    setPullHead: (dir, from, number, sha) => {
      if (from !== dir) run(dir, ["fetch", "--quiet", from, sha]);
      run(dir, ["update-ref", `refs/pull/${number}/head`, sha]);
    },
    run: (dir, ...args) => run(dir, args),
    serve: (ask) => serveGit(root, ask),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Read without a process: it is asked for on every look at a pull. */
function branchIn(dir: string, branch: string): string | null {
  const loose = join(dir, "refs", "heads", branch);
  if (existsSync(loose)) return readFileSync(loose, "utf8").trim();
  const packed = join(dir, "packed-refs");
  const lines = existsSync(packed) ? readFileSync(packed, "utf8").split("\n") : [];
  return lines.find((line) => line.endsWith(` refs/heads/${branch}`))?.split(" ")[0] ?? null;
}

let tick = 1_700_000_000;

function importOf(branch: string, files: Readonly<Record<string, string>>, message: string, author: string, parent: string | null): string {
  tick += 1;
  const bytes = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const changes = Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${bytes(text)}`);
  const who = `${author} ${tick} +0000`;
  return [
    `commit refs/heads/${branch}\n`,
    `author ${who}\ncommitter ${who}\n`,
    bytes(message),
    parent === null ? "" : `from ${parent}\n`,
    ...changes,
    "\n",
  ].join("");
}

/** One request, carried out by git's CGI program. */
async function serveGit(root: string, { method, path, query, headers, body, login }: GitRequest): Promise<GitReply> {
  const child = spawn("git", ["http-backend"], {
    env: {
      ...ENV,
      HOME: root,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      REQUEST_METHOD: method,
      PATH_INFO: path,
      QUERY_STRING: query,
      CONTENT_TYPE: headers.get("content-type") ?? "",
      HTTP_CONTENT_ENCODING: headers.get("content-encoding") ?? "",
      HTTP_GIT_PROTOCOL: headers.get("git-protocol") ?? "",
      REMOTE_USER: login,
      REMOTE_ADDR: "127.0.0.1",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(body);
  const parts: Buffer[] = [];
  for await (const part of child.stdout) parts.push(part as Buffer);
  return replyOf(Buffer.concat(parts));
}

function replyOf(printed: Buffer): GitReply {
  const end = printed.indexOf("\r\n\r\n");
  const lines = printed.subarray(0, Math.max(end, 0)).toString("latin1").split("\r\n").filter(Boolean);
  const headers = lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()] as const);
  const status = Number(headers.find(([name]) => name.toLowerCase() === "status")?.[1].split(" ")[0] ?? 200);
  return { status, headers: headers.filter(([name]) => name.toLowerCase() !== "status"), body: printed.subarray(end + 4) };
}
