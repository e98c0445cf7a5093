/** The heartbeat prompt as Markdown (HBT-40): where to put it, the body in a fence, the form without a model, the inputs. */
import { PLACE_LINE, TELL_PERSON_LINE, WITHOUT_MODEL_LINE } from "../locale/heartbeat.ts";
import { shBlock } from "./commands.ts";
import { paragraphs } from "./goal-line.ts";
import type { HeartbeatPrompt } from "./prompt.ts";

/** Four backticks, because the body holds fences of three. */
const FENCE = "````";

/** The prompt as a page: body in a fence, the form without a model, and what it was made from. */
export function heartbeatMarkdown(prompt: HeartbeatPrompt): string {
  const { form, locale } = prompt.inputs;
  const document = paragraphs([
    "# LoopX Heartbeat Prompt",
    PLACE_LINE[locale](form),
    `${FENCE}text\n${prompt.body}\n${FENCE}`,
    "## Without a model",
    WITHOUT_MODEL_LINE[locale](),
    shBlock([prompt.payload.zero_token_command]),
    TELL_PERSON_LINE[locale](),
    shBlock([prompt.tell_person_command]),
    "## Generator inputs",
    generatorInputs(prompt),
  ]);
  return `${document}\n`;
}

/** Only the body and one LF, for `--quiet`. */
export function heartbeatQuiet(prompt: HeartbeatPrompt): string {
  return `${prompt.body}\n`;
}

function generatorInputs(prompt: HeartbeatPrompt): string {
  return Object.entries(prompt.payload)
    .filter(([key]) => key !== "task_body")
    .map(([key, value]) => `- ${key}:${shown(value)}`)
    .join("\n");
}

function shown(value: unknown): string {
  if (typeof value !== "string") return ` ${JSON.stringify(value)}`;
  // A value of several lines stays one list item and can still be pasted.
  return value.includes("\n") ? `\n  ${shBlock(value.split("\n")).replaceAll("\n", "\n  ")}` : ` ${value}`;
}
