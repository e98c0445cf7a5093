/** One notice through one transport, with its retries and fallbacks (LRK-86). Everything that bounds it is counted here. */
import { fitCard, hasCallbacks, inertText } from "@loopx/lark-card";
import type { Timing } from "../scenario/run.ts";
import { nextOf } from "./answers.ts";
import type { Content, Notice, Notifier, Sent, Transport } from "./notice.ts";

/** Sends of one notice, all fallbacks included. */
const SENDS_LIMIT = 4;
const WAITS_MS = [1_000, 2_000, 4_000];
const RESET_LIMIT_MS = 30_000;
const JITTER = 0.2;
const REQUEST_LIMIT_MS = 10_000;
const SHORTER_BUDGET = { app: 14_336, webhook: 9_216 } as const;

/** Time and chance, as a sender needs them. */
export interface SendGround {
  readonly timing: Timing;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Waits until one more request may go out (LRK-85). */
  readonly turn: (notice: Notice, signal: AbortSignal) => Promise<void>;
  /** The idempotency key of a notice (LRK-58). */
  readonly uuidOf: (key: string) => string;
}

/** What has been used up. */
interface Spent {
  readonly sends: number;
  readonly fresh_token: boolean;
  readonly content: Content;
  readonly shortened: boolean;
}

/** A notifier over a transport. */
export function retryingNotifier(transport: Transport, ground: SendGround): Notifier {
  return { driver: transport.driver, send: async (notice, signal) => deliver(transport, notice, ground, signal) };
}

async function deliver(transport: Transport, notice: Notice, ground: SendGround, signal: AbortSignal): Promise<Sent> {
  let spent: Spent = { sends: 0, fresh_token: false, content: contentOf(notice, transport.driver), shortened: false };
  for (;;) {
    await ground.turn(notice, signal);
    if (signal.aborted) return failed("aborted", true, "the sender ended before the notice went out");
    const attempt = await ground.timing.within(REQUEST_LIMIT_MS, signal, (limit) =>
      transport.post(outgoingOf(notice, spent, ground), limit),
    );
    const next = nextOf(attempt ?? { kind: "unknown", detail: `no answer within ${REQUEST_LIMIT_MS / 1_000} s` }, transport.driver);
    if (next.kind === "sent") return { ok: true, message_id: next.message_id };
    if (next.kind === "failed") return failed(next.code, next.retryable, next.detail);
    const sends = spent.sends + 1;
    const after = sends >= SENDS_LIMIT ? null : spentAfter(next.kind, { ...spent, sends }, notice, transport);
    if (after === null) return failed(next.code, next.kind === "again", next.detail);
    if (next.kind === "again") {
      await ground.timing.pause(waitMs(next.wait_ms, sends, ground.random()), signal);
      if (signal.aborted) return failed(next.code, true, next.detail);
    }
    spent = after;
  }
}

/** What the next send is made of; null when that step was taken before. */
function spentAfter(
  step: "again" | "fresh_token" | "shorter" | "as_text",
  spent: Spent,
  notice: Notice,
  transport: Transport,
): Spent | null {
  switch (step) {
    case "again":
      return spent;
    case "fresh_token":
      if (spent.fresh_token) return null;
      transport.forgetToken?.();
      return { ...spent, fresh_token: true };
    case "shorter":
      if (spent.shortened) return asText(spent, notice);
      return { ...spent, shortened: true, content: shorterContent(spent.content, notice, transport.driver) };
    case "as_text":
      return asText(spent, notice);
  }
}

function asText(spent: Spent, notice: Notice): Spent | null {
  return spent.content.kind === "text" ? null : { ...spent, content: { kind: "text", text: notice.text } };
}

function contentOf(notice: Notice, driver: Transport["driver"]): Content {
  const { card } = notice;
  if (card === undefined) return { kind: "text", text: notice.text };
  // A custom bot hears no buttons, and a dead button is worse than none (LRK-33).
  if (driver === "lark_webhook" && hasCallbacks(card)) return { kind: "text", text: notice.text };
  const { cards, text } = fitCard(card, { transport: driver === "lark_app" ? "app" : "webhook" });
  const [fitted] = cards;
  return fitted === undefined ? { kind: "text", text: text ?? notice.text } : { kind: "card", card: fitted };
}

function shorterContent(content: Content, notice: Notice, driver: Transport["driver"]): Content {
  if (content.kind === "text") return { kind: "text", text: [...inertText(notice.text)].slice(0, 3_000).join("") };
  const transport = driver === "lark_app" ? "app" : "webhook";
  const [shorter] = fitCard(content.card, { transport, budget: SHORTER_BUDGET[transport] }).cards;
  return shorter === undefined ? { kind: "text", text: notice.text } : { kind: "card", card: shorter };
}

function outgoingOf(notice: Notice, { content }: Spent, ground: SendGround): Parameters<Transport["post"]>[0] {
  return {
    content,
    uuid: ground.uuidOf(notice.key),
    chat_id: notice.chat_id ?? null,
    reply_to: notice.reply_to ?? null,
    update_message_id: notice.update_message_id ?? null,
  };
}

/** The wait before the next send: what the platform asks for, within reason, or the usual one. */
function waitMs(asked: number | null, sends: number, chance: number): number {
  if (asked === null) return (WAITS_MS[sends - 1] ?? 4_000) * (1 - JITTER + 2 * JITTER * chance);
  return Math.min(asked, RESET_LIMIT_MS);
}

function failed(code: string, retryable: boolean, detail: string): Sent {
  return { ok: false, code, retryable, detail };
}
