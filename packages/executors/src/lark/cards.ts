/** Cards of one goal, made from what the core answers about it. Nothing is sent and nothing is written. */
import { history, shouldRun, type Host } from "@loopx/core";
import { LoopxError, redact, type Locale } from "@loopx/core/domain";
import {
  buildGateCard,
  buildHeartbeatCard,
  buildLarkMarkdownReplyCard,
  buildStatusCard,
  fitCard,
  LarkCardError,
  type Card,
  type Dialect,
} from "@loopx/lark-card";

export const CARD_KINDS = ["reply", "status", "heartbeat", "gate"] as const;
export type CardKind = (typeof CARD_KINDS)[number];

const UNKNOWN_GOAL: ReadonlySet<string> = new Set(["goal_not_found", "registry_unreadable"]);

/** What a line may say about a card; each kind takes what it needs and refuses to go without. */
export interface CardWish {
  readonly goal_id?: string;
  readonly title?: string;
  readonly template?: string;
  readonly footer?: string;
  readonly gate?: string;
  readonly question?: string;
  readonly sha?: string;
  readonly expires_hours: number;
  readonly dialect: Dialect;
}

/** What a card is made of beside the wish. */
export interface CardGround {
  readonly host: () => Promise<Host>;
  /** For a reply: the Markdown, from the line or from standard input. */
  readonly markdown: () => Promise<string | null>;
  readonly locale: Locale;
  readonly cwd: string;
  readonly now_ms: number;
}

/** The card, within the limits of an app's message. A wrong wish ends the command. */
export async function cardOf(kind: CardKind, wish: CardWish, ground: CardGround): Promise<{ readonly card: Card; readonly bytes: number }> {
  const card = await checked(async () => build(kind, wish, ground));
  const { cards, bytes } = fitCard(card, { transport: "app" });
  const [fitted] = cards;
  if (fitted === undefined) throw new LoopxError("too_large", "the card is too large for a message", { hint: "shorten its texts" });
  return { card: fitted, bytes: bytes[0] ?? 0 };
}

async function build(kind: CardKind, wish: CardWish, ground: CardGround): Promise<Card> {
  const { dialect } = wish;
  const { locale } = ground;
  switch (kind) {
    case "reply":
      return buildLarkMarkdownReplyCard(told((await ground.markdown()) ?? ""), {
        dialect,
        locale,
        title: wish.title,
        footer: wish.footer,
        ...(wish.template === undefined ? {} : { template: wish.template as never }),
      });
    case "status": {
      const { verdict, error } = await shouldRun(await ground.host(), { goal_id: required(wish, "goal_id"), cwd: ground.cwd });
      // A goal that is not there has no status; one that is unwell has.
      if (error !== null && UNKNOWN_GOAL.has(verdict.rule)) throw new LoopxError(error.code, error.message, { hint: error.hint });
      return buildStatusCard({ ...told(verdict), dialect, locale });
    }
    case "heartbeat": {
      const goal_id = required(wish, "goal_id");
      const { runs } = await history(await ground.host(), { goal_id, limit: 1 });
      const [run] = runs;
      if (run === undefined)
        throw new LoopxError("run_not_found", `goal ${goal_id} has no run to report`, { hint: `loopx history -g ${goal_id}` });
      return buildHeartbeatCard({ ...told(run), dialect, locale });
    }
    case "gate":
      return buildGateCard({
        goal_id: required(wish, "goal_id"),
        gate: required(wish, "gate"),
        question: told(required(wish, "question")),
        ...(wish.sha === undefined ? {} : { sha: wish.sha }),
        // Nobody waits for a press of this card, so it has no buttons; the nonce stands for none.
        nonce: "0".repeat(32),
        callbacks: false,
        expires_at: Math.floor(ground.now_ms / 1_000) + wish.expires_hours * 3_600,
        dialect,
        locale,
      });
  }
}

/** The value with everything taken out of its texts that may not become public: a card leaves this machine. */
function told<Value>(value: Value): Value {
  const clean = (inner: unknown): unknown => {
    if (typeof inner === "string") return redact(inner, "projection");
    if (Array.isArray(inner)) return inner.map(clean);
    if (typeof inner !== "object" || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, each]) => [key, clean(each)]));
  };
  return clean(value) as Value;
}

function required(wish: CardWish, key: "goal_id" | "gate" | "question"): string {
  const value = wish[key];
  if (value !== undefined) return value;
  const flag = `--${key.replace("_", "-")}`;
  throw new LoopxError("usage", `this card needs ${flag}`, { hint: `add ${flag}`, details: { flag } });
}

/** A refusal of the card package as the command's own. */
async function checked(make: () => Promise<Card>): Promise<Card> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof LarkCardError)) throw error;
    throw new LoopxError("invalid_value", error.message, {
      details: { issues: error.issues.map((issue) => ({ ...issue })) },
      cause: error,
    });
  }
}
