/** The double's git: bare repositories in a folder, and git's own programs for fetching and pushing over HTTP. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

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
const SERVICES = ["git-upload-pack", "git-receive-pack"];
const NO_BYTES = new Uint8Array();
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
        "[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tfsync = none\n[receive]\n\tautogc = false\n",
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

/** One request over the smart protocol: git's own program for it, as a server starts it, without the CGI program before it. */
async function serveGit(root: string, { method, path, query, headers, body, login }: GitRequest): Promise<GitReply> {
  const [, name = "", what = ""] = /^(\/.+\.git)\/(info\/refs|git-(?:upload|receive)-pack)$/.exec(path) ?? [];
  const tells = what === "info/refs";
  const service = tells ? (new URLSearchParams(query).get("service") ?? "") : what;
  const dir = join(root, name);
  if (!SERVICES.includes(service) || method !== (tells ? "GET" : "POST") || !existsSync(dir))
    return { status: 404, headers: [], body: NO_BYTES };
  const words = ["--stateless-rpc", ...(tells ? ["--advertise-refs"] : []), dir];
  const version = headers.get("git-protocol") ?? "";
  const child = spawn("git", [service.slice("git-".length), ...words], {
    env: {
      ...ENV,
      HOME: root,
      REMOTE_USER: login,
      REMOTE_ADDR: "127.0.0.1",
      GIT_COMMITTER_NAME: login,
      GIT_COMMITTER_EMAIL: `${login}@http.127.0.0.1`,
      ...(version === "" ? {} : { GIT_PROTOCOL: version }),
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(headers.get("content-encoding") === "gzip" ? gunzipSync(body) : body);
  const parts: Buffer[] = tells && !version.includes("version=2") ? [Buffer.from(announced(service))] : [];
  for await (const part of child.stdout) parts.push(part as Buffer);
  const type = `application/x-${service}-${tells ? "advertisement" : "result"}`;
  return {
    status: 200,
    headers: [
      ["Content-Type", type],
      ["Cache-Control", "no-cache, max-age=0, must-revalidate"],
    ],
    body: Buffer.concat(parts),
  };
}

/** The line before an advertisement of the older protocol. */
function announced(service: string): string {
  const line = `# service=${service}\n`;
  return `${(line.length + 4).toString(16).padStart(4, "0")}${line}0000`;
}
