/**
 * `@loopx/lark-card`: values of LoopX as cards for Lark and Feishu, and ids and button presses read back. Pure: no
 * network, no file, no clock, no randomness; the same input gives the same bytes. It loads in a browser. What needs
 * `node:crypto` is `@loopx/lark-card/crypto`, the schemas are `@loopx/lark-card/schema`.
 */
export { LarkCardError, type InputIssue } from "./input.ts";

// Cards.
export { buildGateResolvedCard, type GateResolvedInput } from "./cards/gate-resolved.ts";
export { buildGateCard, type GateInput } from "./cards/gate.ts";
export { buildHeartbeatCard, type HeartbeatInput } from "./cards/heartbeat.ts";
export { buildProgressCard, type ProgressInput } from "./cards/progress.ts";
export { buildLarkMarkdownReplyCard, type ReplyOptions } from "./cards/reply.ts";
export { buildStatusCard, type StatusInput } from "./cards/status.ts";

// What a card is.
export type { Card } from "./card/blocks.ts";
export { DIALECTS, GATE_ANSWERS, TEMPLATES, type Dialect, type GateAnswer, type GateValue, type Template } from "./card/words.ts";

// Texts.
export type { Text } from "./text/clean.ts";
export { compactMarkdown, compactPlainText, type CompactOptions } from "./text/compact.ts";
export { escapeText } from "./text/escape.ts";
export { inertText, sanitizeMarkdown, type SanitizeOptions } from "./text/sanitize.ts";

// Messages.
export {
  hasCallbacks,
  measure,
  toAppMessage,
  toReplyMessage,
  toTextMessage,
  toUpdateMessage,
  toWebhookMessage,
  type AppMessage,
  type AppTarget,
  type Envelope,
  type ReplyMessage,
  type ReplyTarget,
  type UpdateMessage,
  type UpdateTarget,
  type WebhookMessage,
  type WebhookSign,
} from "./message/envelopes.ts";
export { fitCard, type FitOptions, type Fitted } from "./message/fit.ts";
export { extractReplyMessageId, readReplyMessageId, type ReplyId, type ReplyIdOptions } from "./message/reply-id.ts";

// Presses.
export { parseCardAction, type CardAction, type ReadAction } from "./callback/action.ts";
export { decideGate, type GateDecision, type GatePolicy, type GateRefusal, type PendingGate } from "./callback/decide.ts";
