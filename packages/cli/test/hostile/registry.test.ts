/** Registries that are no registries, and entries that are no goals (FIL-16, FIL-17, FIL-100). */
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../rig/sandbox.ts";
import { ask, connected, editRegistry, refused, REGISTRY, stateOf, told, worksOn } from "./rig.ts";

let sandbox: Sandbox;
afterEach(() => sandbox.remove());

const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

describe("a registry that cannot be read stops every command and is never rewritten", () => {
  test.each<[name: string, content: string | Uint8Array, problem: RegExp, line: number | undefined]>([
    ["malformed", '{"goals": [\n  {"id": "a",}\n]}\n', /registry\.json:2: column 13: /, 2],
    ["cut short", '{\n"goals": [', /registry\.json:2: /, 2],
    ["empty", "", /registry\.json:1: .*empty/, 1],
    ["of NUL bytes", "\0\0", /registry\.json:1: /, 1],
    ["a list", "[]", /its root is not an object/, undefined],
    ["a number", "42", /its root is not an object/, undefined],
    ["without goals", "{}", /has no `goals`/, undefined],
    ["with goals that are no list", '{"goals":{}}', /`goals` is not an array/, undefined],
    ["no UTF-8", Uint8Array.of(0x7b, 0xff, 0x7d), /no UTF-8/, undefined],
    ["nested 200 deep", `{"goals":[],"x":${nested(200)}}`, /deeper than 64 levels/, undefined],
  ])("%s", async (_name, content, problem, line) => {
    sandbox = openSandbox();
    sandbox.write({ [REGISTRY]: "" });
    const file = join(sandbox.project, REGISTRY);
    writeFileSync(file, content);
    const commands = [
      ["should-run", "-g", "a"],
      ["quota", "should-run", "-g", "a"],
      ["status"],
      ["registry"],
      ["history"],
      ["todo", "list", "-g", "a"],
      ["todo", "add", "-g", "a", "--role", "agent", "--text", "more"],
      ["refresh-state", "-g", "a"],
      ["sync-global"],
      ["connect", "-g", "a"],
    ];
    for (const argv of commands) {
      const error = await refused(sandbox, argv, "registry_invalid");
      expect(error.message).toMatch(problem);
      expect(error.message).toContain(file);
      expect(error.hint).toBe(`"\${EDITOR:-vi}" ${line === undefined ? "" : `+${line} `}${file}`);
      if (argv[0] === "status") expect(error.details).toEqual({ file, ...(line === undefined ? {} : { line }) });
    }
  });

  test("its limits are 16 MiB and 64 levels: just below it is read, just above it is refused (REL-100)", async () => {
    sandbox = openSandbox();
    const file = join(sandbox.project, REGISTRY);
    const padded = (bytes: number): string => '{"goals":[]'.padEnd(bytes - 1) + "}";
    const LIMIT = 16 * 1024 * 1024;
    for (const [text, problem] of [
      [padded(LIMIT), null],
      [padded(LIMIT + 1), /limit/],
      [`{"goals":[],"x":${nested(63)}}`, null],
      [`{"goals":[],"x":${nested(64)}}`, /deeper than 64 levels/],
    ] as const) {
      sandbox.write({ [REGISTRY]: text });
      const { code, stdout } = await sandbox.run(["history", "--json"]);
      if (problem === null) expect([code, text.length], stdout.slice(0, 300)).toEqual([0, text.length]);
      else expect((await refused(sandbox, ["history"], "registry_invalid")).message).toMatch(problem);
      expect(readFileSync(file, "utf8") === text).toBe(true);
    }
  });

  test.each<[string, (file: string) => void]>([
    ["a directory", (file) => mkdirSync(file, { recursive: true })],
    ["a FIFO", (file) => (mkdirSync(dirname(file)), execFileSync("mkfifo", [file]))],
  ])("%s", async (_name, make) => {
    sandbox = openSandbox();
    make(join(sandbox.project, REGISTRY));
    for (const argv of [
      ["should-run", "-g", "a"],
      ["status"],
      ["todo", "add", "-g", "a", "--role", "agent", "--text", "more"],
      ["connect", "-g", "a"],
    ])
      expect((await refused(sandbox, argv, "registry_invalid")).message).toContain("it is not a regular file");
  });

  test("a byte order mark before a sound registry is read and kept (FIL-1)", async () => {
    sandbox = await connected(["g"]);
    const file = join(sandbox.project, REGISTRY);
    writeFileSync(file, `\uFEFF${readFileSync(file, "utf8")}`);
    await worksOn(sandbox, "g");
    await told(sandbox, ["connect", "-g", "new"]);
    expect(readFileSync(file, "utf8").startsWith('\uFEFF{\n  "schema_version": "0.1"')).toBe(true);
    await worksOn(sandbox, "new");
  });
});

describe("a broken entry blocks itself, is named with its line, and hides no other goal", () => {
  /** The problem the registry names, with the line of its entry. */
  async function problem(code: string): Promise<{ message: string; line: number }> {
    const { code: exit, answer, changed } = await ask(sandbox, ["registry"]);
    expect([exit, answer.error?.code, changed]).toEqual([1, "registry_unhealthy", []]);
    const found = (answer["problems"] as { code: string; message: string; line: number }[]).find((each) => each.code === code);
    if (found === undefined) throw new Error(JSON.stringify(answer["problems"]));
    return found;
  }

  const lineOf = (text: string, nth = 1): number => {
    const lines = readFileSync(join(sandbox.project, REGISTRY), "utf8").split("\n");
    return [...lines.keys()].filter((at) => lines[at]?.includes(text))[nth - 1] ?? Number.NaN;
  };

  test("two entries with one id", async () => {
    sandbox = await connected(["g", "twin", "other"]);
    editRegistry(sandbox, (goals) => Object.assign(goals[1] ?? {}, { id: "g" }));
    const { message, line } = await problem("goal_id_duplicate");
    expect([message, line]).toEqual(['goals[0], goals[1] have the same id "g"', lineOf('"id": "g"', 2)]);
    expect((await refused(sandbox, ["should-run", "-g", "g"], "goal_unhealthy")).message).toContain(`${REGISTRY}:${line})`);
    await refused(sandbox, ["todo", "add", "-g", "g", "--role", "agent", "--text", "more"], "goal_unhealthy");
    await refused(sandbox, ["connect", "-g", "g"], "goal_id_collision");
    await worksOn(sandbox);
  });

  test("two ids that differ only in case share a directory on some machines: both are blocked, for writes too", async () => {
    sandbox = await connected(["g", "twin", "other"]);
    editRegistry(sandbox, (goals) => Object.assign(goals[1] ?? {}, { id: "G" }));
    expect((await problem("goal_id_case_collision")).message).toContain("g, G");
    for (const goal of ["g", "G"]) {
      await refused(sandbox, ["should-run", "-g", goal], "goal_unhealthy");
      await refused(sandbox, ["todo", "add", "-g", goal, "--role", "agent", "--text", "more"], "goal_unhealthy");
      await refused(sandbox, ["refresh-state", "-g", goal], "goal_unhealthy");
    }
    await worksOn(sandbox);
  });

  test.each([
    ["null", null, /goals\[0\] is null, not an object/],
    ["a text", "g", /goals\[0\] is "g", not an object/],
    ["an object without an id", { repo: "/x" }, /goals\[0\] has no id/],
    ["an object with a number for an id", { id: 7 }, /goals\[0\] has an id that is no text/],
  ])("%s", async (_name, entry, text) => {
    sandbox = await connected();
    editRegistry(sandbox, (goals) => goals.unshift(entry as never));
    const { message, line } = await problem("goal_entry_invalid");
    expect(message).toMatch(text);
    expect(line).toBe(lineOf('"goals": [') + 2);
    await worksOn(sandbox, "g");
    await told(sandbox, ["connect", "-g", "new"]);
    expect(JSON.parse(readFileSync(join(sandbox.project, REGISTRY), "utf8"))).toMatchObject({
      goals: [entry, { id: "g" }, { id: "other" }, { id: "new" }],
    });
  });

  test.each(["../evil", "/abs", "a/b", ".", "..", "", " ", "a\nb", "g;rm", "CON", "__proto__", "x".repeat(81)])("the id %j", async (id) => {
    sandbox = await connected();
    editRegistry(sandbox, (goals) => goals.push({ ...goals[1], id, state_file: "elsewhere.md" }));
    const { message } = await problem("goal_id_invalid");
    expect(message).toContain("goals[2]");
    await refused(sandbox, ["should-run", `--goal-id=${id}`], "goal_id_invalid");
    await worksOn(sandbox);
    const { stdout } = await sandbox.run(["status"]);
    expect(stdout).not.toMatch(/^b: /m);
    await told(sandbox, ["connect", "-g", "new"]);
    expect(readFileSync(join(sandbox.project, REGISTRY), "utf8")).toContain(`"id": ${JSON.stringify(id)}`);
  });

  test("missing and wrong fields are named; nothing is guessed for them", async () => {
    sandbox = await connected();
    editRegistry(sandbox, (goals) => delete goals[0]?.["repo"]);
    expect((await problem("goal_field_missing")).message).toBe('goals[0] "g": "repo" is missing or no text');
    await refused(sandbox, ["should-run", "-g", "g"], "goal_unhealthy");
    await refused(sandbox, ["todo", "add", "-g", "g", "--role", "agent", "--text", "more"], "goal_unhealthy");
    await worksOn(sandbox);
    await told(sandbox, ["connect", "-g", "g", "--force"]);
    await worksOn(sandbox, "g");
  });

  test("wrong types everywhere else fall back to what is safe, without a throw", async () => {
    sandbox = await connected();
    const wrong = {
      status: 5,
      role: [],
      quota: "x",
      coordination: 7,
      guards: {},
      execution_profile: [],
      spawn_policy: null,
      authority_sources: "no",
      next_probe: {},
      control_plane: 1,
    };
    editRegistry(sandbox, (goals) => Object.assign(goals[0] ?? {}, wrong, { adapter: { kind: "generic_project_goal_v0", status: 9 } }));
    for (const argv of [
      ["should-run", "-g", "g"],
      ["quota", "should-run", "-g", "g", "--detail"],
      ["why", "-g", "g"],
      ["heartbeat-prompt", "-g", "g"],
      ["status"],
      ["registry"],
      ["quota", "status"],
      ["history"],
    ]) {
      const { answer, changed } = await ask(sandbox, argv);
      expect([answer.error?.code, changed], argv.join(" ")).toEqual([undefined, []]);
    }
    await worksOn(sandbox);
  });

  test("`__proto__` and its kin as unknown keys change no object and survive every write (FIL-8, REL-83)", async () => {
    sandbox = await connected();
    const file = join(sandbox.project, REGISTRY);
    const keys = '"__proto__": {"should_run": true, "polluted": 1},\n      "constructor": {"prototype": {"x": 1.0}},\n      ';
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace('"id": "g"', `${keys}"id": "g"`).replace("{\n", '{\n  "__proto__": {"goals": []},\n'),
    );
    for (const goal of ["g", "other"]) await worksOn(sandbox, goal);
    await told(sandbox, ["connect", "-g", "new"]);
    await told(sandbox, ["refresh-state", "-g", "g"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    const text = readFileSync(file, "utf8");
    expect(text).toContain(keys);
    expect(text.startsWith('{\n  "__proto__": {"goals": []},\n')).toBe(true);
  });
});

describe("a state file of two goals stops both, by any spelling, and no third (design D11)", () => {
  const shared: readonly [string, (project: string) => { repo?: string; state_file: string }][] = [
    ["the same text", () => ({ state_file: stateOf("g") })],
    ["./", () => ({ state_file: `./${stateOf("g")}` })],
    ["..", () => ({ state_file: `.codex/x/../goals/g/ACTIVE_GOAL_STATE.md` })],
    ["a symbolic link", () => ({ state_file: "link.md" })],
    ["a hard link", () => ({ state_file: "hard.md" })],
    ["a link to the repository", (project) => ({ repo: join(project, "..", "again"), state_file: stateOf("g") })],
  ];

  async function withLinks(): Promise<void> {
    sandbox = await connected(["g", "twin", "other"]);
    symlinkSync(stateOf("g"), join(sandbox.project, "link.md"));
    linkSync(join(sandbox.project, stateOf("g")), join(sandbox.project, "hard.md"));
    symlinkSync("project", join(sandbox.root, "again"));
  }

  test.each(shared)("in a registry: %s", async (_name, place) => {
    await withLinks();
    editRegistry(sandbox, (goals) => Object.assign(goals[1] ?? {}, place(sandbox.project)));
    const message = `state_file shared by multiple goals: g, twin -> ${join(sandbox.project, stateOf("g"))}`;
    for (const goal of ["g", "twin"]) {
      expect((await refused(sandbox, ["should-run", "-g", goal], "goal_unhealthy")).message).toBe(message);
      expect((await refused(sandbox, ["todo", "add", "-g", goal, "--role", "agent", "--text", "more"], "goal_unhealthy")).message).toBe(
        message,
      );
    }
    expect((await refused(sandbox, ["registry"], "registry_unhealthy")).message).toBe(message);
    await worksOn(sandbox);
  });

  test.each(shared.filter(([, place]) => place("").repo === undefined))("at connect: %s", async (_name, place) => {
    await withLinks();
    const error = await refused(sandbox, ["connect", "-g", "new", "--state-file", place(sandbox.project).state_file], "state_file_shared");
    expect(error.details).toMatchObject({ goal_id: "new", other_goal_id: "g" });
    await worksOn(sandbox);
  });
});
