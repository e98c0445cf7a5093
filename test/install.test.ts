/** `scripts/install-local.sh` for real, from a copy of this checkout into homes of their own (CMD-141, CMD-142). */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isOnPath, withoutPathLine, withPathLine } from "../scripts/install/profile.mjs";
import { manifestOf, publicPackages } from "../scripts/packages.mjs";
import { readTree } from "../packages/cli/test/rig/tree.ts";
import type { Outcome } from "./clean-room.ts";
import { ROOT } from "./sources.ts";

/** Packages that those with a command leave to their user. */
const PEERS = publicPackages(ROOT)
  .map(manifestOf)
  .flatMap(({ bin, peerDependencies = {} }) => (bin === undefined ? [] : Object.keys(peerDependencies)));

let root: string;
let checkout: string;

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "loopx-install-")));
  checkout = join(root, "check out's");
  const parts = [
    "package.json",
    "package-lock.json",
    "tsconfig.base.json",
    "tsconfig.json",
    "LICENSE",
    "README.md",
    "skills",
    "schemas",
    "docs",
    "scripts",
  ];
  for (const part of [...parts, ...publicPackages(ROOT).map((folder) => relative(ROOT, folder))])
    cpSync(join(ROOT, part), join(checkout, part), {
      recursive: true,
      preserveTimestamps: true,
      filter: (from) => !from.endsWith("/test"),
    });
  installPackages();
  // Whoever runs this file alone may have edited a source since the last build.
  for (const folder of publicPackages(checkout)) touch(join(folder, "dist", "licenses.txt"));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What the build starts, and small packages under the names of those that a package leaves to its user. */
function installPackages(): void {
  const folder = join(checkout, "node_modules");
  mkdirSync(folder);
  for (const name of [".bin", ".package-lock.json"]) symlinkSync(join(ROOT, "node_modules", name), join(folder, name));
  const place = (name: string, manifest: object): void => {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, "package.json"), JSON.stringify({ name, version: "1.0.0", ...manifest }));
  };
  for (const name of PEERS) place(name, { dependencies: { "needed-by-a-peer": "1.0.0" } });
  place("needed-by-a-peer", {});
}

function touch(path: string): void {
  if (existsSync(path)) utimesSync(path, new Date(), new Date());
}

interface Home {
  readonly path: string;
  readonly bin: string;
  readonly releases: string;
  install(words?: readonly string[], env?: Readonly<Record<string, string>>): Outcome;
  run(program: string, ...words: string[]): Outcome;
}

/** An empty home, in which bash is the shell. */
function home(name: string): Home {
  const path = join(root, name);
  mkdirSync(path);
  const [bin, releases] = [join(path, ".local", "bin"), join(path, ".local", "share", "loopx", "releases")];
  const env = { HOME: path, SHELL: "/bin/bash", PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`, TZ: "UTC" };
  const ended = (program: string, words: readonly string[], more: Readonly<Record<string, string>>): Outcome => {
    const { status, stdout, stderr, error } = spawnSync(program, words, { cwd: path, env: { ...env, ...more }, encoding: "utf8" });
    if (error !== undefined) throw error;
    return { code: status, stdout, stderr };
  };
  return {
    path,
    bin,
    releases,
    install: (words = [], more = {}) => ended(join(checkout, "scripts", "install-local.sh"), words, more),
    run: (program, ...words) => ended(join(bin, program), words, { PATH: `${bin}:${env.PATH}` }),
  };
}

const releasesOf = ({ releases }: Home): readonly string[] =>
  readdirSync(releases)
    .filter((name) => name !== "installed.json")
    .sort();
const releaseIn = (of: Home): unknown => (JSON.parse(of.run("loopx", "version", "--json").stdout) as { release: unknown }).release;

describe("a fresh home", () => {
  let fresh: Home;
  let before: Record<string, string>;

  beforeAll(() => {
    fresh = home("fresh");
    writeFileSync(join(fresh.path, ".bashrc"), "alias ll='ls -l'");
    mkdirSync(join(fresh.path, ".claude"));
    before = readTree(fresh.path);
  });

  it("is left as it is by --dry-run, which tells the plan", () => {
    const { code, stdout, stderr } = fresh.install(["--dry-run"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`link: ${join(fresh.bin, "loopx")} -> ${fresh.releases}`);
    expect(stdout).toContain('export PATH="$HOME/.local/bin":"$PATH"');
    expect(readTree(fresh.path)).toEqual(before);
  });

  it("gets a release, loopx linked to it, the canary, one PATH line and the skills", () => {
    const { code, stdout, stderr } = fresh.install([], { LOOPX_RELEASE_ID: "first" });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("loopx doctor: sound\nloopx-canary doctor: sound\n");
    expect(readlinkSync(join(fresh.bin, "loopx"))).toBe(join(fresh.releases, "first", "packages", "cli", "bin", "loopx.cjs"));
    expect(readdirSync(join(fresh.releases, "first")).sort()).toEqual(
      expect.arrayContaining(["docs", "loopx-release.json", "packages", "schemas", "scripts", "skills"]),
    );
    const carried = [...PEERS, "needed-by-a-peer"].map((name) => join(fresh.releases, "first", "node_modules", name));
    expect([PEERS.length > 0, carried.filter((place) => !existsSync(place))]).toEqual([true, []]);
    expect(readFileSync(join(fresh.path, ".bashrc"), "utf8").split("added by LoopX")).toHaveLength(2);
    for (const agent of [".codex", ".claude"])
      expect(readdirSync(join(fresh.path, agent, "skills")).sort()).toEqual(["loopx-project", "loopx-self-repair"]);
  });

  it("is sound in every check of the next shell, with the canary on the checkout (CMD-68)", () => {
    const { ok, release, canary, checks, skills } = JSON.parse(fresh.run("loopx", "doctor", "--json").stdout) as {
      ok: boolean;
      release: string;
      canary: string;
      checks: { id: string; ok: boolean }[];
      skills: { state: string }[];
    };
    expect({ ok, release, canary }).toEqual({ ok: true, release: "first", canary: join(fresh.bin, "loopx-canary") });
    expect(checks.filter((check) => !check.ok)).toEqual([]);
    expect(skills.map(({ state }) => state)).toEqual(["current", "current", "current", "current"]);
    expect(JSON.parse(fresh.run("loopx-canary", "version", "--json").stdout)).toMatchObject({ channel: "canary", release: null });
  });

  it("runs commands of the other packages too (CMD-12)", () => {
    expect(fresh.run("loopx", "loop", "--version")).toMatchObject({ code: 0, stderr: "" });
  });

  it("prompts for the canary in the canary's own words (CMD-144)", () => {
    const project = join(fresh.path, "parser");
    mkdirSync(project);
    expect(fresh.run("loopx-canary", "connect", "--project", project, "-g", "parser").code).toBe(0);
    const words = ["-C", project, "heartbeat-prompt", "--brief", "--cli-bin", "loopx-canary", "-g", "parser", "--quiet"];
    const { code, stdout } = fresh.run("loopx-canary", ...words);
    const commands = [...stdout.matchAll(/\bloopx(?:-canary)? (?=[a-z-])/g)].map(([command]) => command.trim());
    expect(code).toBe(0);
    expect(commands.length).toBeGreaterThan(2);
    expect(new Set(commands)).toEqual(new Set(["loopx-canary"]));
    rmSync(project, { recursive: true });
    rmSync(join(fresh.path, ".codex", "loopx"), { recursive: true });
  });

  it("gets a second release by the same command; the first stays, and relinking it is the way back", () => {
    const profile = readFileSync(join(fresh.path, ".bashrc"), "utf8");
    expect(fresh.install([], { LOOPX_RELEASE_ID: "second", LOOPX_INSTALL_SKILL: "0", LOOPX_INSTALL_CANARY: "0" }).code).toBe(0);
    expect([releaseIn(fresh), releasesOf(fresh)]).toEqual(["second", ["first", "second"]]);
    expect(readFileSync(join(fresh.path, ".bashrc"), "utf8")).toBe(profile);
    const inRelease = fresh.run("../share/loopx/releases/first/scripts/install-local.sh");
    expect([inRelease.code, inRelease.stderr]).toEqual([2, expect.stringContaining("is a release, not a checkout")]);
    const link = join(fresh.bin, "loopx");
    renameSync(link, `${link}-second`);
    symlinkSync(join(fresh.releases, "first", "packages", "cli", "bin", "loopx.cjs"), link);
    expect(releaseIn(fresh)).toBe("first");
    rmSync(link);
    renameSync(`${link}-second`, link);
  });

  it("keeps its release when the name is taken, when the build breaks, and when the doctor finds the new one ill", () => {
    expect(fresh.install([], { LOOPX_RELEASE_ID: "first" })).toMatchObject({ code: 1, stderr: expect.stringContaining("exists already") });
    // A fault that the compiler finds at once; the date makes it newer than what was built.
    const settings = join(checkout, "tsconfig.json");
    const kept = join(root, "tsconfig.json");
    cpSync(settings, kept, { preserveTimestamps: true });
    writeFileSync(settings, '{ "files": [], "references": [{ "path": "packages/none" }] }\n');
    utimesSync(settings, new Date(), new Date(Date.now() + 5_000));
    const broken = fresh.install([], { LOOPX_RELEASE_ID: "third" });
    expect([broken.code, broken.stderr]).toEqual([1, expect.stringContaining("the build failed")]);
    expect(broken.stderr).toContain("error TS");
    cpSync(kept, settings, { preserveTimestamps: true });

    const chunks = join(checkout, "packages", "cli", "dist", "chunks");
    const demo = readdirSync(chunks).find((name) => name.startsWith("demo-")) ?? "";
    renameSync(join(chunks, demo), join(root, demo));
    const ill = fresh.install([], { LOOPX_RELEASE_ID: "third" });
    expect([ill.code, ill.stderr]).toEqual([1, expect.stringContaining("bundle_loads: cannot be loaded: demo")]);
    renameSync(join(root, demo), join(chunks, demo));
    expect([releaseIn(fresh), releasesOf(fresh)]).toEqual(["second", ["first", "second"]]);
  });

  it("is what it was after --uninstall, but for the releases", () => {
    expect(fresh.install(["--uninstall", "--dry-run"]).stdout).toContain(`remove: ${join(fresh.bin, "loopx-canary")}\n`);
    const { code, stdout, stderr } = fresh.install(["--uninstall"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`kept: ${fresh.releases}\n`);
    expect(releasesOf(fresh)).toEqual(["first", "second"]);
    const isKept = (path: string): boolean => path === join(".local", "share", "loopx", "releases");
    const { ".local/": _a, ".local/share/": _b, ".local/share/loopx/": _c, ...after } = readTree(fresh.path, isKept);
    expect(after).toEqual(before);
    expect(fresh.install(["--uninstall"]).code).toBe(0);
  });
});

describe("a home that is lived in", () => {
  it("keeps a loopx of another origin, an edited skill, and its own PATH", () => {
    const lived = home("lived in");
    const places = {
      LOOPX_BIN_DIR: join(lived.path, "my bin"),
      LOOPX_RELEASES_DIR: join(lived.path, "r"),
      CODEX_HOME: join(lived.path, "codex"),
    };
    mkdirSync(places.LOOPX_BIN_DIR);
    writeFileSync(join(places.LOOPX_BIN_DIR, "loopx"), "#!/bin/sh\necho mine\n", { mode: 0o755 });
    writeFileSync(join(places.LOOPX_BIN_DIR, "loopx-canary"), "mine too\n");
    writeFileSync(join(lived.path, ".bashrc"), 'PATH="$HOME/my bin:$PATH"\n');
    const skill = join(places.CODEX_HOME, "skills", "loopx-project");
    mkdirSync(skill, { recursive: true });
    writeFileSync(join(skill, "SKILL.md"), "my words\n");

    const { code, stdout, stderr } = lived.install([], places);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`kept: ${join(places.LOOPX_BIN_DIR, "loopx.before-loopx")}, which was not installed from a release\n`);
    expect(readFileSync(join(places.LOOPX_BIN_DIR, "loopx.before-loopx"), "utf8")).toContain("echo mine");
    expect(readFileSync(join(places.LOOPX_BIN_DIR, "loopx-canary.before-loopx"), "utf8")).toBe("mine too\n");
    expect(readFileSync(join(lived.path, ".bashrc"), "utf8")).toBe('PATH="$HOME/my bin:$PATH"\n');
    const kept = readdirSync(join(places.CODEX_HOME, "skills")).find((name) => name.startsWith("loopx-project.before-")) ?? "";
    expect(readFileSync(join(places.CODEX_HOME, "skills", kept, "SKILL.md"), "utf8")).toBe("my words\n");

    writeFileSync(join(skill, "SKILL.md"), "my newer words\n");
    // From a shell that knows only where the releases are: the rest was written down.
    expect(lived.install(["--uninstall"], { LOOPX_RELEASES_DIR: places.LOOPX_RELEASES_DIR, SHELL: "/bin/zsh" }).stdout).toContain(
      `kept: ${skill}\n`,
    );
    expect(readFileSync(join(skill, "SKILL.md"), "utf8")).toBe("my newer words\n");
    expect(readdirSync(places.LOOPX_BIN_DIR).sort()).toEqual(["loopx-canary.before-loopx", "loopx.before-loopx"]);
    expect(lstatSync(places.LOOPX_BIN_DIR).isDirectory()).toBe(true);
  });

  it("can be cleaned of an installation that a profile stopped half-way", () => {
    const half = home("half");
    const places = { LOOPX_SHELL_PROFILE: join(half.path, "profile"), LOOPX_RELEASES_DIR: join(root, "half-releases") };
    mkdirSync(places.LOOPX_SHELL_PROFILE);
    const before = readTree(half.path);
    const stopped = half.install([], { ...places, LOOPX_INSTALL_SKILL: "0" });
    expect([stopped.code, stopped.stderr]).toEqual([1, expect.stringMatching(/EISDIR.*\nhint: .*--uninstall/)]);
    expect(half.install(["--uninstall"], places).code).toBe(0);
    expect(readTree(half.path)).toEqual(before);
  });

  it("is told of a wrong flag, and nothing is made", () => {
    const empty = home("empty");
    expect(empty.install(["--frobnicate"])).toEqual({ code: 2, stdout: "", stderr: expect.stringContaining("--frobnicate") });
    expect(readdirSync(empty.path)).toEqual([]);
  });
});

describe("the line in a profile", () => {
  const where = { bin: "/srv/ada/.local/bin", home: "/srv/ada", profile: "/nowhere/.bashrc", profile_syntax: "sh" } as const;

  it("is taken out again so that every other byte stays", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(withoutPathLine(withPathLine(text, where))).toBe(text);
      }),
    );
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, later) => {
        expect(withoutPathLine(`${withPathLine(text, where)}${later}`)).toContain(later.replace(/\n$/, ""));
      }),
    );
  });

  it("says in each shell's words what it does", () => {
    expect(withPathLine("", where)).toBe('export PATH="$HOME/.local/bin":"$PATH" # added by LoopX\n');
    expect(withPathLine("", { ...where, profile_syntax: "fish" })).toBe('fish_add_path "$HOME/.local/bin" # added by LoopX\n');
    expect(withPathLine("", { ...where, bin: '/opt/a "b" $c/bin' })).toBe(
      'export PATH="/opt/a \\"b\\" \\$c/bin":"$PATH" # added by LoopX\n',
    );
  });

  it("is not needed where PATH or the profile has the folder already", () => {
    expect(isOnPath(where, "/usr/bin:/srv/ada/.local/bin/")).toBe(true);
    expect(isOnPath(where, "/usr/bin:/srv/ada/.local/bin/more")).toBe(false);
    expect(isOnPath(where, undefined)).toBe(false);
  });
});
