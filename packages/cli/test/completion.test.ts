/** The completion scripts in real shells (CMD-22). Bash must be here; another shell is tested where it is installed. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openYard, type Ended, type Yard } from "./processes/built.ts";

let yard: Yard;
let project: string;
let todoId: string;

beforeAll(() => {
  yard = openYard();
  project = yard.folder("project");
  yard.run(project, "connect", "-g", "parser");
  yard.run(project, "connect", "-g", "atlas", "--state-file", "ATLAS.md");
  yard.run(project, "register-agent", "-g", "parser", "--agent-id", "team:one", "--agent-id", "team:two", "--execute");
  todoId = (yard.json(project, "todo", "list", "-g", "parser")["todos"] as { todo_id: string }[])[0]?.todo_id ?? "";
  mkdirSync(join(project, "docs"));
});

afterAll(() => yard.remove());

function installed(shell: string): boolean {
  return spawnSync(shell, ["-c", "exit 0"]).status === 0;
}

/** A line typed so far, as bash cuts it: at blanks, and at `=` and `:` too. The cursor stands at its end. */
function typed(line: string): Ended {
  const words = line.match(/[=:]+|[^\s=:]+/g) ?? [];
  const last = /\s$/.test(line) ? "" : /[=:]$/.test(line) ? "" : (words.at(-1) ?? "");
  const cut = last === "" && !/[=:]$/.test(line) ? [...words, ""] : words;
  const quoted = (word: string): string => `'${word}'`;
  return yard.shell(
    project,
    `exec bash --norc -c '
      set -u
      eval "$(loopx completion bash --quiet)"
      COMP_LINE=$1 COMP_POINT=\${#1}; current=$2; shift 2
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
      _loopx loopx "$current" before
      printf "%s\\n" \${COMPREPLY[@]+"\${COMPREPLY[@]}"}
    ' bash ${quoted(line)} ${quoted(last)} ${cut.map(quoted).join(" ")}`,
  );
}

const replies = (line: string): readonly string[] =>
  typed(line)
    .stdout.split("\n")
    .filter((each) => each !== "")
    .sort();

describe("in bash", () => {
  test("is here, whatever else is: without it this would prove nothing", () => {
    expect(installed("bash")).toBe(true);
  });

  test.each<[string, readonly string[] | (() => readonly string[])]>([
    ["loopx quota s", ["should-run", "spend-slot", "status"]],
    ["loopx stat", ["status"]],
    ["loopx todo add --role ", ["agent", "user"]],
    ["loopx todo add --role=u", ["user"]],
    ["loopx todo add --role=", ["agent", "user"]],
    ["loopx should-run -g ", ["atlas", "parser"]],
    ["loopx -g par", ["parser"]],
    ["loopx todo claim -g parser --todo-id ", () => [todoId]],
    ["loopx should-run -g parser --agent-id team:t", ["two"]],
    ["loopx should-run -g parser --agent-id=team:", ["one", "two"]],
    ["loopx   quota   sp", ["spend-slot"]],
    ["loopx nothing-of-that-kind --x", []],
  ])("%s", (line, values) => {
    const expected = typeof values === "function" ? values() : values;
    expect([typed(line).code, typed(line).stderr, replies(line)]).toEqual([0, "", expected]);
  });

  test("an unreadable registry offers nothing, says nothing and ends with 0; flags are offered all the same", () => {
    const broken = yard.folder("broken");
    mkdirSync(join(broken, ".loopx"));
    writeFileSync(join(broken, ".loopx", "registry.json"), '{"goals": [');
    const asked = (...words: string[]): Ended => yard.run(broken, "completion", "bash", ...words);
    for (const current of ["--goal-id=", "--agent-id=", "--goal-id=par"])
      expect(asked("--before=should-run", `--current=${current}`)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(asked("--before=should-run", "--before=--registry", "--before=none.json", "--before=-g", "--current=")).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    });
    expect(asked("--before=status", "--current=--js").stdout).toBe("--json\tthe same as --format json\n");
  });

  test("what is no id by the rules never reaches a command line, whatever a registry or state holds", () => {
    const hostile = yard.folder("hostile");
    yard.run(hostile, "connect", "-g", "safe");
    const file = join(hostile, ".loopx", "registry.json");
    const registry = JSON.parse(yard.read("hostile", ".loopx", "registry.json")) as { goals: Record<string, unknown>[] };
    const [goal = {}] = registry.goals;
    const agents = ["ok-agent", "$(touch pwned)", "a b", "-rf", "a\nb", "`x`"];
    goal["coordination"] = { ...(goal["coordination"] as object), registered_agents: agents };
    registry.goals.push({ ...goal, id: "$(touch pwned)" }, { ...goal, id: "a;b" });
    writeFileSync(file, JSON.stringify(registry));
    const offered = (...words: string[]): readonly string[] =>
      yard
        .run(hostile, "completion", "bash", ...words, "--current=")
        .stdout.split("\n")
        .flatMap((line) => line.split("\t")[0] || []);
    expect(offered("--before=should-run", "--before=-g")).toEqual(["safe"]);
    expect(offered("--before=should-run", "--before=-g", "--before=safe", "--before=--agent-id")).toEqual(["ok-agent", "a-b"]);
  });

  test("asking writes nothing (CMD-22)", () => {
    const before = yard.shell(yard.root, "find . -type f | sort | xargs sha256sum").stdout;
    replies("loopx todo claim -g parser --todo-id ");
    replies("loopx should-run -g parser --agent-id ");
    expect(yard.shell(yard.root, "find . -type f | sort | xargs sha256sum").stdout).toBe(before);
  });

  test("the variables of a session change no script and no candidate (CMD-4, CMD-8)", () => {
    const { stdout } = yard.shell(project, "LOOPX_FORMAT=json FORCE_COLOR=1 loopx completion bash --quiet");
    expect(stdout).toBe(yard.run(project, "completion", "bash", "--quiet").stdout);
    const noisy = 'export LOOPX_FORMAT=json FORCE_COLOR=1; eval "$(loopx completion bash --quiet)"';
    const asked = `COMP_LINE="loopx stat" COMP_POINT=10 COMP_CWORD=1; COMP_WORDS=(loopx stat); _loopx loopx stat loopx; echo "$COMPREPLY"`;
    expect(yard.shell(project, `bash --norc -c '${noisy}; ${asked}'`).stdout).toBe("status\n");
  });
});

/** How each other shell is asked for the completions of one line, one a line; descriptions may follow behind a tab. */
const OTHERS: Readonly<Record<string, (line: string) => string>> = {
  zsh: (line) => `zsh -f -c '
    source <(loopx completion zsh --quiet)
    _describe() { print -l -- "\${found[@]%%:*}" }
    words=(\${(s: :)1}); CURRENT=$#words; PREFIX=$words[-1]; _loopx' zsh '${line}'`,
  fish: (line) => `fish --no-config -c 'loopx completion fish --quiet | source; complete -C "${line}"'`,
  pwsh: (line) => `pwsh -NoProfile -Command "loopx completion powershell --quiet | Out-String | Invoke-Expression;
    [System.Management.Automation.CommandCompletion]::CompleteInput('${line}', ${line.length}, \\$null).CompletionMatches.CompletionText"`,
};

describe.each(Object.entries(OTHERS).filter(([shell]) => installed(shell)))("in %s", (_shell, ask) => {
  test.each([
    ["loopx quota s", ["should-run", "spend-slot", "status"]],
    ["loopx todo add --role u", ["user"]],
    ["loopx should-run -g p", ["parser"]],
  ])("%s", (line, values) => {
    const { code, stdout } = yard.shell(project, ask(line));
    const offered = stdout.split("\n").flatMap((each) => each.trim().split("\t")[0] || []);
    expect([code, offered.sort()]).toEqual([0, values]);
  });
});

test("each shell gets a script of its own, with the hint where it belongs on standard error", () => {
  const scripts = ["bash", "zsh", "fish", "powershell"].map((shell) => {
    const { code, stdout, stderr } = yard.run(project, "completion", shell);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^hint: .*loopx completion .*\n$/)]);
    expect(stdout).toContain(`loopx completion ${shell}`);
    expect(yard.run(project, "completion", shell, "--quiet")).toEqual({ code, stdout, stderr: "" });
    return stdout;
  });
  expect(new Set(scripts).size).toBe(4);
});
