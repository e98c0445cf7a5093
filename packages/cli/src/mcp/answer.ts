/**
 * One tool call: its line is run in this process, as `loopx` would run it, and what it prints is the answer. A refusal is
 * an answer too: it has `isError`, so that the agent reads the code and the next step instead of losing the connection.
 */
import type { GlobalValues } from "../call.ts";
import type { Io } from "../io.ts";
import { LOOPX } from "../options/commands.ts";
import { errorFields, errorJson } from "../print.ts";
import { runLine } from "../run-line.ts";
import { lineOf } from "./line-of.ts";
import type { Tool } from "./tools.ts";

/** What a call gives back: the command's JSON document as text and as a value. */
export interface ToolAnswer {
  readonly content: [{ readonly type: "text"; readonly text: string }];
  readonly structuredContent: Record<string, unknown>;
  readonly isError?: true;
}

/** Where the server stands; its global flags hold for every call. */
export interface Surroundings {
  readonly globals: GlobalValues;
  readonly io: Io;
}

/** Runs a call; never throws, never writes to the real standard output. */
export async function answerCall(tool: Tool, given: Readonly<Record<string, unknown>>, place: Surroundings): Promise<ToolAnswer> {
  try {
    return toolAnswer(await documentOf(lineOf(tool, given), place));
  } catch (thrown) {
    return toolAnswer(errorJson(errorFields(thrown)));
  }
}

async function documentOf(words: readonly string[], { globals, io }: Surroundings): Promise<string> {
  const out: string[] = [];
  const captured: Io = {
    ...io,
    write: async (stream, text) => {
      if (stream === "stdout") out.push(text);
      else await io.write("stderr", text);
    },
    isTerminal: () => false,
  };
  await runLine([...globalWords(globals), ...words, "--json"], captured, LOOPX);
  return out.join("");
}

function globalWords({ registry, runtime_root, locale, cwd }: GlobalValues): readonly string[] {
  return [
    `--cwd=${cwd}`,
    ...(registry === undefined ? [] : [`--registry=${registry}`]),
    ...(runtime_root === undefined ? [] : [`--runtime-root=${runtime_root}`]),
    ...(locale === undefined ? [] : [`--locale=${locale}`]),
  ];
}

/** The text is compact: an agent pays for every blank. */
function toolAnswer(printed: string): ToolAnswer {
  const document = JSON.parse(printed) as Record<string, unknown>;
  return {
    content: [{ type: "text", text: JSON.stringify(document) }],
    structuredContent: document,
    ...(document["ok"] === true ? {} : { isError: true as const }),
  };
}
