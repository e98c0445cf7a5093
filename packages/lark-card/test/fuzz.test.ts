/** No Markdown makes an invalid card, a mention, a foreign link or an open fence (LRK-2, LRK-40 to LRK-44, LRK-110 to LRK-115). */
import {
  buildGateCard,
  buildGateResolvedCard,
  buildHeartbeatCard,
  buildLarkMarkdownReplyCard,
  buildProgressCard,
  buildStatusCard,
  compactMarkdown,
  escapeText,
  fitCard,
  measure,
  sanitizeMarkdown,
  toAppMessage,
  toTextMessage,
  toWebhookMessage,
  type Card,
  type Dialect,
} from "../src/index.ts";
import { validateCard } from "../src/schema/index.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostileMarkdown } from "./hostile-markdown.ts";

const dialect = fc.constantFrom<Dialect>("1.0", "2.0");
const locale = fc.constantFrom<"en" | "zh">("en", "zh");

/** Every string of a card. */
function stringsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}

/** Every string that a client reads as Markdown. */
function markdownOf(card: Card): readonly string[] {
  if ("elements" in card) return card.elements.flatMap((element) => (element.tag === "div" ? [element.text.content] : []));
  return card.body.elements.flatMap((element) => (element.tag === "markdown" ? [element.content] : []));
}

/** Lines that begin with three backticks or more, counted by hand: odd means open. A block closes with its own length. */
function isBalanced(text: string): boolean {
  let open: string | null = null;
  for (const line of text.split("\n")) {
    const run = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
    if (run === null) continue;
    const [, marker = "", rest = ""] = run;
    if (open === null) {
      if (marker.startsWith("~") || !rest.includes("`")) open = marker;
    } else if (marker.startsWith(open) && rest.trim() === "") open = null;
  }
  return open === null;
}

function faultsOf(card: Card): readonly string[] {
  const texts = stringsOf(card);
  const markdown = markdownOf(card);
  const check = validateCard(card);
  return [
    ...(check.ok ? [] : check.issues.map(({ path, message }) => `${path}: ${message}`)),
    ...texts.filter((text) => /<\/?(?:at|person)/i.test(text)).map((text) => `mention: ${text}`),
    ...markdown.filter((text) => /\]\([ \t]*<?(?!https?:)(?:[a-z][a-z0-9+.-]*:|&)/i.test(text)).map((text) => `link: ${text}`),
    ...markdown.filter((text) => !isBalanced(text)).map((text) => `fence: ${text}`),
    ...texts
      .filter((text) => /[\u0000-\u0008\u000B-\u001F\u202A-\u202E\u2066-\u2069]|\p{Surrogate}/u.test(text))
      .map((text) => `raw: ${text}`),
    ...markdown.filter((text) => /&#\d{0,2}(?:\n\n)?\.\.\.truncated\.$/.test(text)).map((text) => `entity: ${text}`),
  ];
}

function isWithinBudgets(card: Card): boolean {
  const app = fitCard(card, { transport: "app" });
  const webhook = fitCard(card, { transport: "webhook" });
  return (
    app.cards.every((each) => measure(toAppMessage(each, { receive_id: `oc_${"x".repeat(64)}`, uuid: "u".repeat(50) })) <= 28_672) &&
    webhook.bytes.every((bytes) => bytes <= 20_000)
  );
}

describe("any Markdown", () => {
  it("gives a valid reply without a mention, in either dialect and at any limit: 10,000 times", () => {
    fc.assert(
      fc.property(hostileMarkdown, dialect, fc.integer({ min: 1, max: 400 }), (markdown, form, limit) => {
        const whole = buildLarkMarkdownReplyCard(markdown, { dialect: form, title: markdown, footer: markdown });
        const cut = buildLarkMarkdownReplyCard(markdown, { dialect: form, max_markdown_chars: limit });
        expect([...faultsOf(whole), ...faultsOf(cut)]).toEqual([]);
        expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
      }),
      { numRuns: 10_000 },
    );
  });

  it("is sanitised once and for all (LRK-42)", () => {
    fc.assert(
      fc.property(hostileMarkdown, dialect, (markdown, form) => {
        const once = sanitizeMarkdown(markdown, { dialect: form });
        expect(sanitizeMarkdown(once, { dialect: form })).toBe(once);
      }),
      { numRuns: 3_000 },
    );
  });

  it("is cut to any limit without a torn end or an open fence (LRK-21)", () => {
    fc.assert(
      fc.property(hostileMarkdown, fc.integer({ min: 1, max: 300 }), (markdown, limit) => {
        const safe = sanitizeMarkdown(markdown);
        const cut = compactMarkdown(safe, { max_chars: limit });
        expect([...cut].length).toBeLessThanOrEqual(limit);
        if ([...safe].length > limit && limit > 16) expect([cut.endsWith("\n\n...truncated."), isBalanced(cut)]).toEqual([true, true]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("any text", () => {
  it("in any field of any card gives a valid card of the right size", () => {
    const text = fc.option(hostileMarkdown);
    fc.assert(
      fc.property(text, text, text, hostileMarkdown, dialect, locale, (a, b, c, many, form, language) => {
        const shared = { goal_id: "g1", dialect: form, locale: language } as const;
        const question = `? ${many}`.slice(0, 1_000);
        const gate = { gate: "promote", question } as const;
        const cards = [
          buildStatusCard({
            ...shared,
            state: a,
            reason: b,
            recommended_action: c,
            agent_command: a,
            user_todos: { open_count: 9, next: [{ text: b }] },
          }),
          buildHeartbeatCard({
            ...shared,
            classification: "x",
            summary: a,
            recommended_action: b,
            delivery_evidence: { artifacts: [c, a], validation: b },
          }),
          buildProgressCard({
            ...shared,
            cycle_id: "c1",
            profile: "p",
            base_sha: "a".repeat(40),
            attempt: 1,
            max_attempts: 2,
            phases: [{ id: "build", state: "running", label: a, detail: b }],
            result: c,
            elapsed_seconds: 1,
          }),
          buildGateCard({
            ...shared,
            ...gate,
            summary: a,
            agent_command: `x${many}`.slice(0, 2_000),
            nonce: "0".repeat(32),
            expires_at: 1,
            callbacks: true,
          }),
          buildGateResolvedCard({ ...shared, ...gate, decision: "defer", decided_by: a, reason_summary: b, run_id: c }),
        ];
        for (const card of cards) {
          expect(faultsOf(card)).toEqual([]);
          expect(isWithinBudgets(card)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("escaped marks nothing up and mentions nobody (LRK-41)", () => {
    fc.assert(
      fc.property(hostileMarkdown, (text) => {
        const escaped = escapeText(text);
        expect(escaped).not.toMatch(/[<>*_~`[\]\\$]|^[ \t]*[#+-]|&(?!#\d\d;|sim;)(?=#?\w{1,32};)/m);
      }),
      { numRuns: 2_000 },
    );
  });

  it("of a message mentions nobody, and reaches its receiver alone (LRK-43, LRK-115)", () => {
    fc.assert(
      fc.property(hostileMarkdown, (text) => {
        const app = toTextMessage(text, { receive_id: "oc_given" });
        const webhook = toTextMessage(text);
        expect(Object.keys(JSON.parse(JSON.stringify(app.data)) as object)).toEqual(["receive_id", "msg_type", "content"]);
        expect(app.data.receive_id).toBe("oc_given");
        expect(JSON.stringify([app, webhook])).not.toMatch(/<\/?at/i);
      }),
    );
  });
});

describe("a reply of 200 kB", () => {
  const sentence = 'A **bold** `code` [link](https://example.com) & "quoted" <at id=all></at> 漢字 👨‍👩‍👧‍👦\n';
  const fenced = `# Log\n\n\`\`\`txt\n${"line & <at id=all> 漢字\n".repeat(8_000)}`;

  it.each([
    ["prose", sentence.repeat(2_000)],
    ["one open fence", fenced],
    ["CJK", "漢".repeat(70_000)],
    ["entities", "<x".repeat(100_000)],
    ["emoji", "👨‍👩‍👧‍👦".repeat(8_000)],
    ["tables", "|a|b|\n|-|-|\n|1|2|\n\n".repeat(9_000)],
  ])("of %s fits either way in either dialect, cut at a safe place (LRK-57)", (_, markdown) => {
    for (const form of ["1.0", "2.0"] as const) {
      const card = buildLarkMarkdownReplyCard(markdown, { dialect: form, max_markdown_chars: 100_000, footer: "f" });
      for (const overflow of ["truncate", "split"] as const) {
        const app = fitCard(card, { transport: "app", overflow });
        const webhook = fitCard(card, { transport: "webhook", overflow });
        expect(app.cards.length).toBeGreaterThan(0);
        for (const each of app.cards) expect(measure(toAppMessage(each, { receive_id: "oc_a" }))).toBeLessThanOrEqual(28_672);
        for (const each of webhook.cards)
          expect(measure(toWebhookMessage(each, { timestamp: "1700000000", sign: "s".repeat(44) }))).toBeLessThanOrEqual(18_432);
        expect([...app.cards, ...webhook.cards].flatMap(faultsOf)).toEqual([]);
      }
      const { text = "", bytes } = fitCard(card, { transport: "app", overflow: "text" });
      expect([text.length > 1_000, (bytes[0] ?? 0) <= 20_000]).toEqual([true, true]);
    }
  });
});
