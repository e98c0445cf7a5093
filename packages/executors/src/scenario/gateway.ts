/**
 * The port through which any bot can be driven (WTL-104): it takes a turn and answers what the bot did. It answers when the
 * bot is idle; nobody waits for a duration. `drivers/gateways/` holds the bots outside this program.
 */
import type { ScenarioSetup, Turn } from "./scenario.ts";

/** What is said to the bot. `round` is 0 for the turn itself and counts its automatic replies. */
export interface Message extends Pick<Turn, "sender_id" | "chat_id" | "content" | "chat_type" | "mock_response"> {
  readonly message_id: string;
  readonly round: number;
}

/** One call that the bot made to its messenger. `content` is as sent: plain text, or the messenger's JSON. */
export interface MessengerCall {
  readonly method: string;
  readonly content: string;
  readonly emoji_type?: string | undefined;
  readonly target?: string | undefined;
}

/** What the bot did with one message. */
export interface Reaction {
  readonly calls: readonly MessengerCall[];
  readonly executor: { readonly called: boolean; readonly task?: string | undefined };
  /** True: it asked something and waits for an answer. */
  readonly awaits_reply?: boolean | undefined;
}

/** One bot in one set-up, for one scenario. */
export interface Gateway {
  inject(message: Message, options: { readonly signal: AbortSignal }): Promise<Reaction>;
  close(): Promise<void>;
}

/** Makes a bot. A throw means that the scenario cannot be run. */
export type CreateGateway = (setup: ScenarioSetup) => Promise<Gateway> | Gateway;
