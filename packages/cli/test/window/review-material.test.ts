/** Review material over HTTP: a goal's own Markdown, and nothing else of this machine (CMD-126). */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openYard, type Yard } from "./rig.ts";

const SECRET = "# nobody's business\n";
let yard: Yard;
let runtime: string;
beforeAll(async () => {
  yard = await openYard(["parser", "atlas"]);
  runtime = dirname(yard.host.places.runsDirectory("parser" as never));
  plant(yard.project, {
    "README.md": "# Parser\n",
    "docs/notes.markdown": "notes\n",
    "docs/secrets.env": SECRET,
    ".git/notes.md": SECRET,
    "docs/.drafts/idea.md": SECRET,
    ".codex/goals/parser/REVIEW.md": "beside the state\n",
    ".codex/goals/parser/.old/REVIEW.md": SECRET,
    ".codex/goals/atlas/REVIEW.md": SECRET,
    "full.md": "a".repeat(256_000),
    "paths.md": `see ${yard.folder}/project/README.md\n`,
  });
  plant(runtime, { "runs/report.md": "a report\n" });
  plant(dirname(yard.host.places.runsDirectory("atlas" as never)), { "runs/report.md": SECRET });
  plant(yard.folder, { "outside.md": SECRET, "project-two/README.md": SECRET });
  writeFileSync(join(yard.project, "huge.md"), "");
  truncateSync(join(yard.project, "huge.md"), 256_001);
  writeFileSync(join(yard.project, "bytes.md"), new Uint8Array([0xff, 0xfe, 0x41]));
  mkdirSync(join(yard.project, "folder.md"));
  execFileSync("mkfifo", [join(yard.project, "pipe.md")]);
  const links = [
    ["README.md", "link.md"],
    ["../outside.md", "leaves.md"],
    ["..", "up"],
    ["docs/secrets.env", "env.md"],
    [".git/notes.md", "git.md"],
    ["README.md", ".hidden.md"],
    ["README.md", "readme.txt"],
    ["loop.md", "loop.md"],
    ["../nothing.md", "dangling.md"],
  ] as const;
  for (const [target, name] of links) symlinkSync(target, join(yard.project, name));
});
afterAll(async () => yard.close());

function plant(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
const ask = (path: string, goal_id = "parser") => yard.get(`/review-material?${new URLSearchParams({ goal_id, path }).toString()}`);

describe("shows", () => {
  test.each([
    ["of the repository", "README.md", "README.md", "# Parser\n"],
    ["with the longer ending", "docs/notes.markdown", "docs/notes.markdown", "notes\n"],
    ["beside the state", "REVIEW.md", "REVIEW.md", "beside the state\n"],
    ["beside the state, from the repository", ".codex/goals/parser/REVIEW.md", "REVIEW.md", "beside the state\n"],
    ["of the runtime directory", "runs/report.md", "runs/report.md", "a report\n"],
    ["behind a link that stays", "link.md", "README.md", "# Parser\n"],
    ["of just the size", "full.md", "full.md", "a".repeat(256_000)],
  ])("a file %s", async (_what, asked, path, text) => {
    expect(await ask(asked)).toMatchObject({ status: 200, body: { ok: true, goal_id: "parser", path, text } });
  });

  test("a file of the directory that was meant, where another one has a file of that name", async () => {
    plant(yard.project, { "REVIEW.md": "of the repository\n" });
    const below = async (directory: string, path: string) =>
      (await yard.get(`/review-material?goal_id=parser&path=${path}&below=${directory}`)).body;
    expect(await below("state", "REVIEW.md")).toMatchObject({ ok: true, text: "beside the state\n" });
    expect(await below("repository", "REVIEW.md")).toMatchObject({ ok: true, text: "of the repository\n" });
    expect(await below("runtime", "REVIEW.md")).toMatchObject({ error: { code: "not_found" } });
    expect(await below("runtime", "../../atlas/runs/report.md")).toMatchObject({ error: { code: "path_outside_root" } });
    rmSync(join(yard.project, "REVIEW.md"));
  });

  test("a file by its absolute path, and no path of this machine in it", async () => {
    expect((await ask(join(yard.project, "README.md"))).body).toMatchObject({ path: "README.md" });
    expect((await ask(join(runtime, "runs/report.md"))).body).toMatchObject({ path: "runs/report.md" });
    const { text, body } = await ask("paths.md");
    expect([text.includes(yard.folder), body["text"]]).toEqual([false, "see <local-path>\n"]);
  });
});

describe("refuses", () => {
  test.each([
    ["a traversal", "../outside.md", "path_outside_root"],
    ["a traversal in the middle", "docs/../../outside.md", "path_outside_root"],
    ["a traversal that was escaped twice", "%2e%2e/outside.md", "not_found"],
    ["a zero byte", "README.md\0.md", "path_outside_root"],
    ["nothing", "", "path_outside_root"],
    ["a file of this machine", "/etc/hosts.md", "path_outside_root"],
    ["a link that leaves", "leaves.md", "path_outside_root"],
    ["a folder that leaves", "up/outside.md", "path_outside_root"],
    ["a dangling link that leaves", "dangling.md", "path_outside_root"],
    ["a hidden folder", ".git/notes.md", "path_outside_root"],
    ["a hidden folder further down", "docs/.drafts/idea.md", "path_outside_root"],
    ["a hidden folder beside the state", ".codex/goals/parser/.old/REVIEW.md", "path_outside_root"],
    ["a link into a hidden folder", "git.md", "path_outside_root"],
    ["a hidden link", ".hidden.md", "path_outside_root"],
    ["the state directory of another goal", ".codex/goals/atlas/REVIEW.md", "path_outside_root"],
    ["no Markdown", "docs/secrets.env", "invalid_value"],
    ["no Markdown behind a link", "env.md", "invalid_value"],
    ["Markdown behind another ending", "readme.txt", "invalid_value"],
    ["one byte too many", "huge.md", "too_large"],
    ["a pipe", "pipe.md", "not_a_regular_file"],
    ["a folder", "folder.md", "not_a_regular_file"],
    ["no text", "bytes.md", "invalid_value"],
    ["what is not there", "docs/nothing.md", "not_found"],
    ["a file below a file", "README.md/more.md", "not_a_regular_file"],
  ])("%s", async (_what, path, code) => {
    const answer = await ask(path);
    expect(answer.body).toMatchObject({ ok: false, error: { code } });
    expect(answer.status).toBe({ too_large: 413, not_found: 404 }[code] ?? 400);
    expect([answer.text.includes("business"), answer.text.includes(yard.folder)]).toEqual([false, false]);
  });

  test("absolute paths of other goals, of neighbours of nearly the same name, and of what is around", async () => {
    const atlas = join(dirname(yard.host.places.runsDirectory("atlas" as never)), "runs/report.md");
    for (const path of [atlas, join(yard.folder, "project-two/README.md"), join(yard.folder, "outside.md"), yard.project])
      expect((await ask(path)).body).toMatchObject({ error: { code: "path_outside_root" } });
  });

  test("a goal that is not of this registry, and a loop of links, without a word of it on this side", async () => {
    expect(await ask("README.md", "nobody")).toMatchObject({ status: 404, body: { error: { code: "goal_not_found" } } });
    expect((await ask("README.md", "../parser")).body).toMatchObject({ error: { code: "goal_id_invalid" } });
    expect((await ask("loop.md")).status).toBe(400);
    expect(yard.faults).toEqual([]);
  });
});

test("it wants the token where reading wants it, and the capabilities name it (CMD-121, CMD-123)", async () => {
  expect((await yard.get("/", { accept: "application/json" })).body).toMatchObject({ review_material_url: "/review-material" });
  const closed = await openYard(["parser"], { require_token: true });
  expect((await closed.get("/review-material?goal_id=parser&path=ACTIVE_GOAL_STATE.md")).status).toBe(401);
  await closed.close();
});
