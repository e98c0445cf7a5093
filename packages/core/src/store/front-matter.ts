/**
 * Front matter through gray-matter, and the only file that imports it (REL-72, REL-73). gray-matter gets the head that
 * our own scanner cut out, never the file; every engine that could run or interpret anything refuses; YAML is our line reader.
 * Used where an artifact names a state's front matter. The hot path reads it without gray-matter and sees the same keys.
 */
import { finding, type Finding } from "../domain/finding.ts";
import { FRONT_MATTER_LIMIT, readKeys, scanFrontMatter } from "../domain/goal-state/front-matter.ts";
import { endOfLine, lineStarts, startOfLine, type LinedText } from "../domain/goal-state/lines.ts";

export interface FrontMatterReading {
  /** Null-prototype; every value is the text of the file. */
  readonly keys: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
}

/** A closing fence is a whole line, so a line such as `---x` inside the head never ends it early. */
const DELIMITERS: [string, string] = ["---", "---\n"];
const REFUSED_ENGINES = ["javascript", "js", "json", "coffee", "coffeescript", "cson", "toml"];

/** The keys of a document's front matter; none, with a finding, when it names a language, is unclosed or too large. */
export async function readFrontMatter(text: string, file = "the goal state"): Promise<FrontMatterReading> {
  const lined: LinedText = { text, starts: lineStarts(text) };
  const scan = scanFrontMatter(lined);
  switch (scan.kind) {
    case "found":
      return { keys: await matterKeys(headOf(lined, scan.front_matter.closing_line)), findings: [] };
    case "none":
      return nothing();
    case "engine_refused":
      return nothing(
        finding("front_matter_engine_refused", `The front matter of ${file} names a language; nothing in it is read or executed.`, {
          file,
          line: 1,
        }),
      );
    case "unclosed":
      return nothing(
        finding("front_matter_unclosed", `The front matter of ${file} has no closing \`---\`; it is read as ordinary text.`, {
          file,
          line: 1,
        }),
      );
    case "too_large":
      return nothing(
        finding("too_large", `The front matter of ${file} has ${scan.size} characters; the limit is ${FRONT_MATTER_LIMIT}.`, {
          file,
          line: 1,
        }),
      );
  }
}

function nothing(...findings: Finding[]): FrontMatterReading {
  return { keys: Object.create(null), findings };
}

/** The lines between the fences, with plain fences around them. */
function headOf(lined: LinedText, closing_line: number): string {
  const inner = lined.text.slice(startOfLine(lined, 1), closing_line > 1 ? endOfLine(lined, closing_line - 1) : startOfLine(lined, 1));
  return `---\n${inner}\n---\n`;
}

async function matterKeys(head: string): Promise<Readonly<Record<string, string>>> {
  const { default: matter } = await import("gray-matter");
  const refused = REFUSED_ENGINES.map((name) => [name, { parse: refuseEngine }] as const);
  // Options are always given: that bypasses gray-matter's cache, whose objects are shared.
  const file = matter(head, {
    language: "yaml",
    delimiters: DELIMITERS,
    engines: { ...Object.fromEntries(refused), yaml: { parse: readLines } },
  });
  return file.data;
}

function refuseEngine(): never {
  throw new Error("No front matter engine but the line reader may run.");
}

function readLines(block: string): Readonly<Record<string, string>> {
  const lined: LinedText = { text: block, starts: lineStarts(block) };
  return readKeys(lined, 0, lined.starts.length).keys;
}
