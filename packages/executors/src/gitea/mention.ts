/**
 * Who is spoken to in a Markdown text (DSP-26), and the commands in it (DSP-29). Code, quotes, comments and link targets are
 * what somebody shows, not what they say. One pass over the lines; no pattern here can take more than linear time. Pure.
 */
export type CommandWord = "retry" | "stop" | "review" | "status";

export interface Spoken {
  /** `hidden`: only where nobody is spoken to: code, a quote, a comment, a link's target. */
  readonly mention: "said" | "hidden" | "none";
  readonly commands: readonly CommandWord[];
}

const COMMANDS: ReadonlySet<string> = new Set<CommandWord>(["retry", "stop", "review", "status"]);
/** Longer texts are looked at up to here. */
const TEXT_LIMIT = 200_000;

/** What the text says to that login. */
export function spokenTo(text: string, login: string): Spoken {
  const cut = text.slice(0, TEXT_LIMIT).replaceAll("\r\n", "\n");
  if (!mentions(cut, login)) return { mention: "none", commands: [] };
  const plain = plainText(cut);
  if (!mentions(plain, login)) return { mention: "hidden", commands: [] };
  return { mention: "said", commands: commandsIn(plain, login) };
}

function commandsIn(plain: string, login: string): readonly CommandWord[] {
  const wanted = `@${login.toLowerCase()}`;
  return plain.split("\n").flatMap((line) => {
    const [name = "", word = "", ...more] = line.trim().toLowerCase().split(/\s+/);
    return name === wanted && more.length === 0 && isCommand(word) ? [word] : [];
  });
}

function isCommand(word: string): word is CommandWord {
  return COMMANDS.has(word);
}

/** `@login` that stands alone: no part of an address, a path or a longer name. */
function mentions(text: string, login: string): boolean {
  const wanted = `@${login.toLowerCase()}`;
  const lower = text.toLowerCase();
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, at + 1)) {
    const before = at === 0 ? "" : lower.slice(Math.max(0, at - 2), at);
    const after = lower.slice(at + wanted.length, at + wanted.length + 2);
    if (!/[\p{L}\p{N}_@/.]$/u.test(before) && !/^[\p{L}\p{N}_-]/u.test(after)) return true;
  }
  return false;
}

/** The text without what is only shown. */
export function plainText(text: string): string {
  return withoutLinkTargets(withoutInlineCode(withoutBlocks(withoutHtmlComments(text))));
}

/** A comment that never ends hides the rest. */
function withoutHtmlComments(text: string): string {
  let plain = "";
  let from = 0;
  for (;;) {
    const open = text.indexOf("<!--", from);
    if (open === -1) return plain + text.slice(from);
    plain += text.slice(from, open);
    const close = text.indexOf("-->", open + 4);
    if (close === -1) return plain;
    from = close + 3;
  }
}

/** Fenced and indented code, and quotes with the lines that lazily go on with them. */
function withoutBlocks(text: string): string {
  const kept: string[] = [];
  let fence: string | null = null;
  let before: "blank" | "text" | "quote" | "code" = "blank";
  for (const line of text.split("\n")) {
    const marker = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== null) {
      if (marker !== undefined && marker.startsWith(fence) && line.trim() === marker) fence = null;
      before = "blank";
    } else if (marker !== undefined && !(marker.startsWith("`") && line.trim().slice(marker.length).includes("`"))) fence = marker;
    else if (line.trim() === "") before = before === "code" ? "code" : "blank";
    else if (/^ {0,3}>/.test(line) || (before === "quote" && !/^ {0,3}(?:[-*+#]|\d+[.)])/.test(line))) before = "quote";
    else if (/^(?: {4}|\t)/.test(line) && (before === "blank" || before === "code")) before = "code";
    else {
      kept.push(line);
      before = "text";
      continue;
    }
    kept.push("");
  }
  return kept.join("\n");
}

/** Spans between runs of backticks of one length. */
function withoutInlineCode(text: string): string {
  const runs = [...text.matchAll(/`+/g)].map(({ 0: run, index }) => ({ length: run.length, index }));
  /** The next run of the same length, looked for once per length. */
  const ahead = new Map<number, number[]>();
  for (const [position, { length }] of runs.entries()) {
    const same = ahead.get(length);
    if (same === undefined) ahead.set(length, [position]);
    else same.push(position);
  }
  /** How many of each length lie behind. */
  const behind = new Map<number, number>();
  let plain = "";
  let from = 0;
  for (let at = 0; at < runs.length; at += 1) {
    const run = runs[at];
    if (run === undefined || run.index < from) continue;
    const same = ahead.get(run.length) ?? [];
    let next = behind.get(run.length) ?? 0;
    while ((same[next] ?? Infinity) <= at) next += 1;
    behind.set(run.length, next);
    const close = runs[same[next] ?? -1];
    if (close === undefined) continue;
    plain += `${text.slice(from, run.index)} `;
    from = close.index + close.length;
  }
  return plain + text.slice(from);
}

/** `](target)`, `<https://…>` and bare addresses. */
function withoutLinkTargets(text: string): string {
  return text
    .replaceAll(/\]\([^()\n]{0,2000}\)/g, "] ")
    .replaceAll(/^ {0,3}\[[^\]\n]{1,200}\]:[^\n]{0,2000}$/gm, " ")
    .replaceAll(/<?\bhttps?:\/\/[^\s<>]{1,2000}>?/g, " ");
}
