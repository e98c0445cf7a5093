/**
 * Calls of the API: made by openapi-fetch over our transport, repeated where that is safe, and answered by a checked value
 * or the typed error. Reads are repeated on passing faults; a write is tried once, because its caller has to look first
 * whether it happened (DSP-11).
 */
import createClient, { type Client } from "openapi-fetch";
import * as z from "zod/mini";
import type { ForgeAnswer, ForgeFailure, ForgeFault } from "../../gitea/forge.ts";
import type { Timing } from "../../scenario/run.ts";
import type { paths } from "./api.ts";
import { failure, failureOf, TransportFault } from "./faults.ts";
import { transportTo } from "./transport.ts";

const MOST_REPEATS = 3;
const FIRST_WAIT_MS = 500;
const PASSING: readonly ForgeFault[] = ["network", "timeout", "rate_limited", "server"];

/** One account on one server, and what time and chance are. */
export interface Account {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string;
  readonly timing: Pick<Timing, "within" | "pause">;
  readonly now: () => number;
  /** From 0 to 1; spreads repeats of many clients. */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** What openapi-fetch answers. */
export interface Raw {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly response: Response;
}

/** Makes one request. */
export type Asking = (client: Client<paths>) => Promise<Raw>;

/** An answer that was understood, with its headers. */
export interface Understood<Value> {
  readonly kind: "value";
  readonly value: Value;
  readonly headers: Headers;
}

/** Calls of one account. */
export interface Calls {
  /** A read: repeated on passing faults. */
  read<Value>(ask: Asking, shape: z.ZodMiniType<Value>): Promise<Understood<Value> | ForgeFailure>;
  /** A write: tried once. */
  write<Value>(ask: Asking, shape: z.ZodMiniType<Value>): Promise<ForgeAnswer<Value>>;
  /** Milliseconds by our clock. */
  now(): number;
}

/** The body is not looked at. */
export const NOTHING: z.ZodMiniType<null> = z.pipe(
  z.unknown(),
  z.transform(() => null),
);

/** The token stands in one header and nowhere else (DSP-S1). */
export function callsOf({ url, token, timing, now, random, signal }: Account): Calls {
  const client = createClient<paths>({
    baseUrl: `${url}/api/v1`,
    headers: { Authorization: `token ${token}`, Accept: "application/json" },
    fetch: transportTo({ origin: new URL(url).origin, timing, signal }),
  });
  const once = <Value>(ask: Asking, shape: z.ZodMiniType<Value>) => answerOf(ask(client), shape, [token]);
  return {
    now,
    write: async (ask, shape) => plain(await once(ask, shape)),
    read: async (ask, shape) => {
      for (let repeat = 0; ; repeat += 1) {
        const answer = await once(ask, shape);
        if (answer.kind === "value" || !PASSING.includes(answer.fault) || repeat === MOST_REPEATS || signal.aborted) return answer;
        await timing.pause(answer.retry_after_ms ?? FIRST_WAIT_MS * 2 ** repeat * (0.5 + random()), signal);
      }
    },
  };
}

/** The answer without its headers. */
export function plain<Value>(answer: Understood<Value> | ForgeFailure): ForgeAnswer<Value> {
  return answer.kind === "failed" ? answer : { kind: "value", value: answer.value };
}

async function answerOf<Value>(
  asked: Promise<Raw>,
  shape: z.ZodMiniType<Value>,
  secrets: readonly string[],
): Promise<Understood<Value> | ForgeFailure> {
  try {
    const { data, error, response } = await asked;
    const failed = failureOf(response, error, secrets);
    if (failed !== null) return failed;
    const read = shape.safeParse(data ?? null);
    if (read.success) return { kind: "value", value: read.data, headers: response.headers };
    const where = read.error.issues[0]?.path.join(".") ?? "";
    return failure("bad_answer", `the answer is not of the expected form${where === "" ? "" : ` at ${where}`}`, response.status);
  } catch (error) {
    if (error instanceof TransportFault) return { ...failure(error.fault, error.message), ...(error.too_large ? { too_large: true } : {}) };
    if (error instanceof SyntaxError) return failure("bad_answer", "the answer is no JSON");
    throw error;
  }
}
