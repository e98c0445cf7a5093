/**
 * Texts that reach the server (DSP-58). What an agent declared is data: nobody is called by it, no other issue is closed by
 * it, no mark of ours can be forged with it, and secrets do not pass. Pure.
 */
import type { DeclaredResult } from "../drivers/agents/declared-result.ts";

/** Who may be called, which issue may be closed, and what must not be told. */
export interface TextRules {
  readonly may_call: readonly string[];
  readonly may_close: number | null;
  readonly redact: (text: string) => string;
}

const TITLE = 200;
const SUMMARY = 10_000;

/** The text without calls, closings, comments and secrets that it may not have. */
export function safeText(text: string, { may_call, may_close, redact }: TextRules): string {
  const allowed = new Set(may_call.map((login) => login.toLowerCase()));
  return withoutComments(redact(text))
    .replaceAll(/(^|[^\p{L}\p{N}_@/.])@([A-Za-z0-9][A-Za-z0-9_.-]{0,99})/gu, (whole, before: string, login: string) =>
      allowed.has(login.toLowerCase().replace(/[.-]+$/, "")) ? whole : `${before}${login}`,
    )
    .replaceAll(
      /\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?|reopen(?:s|ed)?)(\s*:?\s+)([\w./-]{0,200})#(\d{1,12})/gi,
      (whole, word: string, gap: string, repo: string, number: string) =>
        repo === "" && Number(number) === may_close ? whole : `${word}${gap}${repo} ${number}`,
    );
}

/** Comments are how dispatchers speak to each other. One that never ends hides the rest, so its opening goes too. */
function withoutComments(text: string): string {
  let plain = text;
  for (let before = ""; before !== plain;) {
    before = plain;
    plain = plain.replaceAll(/<!--[\s\S]{0,20000}?-->/g, "").replaceAll(/<!-?-?|--!?>/g, (mark) => (mark === "<!" ? mark : ""));
  }
  return plain;
}

/** One line for a title. */
export function safeTitle(text: string, rules: TextRules): string {
  return safeText(text, rules).replaceAll(/\s+/g, " ").trim().slice(0, TITLE);
}

/** The mark by which a summary of a step is found again. */
export function summaryMark(item: string, step: string): string {
  return `<!-- loopx-summary ${item} ${step} -->`;
}

/** The mark by which a review of a claim is found again. */
export function reviewMark(claim_id: string): string {
  return `<!-- loopx-review ${claim_id} -->`;
}

/** Title and body of a pull; the body ends with what it closes. */
export function pullText(
  declared: DeclaredResult | null,
  of: { readonly number: number; readonly title: string },
  rules: TextRules,
): { readonly title: string; readonly body: string } {
  const title = safeTitle(declared?.pull_request?.title ?? declared?.commit_message?.subject ?? of.title, rules);
  const body = safeText(declared?.pull_request?.body ?? declared?.summary ?? "", { ...rules, may_close: null }).trim();
  return { title: title === "" ? `Work on #${of.number}` : title, body: `${body}\n\ncloses #${of.number}`.trim() };
}

/** Findings as a list, the worst first. */
export function findingsText(findings: NonNullable<DeclaredResult["findings"]>): string {
  const rank = ["blocker", "major", "minor"];
  return findings
    .toSorted((a, b) => rank.indexOf(a.severity) - rank.indexOf(b.severity))
    .map(
      ({ severity, path, line, message }) =>
        `- **${severity}** \`${path.replaceAll("`", "'")}${line === undefined ? "" : `:${line}`}\` ${message.replaceAll(/\s+/g, " ")}`,
    )
    .join("\n");
}

/** The body of a review: what was found, and its mark. */
export function reviewText(
  declared: DeclaredResult | null,
  of: { readonly claim_id: string; readonly sha: string },
  rules: TextRules,
): string {
  const { findings = [], summary = "", comment = "", outcome } = declared ?? {};
  const verdict =
    outcome === "pass"
      ? `Review passed at ${of.sha.slice(0, 12)}.`
      : `Review found ${findings.length} finding(s) at ${of.sha.slice(0, 12)}.`;
  const parts = [verdict, summary, comment, findingsText(findings)]
    .map((part) => safeText(part, rules).trim())
    .filter((part) => part !== "");
  return `${parts.join("\n\n").slice(0, SUMMARY)}\n\n${reviewMark(of.claim_id)}`;
}

/** The one comment of a step. */
export function summaryText(
  lines: { readonly heading: string; readonly parts: readonly string[] },
  mark: string,
  rules: TextRules,
): string {
  const parts = [lines.heading, ...lines.parts].map((part) => safeText(part, rules).trim()).filter((part) => part !== "");
  return `${parts.join("\n\n").slice(0, SUMMARY)}\n\n${mark}`;
}
