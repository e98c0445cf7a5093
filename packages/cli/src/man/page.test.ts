import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LOOPX } from "../options/commands.ts";
import { commandName } from "../options/program.ts";
import { manPage } from "./page.ts";
import { bold, text } from "./roff.ts";

const page = manPage(LOOPX, "9.9.9");
const REQUESTS = /^\.(?:\\" .*|TH .*|SH ".*"|SS ".*"|PP|TP|nf|fi)$/;

describe("the manual page (CMD-23)", () => {
  test("has every command with its flags and examples", () => {
    for (const row of LOOPX.commands) {
      expect(page).toContain(`.SS "loopx ${text(commandName(row))}`);
      for (const name of Object.keys(row.flags))
        expect(page).toMatch(new RegExp(`\\\\-\\\\-(?:\\[no\\\\-\\])?${name.replaceAll("-", "\\\\-")}\\\\fR`));
      for (const example of row.examples) expect(page).toContain(text(example));
    }
  });

  test("names its version and no day, so that it changes with the table alone", () => {
    expect(page).toContain('.TH LOOPX 1 "" "loopx 9.9.9" "LoopX"');
    expect(page).not.toMatch(/20\d\d\\-/);
  });

  test("has no line that a reader would take for another request", () => {
    const wrong = page.split("\n").filter((line) => /^[.']/.test(line) && !REQUESTS.test(line));
    expect(wrong).toEqual([]);
  });

  test("shows older flags of scripts nowhere (CMD-14)", () => {
    for (const name of LOOPX.commands.flatMap((row) => Object.keys(row.legacy ?? {}))) expect(page).not.toContain(bold(`--${name}`));
  });
});

test("no text becomes a request or a mark", () => {
  fc.assert(
    fc.property(fc.string(), (plain) => {
      const shown = text(plain);
      expect(shown).not.toMatch(/^[.']/);
      // What is left of a backslash begins one of the spelled characters, or the mark that stands for nothing.
      expect(shown.replace(/\\(?:-|&|\((?:rs|dq|aq|ga|ha|ti))/g, "")).not.toContain("\\");
    }),
  );
});
