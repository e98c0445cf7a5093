/** What npm would publish: each tarball is packed, looked through, installed where no workspace is, and used. */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf, publicPackages, runtimeNeeds } from "../scripts/packages.mjs";
import { cleanRoom, type CleanRoom } from "./clean-room.ts";
import { fencedBlocks } from "./markdown.ts";
import { ROOT } from "./sources.ts";

const MEGABYTE = 1_000_000;
const NAMES = publicPackages(ROOT).map((folder) => manifestOf(folder).name);

interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

let scratch: string;
let room: CleanRoom;
let tarballs: ReadonlyMap<string, Packed>;

beforeAll(() => {
  scratch = realpathSync(mkdtempSync(join(tmpdir(), "loopx-packages-")));
  room = cleanRoom();
  const printed = npm("pack", ...publicPackages(ROOT), "--pack-destination", scratch, "--json");
  const packed = Object.values(JSON.parse(printed) as Record<string, Packed>);
  tarballs = new Map(packed.map((each) => [each.name, each]));
});

afterAll(() => {
  room.remove();
  rmSync(scratch, { recursive: true, force: true });
});

/** npm with nothing of the caller's: no cache, no configuration, no network. */
function npm(...words: readonly string[]): string {
  const quiet = ["--ignore-scripts", "--offline", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  const env = { PATH: process.env["PATH"], HOME: scratch, npm_config_cache: join(scratch, "cache") };
  return execFileSync("npm", [...words, ...quiet], { cwd: scratch, env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

function packed(name: string): Packed {
  const found = tarballs.get(name);
  if (found === undefined) throw new Error(`${name} was not packed`);
  return found;
}

/** Everything a package file names that has to be there. */
function promisedFiles(folder: string): readonly string[] {
  const {
    bin = {},
    man = [],
    exports = {},
  } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    bin?: Record<string, string>;
    man?: readonly string[];
    exports?: Record<string, string | Record<string, string>>;
  };
  const doors = Object.values(exports).flatMap((door) =>
    typeof door === "string" ? [door] : Object.entries(door).flatMap(([condition, path]) => (condition === "@loopx/source" ? [] : [path])),
  );
  return [...Object.values(bin), ...man, ...doors].map((path) => path.replace(/^\.\//, ""));
}

/** The bytes of all files below a folder; links count as nothing. */
function sizeOf(path: string): number {
  const found = lstatSync(path);
  return found.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : found.isFile() ? found.size : 0;
}

describe.each(NAMES)("the package %s (CMD-140)", (name) => {
  it("holds what its package file promises, a page, a licence, and nothing of the workshop", () => {
    const paths = packed(name).files.map(({ path }) => path);
    const folder = publicPackages(ROOT).find((each) => manifestOf(each).name === name) ?? "";
    expect(["README.md", "LICENSE", ...promisedFiles(folder)].filter((path) => !paths.includes(path))).toEqual([]);
    expect(paths.filter((path) => /(?:^|\/)(?:src|test)\/|\.test\.|tsbuildinfo/.test(path))).toEqual([]);
  });

  it("unpacks to at most 3 MB (PRF-23)", () => {
    expect(packed(name).unpackedSize).toBeLessThanOrEqual(3 * MEGABYTE);
  });

  it("is at most 20 MB with everything it needs (PRF-23)", () => {
    const folder = publicPackages(ROOT).find((each) => manifestOf(each).name === name) ?? "";
    const needs = runtimeNeeds(folder).map((place) => realpathSync(place));
    // A neighbour of this checkout counts with what is published of it.
    const sizes = needs.map((place) => (place.includes("node_modules") ? sizeOf(place) : packed(manifestOf(place).name).unpackedSize));
    expect(sizes.reduce((sum, size) => sum + size, packed(name).unpackedSize)).toBeLessThanOrEqual(20 * MEGABYTE);
  });

  it("runs no script when it is installed (CMD-140)", () => {
    const folder = publicPackages(ROOT).find((each) => manifestOf(each).name === name) ?? "";
    expect(JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))).not.toHaveProperty("scripts");
  });
});

describe("npm install -g of the command alone (CMD-140)", () => {
  let prefix: string;

  beforeAll(() => {
    prefix = join(scratch, "prefix");
    npm("install", "--global", "--prefix", prefix, join(scratch, packed("@loopx/cli").filename));
  });

  const loopx = (...words: string[]): ReturnType<CleanRoom["run"]> =>
    room.run("loopx", words, { PATH: `${join(prefix, "bin")}:${dirname(process.execPath)}:/usr/bin:/bin` });
  const answer = (...words: string[]): unknown => JSON.parse(loopx(...words, "--json").stdout);

  it("is sound and knows where it came from", () => {
    expect(answer("version")).toMatchObject({ ok: true, channel: "npm", release: null });
    expect(answer("doctor")).toMatchObject({ ok: true });
  });

  it("brings its manual page, which is what it prints (CMD-23)", () => {
    const page = readFileSync(join(prefix, "share", "man", "man1", "loopx.1"), "utf8");
    expect(loopx("man")).toEqual({ code: 0, stdout: page, stderr: "" });
  });

  it("connects, shows, decides and prompts", () => {
    expect(answer("connect", "-g", "parser", "--gitignore")).toMatchObject({ ok: true, goal_id: "parser" });
    expect(answer("status")).toMatchObject({ ok: true, goal_count: 1 });
    expect(loopx("should-run").stdout).toMatch(/^run parser /);
    const prompt = loopx("heartbeat-prompt", "--thin", "--quiet");
    expect([prompt.code, prompt.stderr]).toEqual([0, ""]);
    expect(prompt.stdout).toContain("loopx");
  });

  it("loads every part of it: a day's work, a check of its own folder, help (D4)", () => {
    expect(loopx("demo").code).toBe(0);
    expect(loopx("todo", "add", "--help").stdout).toContain("Examples:");
    expect(loopx("check", "-g", "parser").stderr).toBe("");
  });
});

describe("the library, unpacked where no workspace is", () => {
  let folder: string;

  beforeAll(() => {
    folder = join(scratch, "program");
    const home = join(folder, "node_modules", "@loopx", "core");
    mkdirSync(home, { recursive: true });
    execFileSync("tar", ["-xzf", join(scratch, packed("@loopx/core").filename), "--strip-components=1", "-C", home]);
    // Only what the package says it needs is there, as an installation would have it.
    for (const need of Object.keys(manifestOf(home).dependencies ?? {})) {
      const place = join(folder, "node_modules", need);
      mkdirSync(dirname(place), { recursive: true });
      symlinkSync(realpathSync(join(ROOT, "node_modules", need)), place);
    }
    writeFileSync(join(folder, "package.json"), '{"type":"module","private":true}\n');
  });

  const program = fencedBlocks(readFileSync(join(ROOT, "packages", "core", "README.md"), "utf8"), "js")[0] ?? "";

  it("runs the ten lines of its page", () => {
    expect(program.trim().split("\n").length).toBeLessThanOrEqual(10);
    writeFileSync(join(folder, "ten-lines.js"), program);
    const { code, stdout, stderr } = room.run(process.execPath, [join(folder, "ten-lines.js")]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^run: \[P1\] Inspect the goal and the project/);
    expect(existsSync(join(room.project, ".loopx", "registry.json"))).toBe(true);
  });

  it("opens each of its doors", () => {
    const doors = ["@loopx/core", "@loopx/core/domain", "@loopx/core/telemetry", "@loopx/core/testing"];
    const line = `for (const door of ${JSON.stringify(doors)}) console.log(Object.keys(await import(door)).length > 0);`;
    writeFileSync(join(folder, "doors.js"), line);
    expect(room.run(process.execPath, [join(folder, "doors.js")])).toEqual({ code: 0, stdout: "true\n".repeat(doors.length), stderr: "" });
  });

  it("has types that a strict program is held to", () => {
    const config = { compilerOptions: { strict: true, module: "nodenext", target: "es2023", noEmit: true, types: ["node"] } };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ ...config, files: ["right.ts", "wrong.ts"] }));
    symlinkSync(join(ROOT, "node_modules", "@types"), join(folder, "node_modules", "@types"));
    writeFileSync(join(folder, "right.ts"), program);
    writeFileSync(join(folder, "wrong.ts"), 'import { shouldRun } from "@loopx/core";\nexport const faulty: number = shouldRun;\n');
    const checked = room.run(process.execPath, [join(ROOT, "node_modules", ".bin", "tsc"), "-p", folder]);
    expect(checked.stdout.split("\n").filter((line) => line.includes("error TS"))).toEqual([expect.stringContaining("wrong.ts(2,")]);
  });
});
