import { describe, expect, test } from "vitest";
import { LOOPX } from "../options/commands.ts";
import { GLOBAL_FLAGS } from "../options/global.ts";
import { commandName } from "../options/program.ts";
import { wantedAt } from "./wanted.ts";

/** The values offered at the end of a line; the last word is the one that the cursor is in. */
function offered(line: string): readonly string[] | string {
  const words = line.split(" ").slice(1);
  const wanted = wantedAt(LOOPX, words.slice(0, -1), words.at(-1) ?? "");
  const current = words.at(-1) ?? "";
  if (wanted.kind === "words" || wanted.kind === "commands")
    return wanted.candidates.map(({ value }) => value).filter((value) => value.startsWith(current));
  return `${wanted.prefix}<${wanted.kind}>`;
}

describe("what may stand at the cursor (CMD-22)", () => {
  test.each<[string, readonly string[] | string]>([
    ["loopx stat", ["status"]],
    ["loopx quota s", ["should-run", "status", "spend-slot"]],
    ["loopx --json quota s", ["should-run", "status", "spend-slot"]],
    ["loopx config ", ["list", "get"]],
    ["loopx config get l", ["locale"]],
    ["loopx completion z", ["zsh"]],
    ["loopx completion bash ", []],
    ["loopx status extra ", []],
    ["loopx todo add --role ", ["user", "agent"]],
    ["loopx todo add --role u", ["user"]],
    ["loopx todo add --role=u", ["--role=user"]],
    ["loopx --locale ", ["en", "zh"]],
    ["loopx --role ", []],
    ["loopx todo add --text ", []],
    ["loopx status -g ", "<goals>"],
    ["loopx -g ", "<goals>"],
    ["loopx status -qg ", "<goals>"],
    ["loopx status --goal-id=p", "--goal-id=<goals>"],
    ["loopx todo claim --todo-id ", "<todos>"],
    ["loopx todo add --unblocks-todo-id ", "<todos>"],
    ["loopx lease acquire --holder ", "<agents>"],
    ["loopx connect --goal-doc ", "<files>"],
    ["loopx connect --goal-doc=docs/", "--goal-doc=<files>"],
    ["loopx -C ", "<folders>"],
    ["loopx loop ", "<files>"],
    ["loopx todo nonsense ", []],
    ["loopx disconnect --arch", ["--archive-state"]],
    ["loopx disconnect --restore x --arch", []],
    ["loopx configure-goal --no-self-repair-e", ["--no-self-repair-enabled"]],
    ["loopx configure-goal --self-repair-enabled --no-self-repair-e", []],
    ["loopx status --json --js", []],
    ["loopx status -- --js", []],
    ["loopx check --scan-path a --scan-p", ["--scan-path"]],
    ["loopx quota spend-slot --execute --dry", []],
  ])("%s", (line, values) => {
    expect(offered(line)).toEqual(values);
  });

  test("every command of the table is reached word by word, and its own flags are offered", () => {
    for (const row of LOOPX.commands) {
      row.path.forEach((word, at) => {
        const begun = ["loopx", ...row.path.slice(0, at), word.slice(0, -1)].join(" ");
        expect([begun, offered(begun)]).toEqual([begun, expect.arrayContaining([word])]);
      });
      const own = [...Object.keys(GLOBAL_FLAGS), ...Object.keys(row.flags)].map((name) => `--${name}`);
      expect(offered(`loopx ${commandName(row)} --`)).toEqual(expect.arrayContaining(own));
    }
  });

  test("each flag with a fixed choice offers exactly its values, also behind an equals sign", () => {
    for (const row of LOOPX.commands)
      for (const [name, { values }] of Object.entries({ ...GLOBAL_FLAGS, ...row.flags } as typeof row.flags)) {
        if (values === undefined) continue;
        expect(offered(`loopx ${commandName(row)} --${name} `)).toEqual(values);
        expect(offered(`loopx ${commandName(row)} --${name}=`)).toEqual(values.map((value) => `--${name}=${value}`));
      }
  });

  test("no line is too strange to be read", () => {
    for (const word of ["", "-", "--", "---", "=", "--=", "-=", "--x=", "\u0000", "$(x)", "--goal-id", "-g"])
      for (const current of ["", "-", "--", "--=", word]) {
        expect(() => wantedAt(LOOPX, [word], current)).not.toThrow();
        expect(() => wantedAt(LOOPX, ["todo", "add", word, word], current)).not.toThrow();
      }
  });
});
