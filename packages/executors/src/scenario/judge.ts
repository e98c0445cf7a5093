/** Whether a turn did what its assertions ask for: a list of sentences, empty when it did (WTL-103). Pure. */
import type { Reaction, MessengerCall } from "./gateway.ts";
import { readableText } from "./content.ts";
import type { Assertions, ExecutorCheck, MessengerCheck } from "./scenario.ts";

/** Longest piece of a call's content in a sentence. */
const SHOWN = 120;

/** `duration_ms`: how long the turn took, its own pause not counted. */
export function judgeTurn(assertions: Assertions, reaction: Reaction, duration_ms: number): string[] {
  const { messenger, no_call, executor, timing } = assertions;
  return [
    ...messenger.flatMap((check) => judgeMessenger(check, reaction.calls)),
    ...no_call.flatMap((method) => judgeAbsence(method, reaction.calls)),
    ...(executor === undefined ? [] : judgeExecutor(executor, reaction.executor)),
    ...(timing !== undefined && duration_ms > timing.max_ms
      ? [`the turn took ${Math.round(duration_ms)} ms; at most ${timing.max_ms} ms are allowed`]
      : []),
  ];
}

function judgeMessenger(check: MessengerCheck, calls: readonly MessengerCall[]): string[] {
  const { method, emoji_type, min_count, content_contains, content_absent } = check;
  const named = emoji_type === undefined ? method : `${method}(${emoji_type})`;
  const found = calls.filter((call) => call.method === method && (emoji_type === undefined || call.emoji_type === emoji_type));
  const holds = (text: string) => found.some((call) => contains(call.content, text));
  const faults: string[] = [];
  if (found.length < min_count) faults.push(`${named} was called ${times(found.length)}; at least ${min_count} expected`);
  const most = mostCalls(check);
  if (most !== null && found.length > most) faults.push(`${named} was called ${times(found.length)}; at most ${most} expected`);
  for (const text of content_contains) {
    if (!holds(text)) faults.push(`no ${named} contains ${JSON.stringify(text)}: ${shown(found)}`);
  }
  for (const text of content_absent) if (holds(text)) faults.push(`${named} contains ${JSON.stringify(text)}, which has to be absent`);
  return faults;
}

/** 0 is no limit; beside `min_count: 0` a written 0 says that there is none. */
function mostCalls({ min_count, max_count }: MessengerCheck): number | null {
  if (max_count === undefined) return null;
  return max_count === 0 && min_count > 0 ? null : max_count;
}

function judgeAbsence(method: string, calls: readonly MessengerCall[]): string[] {
  const found = calls.filter((call) => call.method === method);
  return found.length === 0 ? [] : [`${method} was called ${times(found.length)}; no call expected: ${shown(found)}`];
}

function judgeExecutor({ called, task_contains, task_absent }: ExecutorCheck, seen: Reaction["executor"]): string[] {
  const task = seen.called ? (seen.task ?? "") : null;
  const faults: string[] = [];
  if (called !== undefined && called !== seen.called)
    faults.push(called ? "the executor was not called" : "the executor was called; no call expected");
  for (const text of task_contains) {
    if (task === null) faults.push(`the executor was not called; its task has to contain ${JSON.stringify(text)}`);
    else if (!task.includes(text)) faults.push(`the task lacks ${JSON.stringify(text)}: ${JSON.stringify(cut(task))}`);
  }
  for (const text of task_absent)
    if (task?.includes(text) === true) faults.push(`the task contains ${JSON.stringify(text)}, which has to be absent`);
  return faults;
}

/** As a person reads it, or as it was sent. */
function contains(content: string, text: string): boolean {
  return content.includes(text) || readableText(content).includes(text);
}

function shown(calls: readonly MessengerCall[]): string {
  return calls.length === 0 ? "nothing was sent" : calls.map((call) => JSON.stringify(cut(readableText(call.content)))).join(", ");
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length > SHOWN ? `${characters.slice(0, SHOWN).join("")}…` : text;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
