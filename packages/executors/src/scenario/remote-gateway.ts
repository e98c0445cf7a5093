/**
 * A bot in another program, by documents of one shape whatever carries them (WTL-104): `open`, `inject` and `close`, each
 * answered once. What comes back is checked here; a broken answer is an error of its turn.
 */
import * as z from "zod/mini";
import type { CreateGateway, Message, Reaction } from "./gateway.ts";
import type { ScenarioSetup } from "./scenario.ts";

/** What is asked. `session` is one bot in one set-up; `id` counts the requests of one run. */
export type BotRequest = { readonly id: number; readonly session: string } & (
  | { readonly op: "open"; readonly setup: ScenarioSetup }
  | { readonly op: "inject"; readonly turn: Message }
  | { readonly op: "close" }
);

/** Carries a request to the bot and brings its answer, parsed and nothing more. Throws when there is none. */
export type Exchange = (request: BotRequest, signal: AbortSignal | null) => Promise<unknown>;

const ReactionSchema = z.looseObject({
  calls: z.array(
    z.looseObject({
      method: z.string(),
      content: z._default(z.string(), ""),
      emoji_type: z.optional(z.string()),
      target: z.optional(z.string()),
    }),
  ),
  executor: z._default(z.looseObject({ called: z.boolean(), task: z.optional(z.string()) }), { called: false }),
  awaits_reply: z.optional(z.boolean()),
});

const RefusalSchema = z.looseObject({ error: z.string() });

/** Bots over this exchange, one session each. */
export function remoteGateways(exchange: Exchange): CreateGateway {
  let requests = 0;
  let sessions = 0;
  return async (setup) => {
    const session = `scenario-${(sessions += 1)}`;
    const ask = async (
      request: { op: "open"; setup: ScenarioSetup } | { op: "inject"; turn: Message } | { op: "close" },
      signal: AbortSignal | null,
    ) => {
      const answer = await exchange({ id: (requests += 1), session, ...request }, signal);
      const refusal = RefusalSchema.safeParse(answer);
      if (refusal.success) throw new Error(refusal.data.error);
      return answer;
    };
    await ask({ op: "open", setup }, null);
    return {
      inject: async (turn, { signal }) => reactionOf(await ask({ op: "inject", turn }, signal)),
      close: async () => void (await ask({ op: "close" }, null)),
    };
  };
}

/** Throws with what is missing. */
export function reactionOf(answer: unknown): Reaction {
  const read = ReactionSchema.safeParse(answer);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "the answer" : issue.path.join(".");
  throw new Error(`a broken answer of the bot: ${where} is not as it has to be`);
}
