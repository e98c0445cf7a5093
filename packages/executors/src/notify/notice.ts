/**
 * What a loop tells people, and how the telling ended. A notice never changes what a loop does: a failure is a value that
 * somebody may look at later (LRK-80).
 */
import type { Card } from "@loopx/lark-card";

/** Where a notice goes, by its configuration or by what is set (LRK-81). */
export const NOTIFY_DRIVERS = ["lark_app", "lark_webhook", "zulip", "log", "none"] as const;
export type NotifyDriver = (typeof NOTIFY_DRIVERS)[number];

/** One thing to tell. */
export interface Notice {
  /** Unique per event; a second notice with it is the same one (LRK-58). */
  readonly key: string;
  /** `info` may be dropped when the queue is full; the others never are. */
  readonly level: "info" | "needs_person" | "resolved";
  readonly goal_id?: string;
  /** For drivers without cards, and when the card is refused. */
  readonly text: string;
  readonly card?: Card;
  /** The chat, where it is not the configured one. */
  readonly chat_id?: string;
  readonly reply_to?: string;
  readonly update_message_id?: string;
}

/** How the telling ended. */
export type Sent =
  | { readonly ok: true; readonly message_id: string | null; readonly deduplicated?: true }
  | { readonly ok: false; readonly code: string; readonly retryable: boolean; readonly detail: string };

/** A way to tell people. `send` never throws. */
export interface Notifier {
  readonly driver: NotifyDriver;
  send(notice: Notice, signal: AbortSignal): Promise<Sent>;
}

/** What is sent in one request: a card, or a text in its place. */
export type Content = { readonly kind: "card"; readonly card: Card } | { readonly kind: "text"; readonly text: string };

/** One request and its place. */
export interface Outgoing {
  readonly content: Content;
  readonly uuid: string;
  readonly chat_id: string | null;
  readonly reply_to: string | null;
  readonly update_message_id: string | null;
}

/** What came of one request. */
export type Attempt =
  | {
      readonly kind: "answer";
      readonly status: number;
      /** The platform's own code; null where the answer has none, or is no JSON. */
      readonly code: number | null;
      /** The platform's words, at most 200 characters. */
      readonly msg: string;
      readonly message_id: string | null;
      readonly retry_after_ms: number | null;
    }
  /** No connection: nothing was sent. */
  | { readonly kind: "not_sent"; readonly detail: string }
  /** The request went out and nothing came back: it may have been carried out. */
  | { readonly kind: "unknown"; readonly detail: string }
  /** It cannot be made at all. */
  | { readonly kind: "impossible"; readonly code: string; readonly detail: string };

/** One way to send, without retries. It never throws. */
export interface Transport {
  readonly driver: "lark_app" | "lark_webhook";
  post(outgoing: Outgoing, signal: AbortSignal): Promise<Attempt>;
  /** The next request asks for a new token. */
  forgetToken?(): void;
}
