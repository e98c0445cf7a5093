/**
 * Runs scenarios against a bot: one bot per scenario, its calls counted turn by turn. What a bot does wrong, a throw and
 * silence included, is an error of its scenario and never ends the run.
 */
import type { CreateGateway, Gateway, Message, MessengerCall, Reaction } from "./gateway.ts";
import { judgeTurn } from "./judge.ts";
import { skipped, type ScenarioReport, type TurnReport } from "./report.ts";
import type { Scenario, Turn } from "./scenario.ts";
import { isWanted, type Wanted } from "./select.ts";

/** What is said when a bot asks and no other text was given. */
const AUTO_REPLY = "ok";

/** Time, as a run needs it. */
export interface Timing {
  monotonicMs(): number;
  /** Ends early, without an error, when the signal is aborted. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** What `act` answers, or null when it took longer; its signal is aborted then. */
  within<Value>(ms: number, outer: AbortSignal, act: (signal: AbortSignal) => Promise<Value>): Promise<Value | null>;
}

/** What a run stands on. */
export interface RunGround {
  readonly create: CreateGateway;
  readonly timing: Timing;
  /** The longest a bot may take to answer one message, to start or to close. */
  readonly timeout_ms: number;
  readonly fail_fast: boolean;
  readonly signal: AbortSignal;
}

/** One report per scenario, in their order; those that are not wanted, or follow a failure with `fail_fast`, are skipped. */
export async function runScenarios(ground: RunGround, scenarios: readonly Scenario[], wanted: Wanted): Promise<ScenarioReport[]> {
  const reports: ScenarioReport[] = [];
  let over = false;
  for (const scenario of scenarios) {
    over ||= ground.signal.aborted;
    const report: ScenarioReport = over || !isWanted(scenario, wanted) ? skipped(scenario) : await runScenario(ground, scenario);
    over ||= ground.fail_fast && report.status === "fail";
    reports.push(report);
  }
  return reports;
}

async function runScenario(ground: RunGround, scenario: Scenario): Promise<ScenarioReport> {
  const { timing } = ground;
  const started = timing.monotonicMs();
  const errors: string[] = [];
  const turns: TurnReport[] = [];
  const gateway = await attempt(ground, errors, "the bot did not start", async () => ground.create(scenario.setup));
  if (gateway !== null) {
    for (const [at, turn] of scenario.turns.entries()) {
      const done = await runTurn(ground, gateway, scenario, turn, at + 1);
      turns.push(done.report);
      // Nobody knows what a bot that failed or is late still does, so nothing more is asked of it.
      if (!done.answered) break;
    }
    await attempt(ground, errors, "the bot did not close", async () => gateway.close());
  }
  const { name, file, tags } = scenario;
  const status = errors.length === 0 && turns.every((turn) => turn.errors.length === 0) ? "pass" : "fail";
  return { name, file, tags, status, duration_ms: Math.round(timing.monotonicMs() - started), turns, errors };
}

/** The value, or null with the reason among the errors. */
async function attempt<Value>(
  ground: RunGround,
  errors: string[],
  what: string,
  act: (signal: AbortSignal) => Promise<Value>,
): Promise<Value | null> {
  try {
    const done = await ground.timing.within(ground.timeout_ms, ground.signal, async (signal) => ({ value: await act(signal) }));
    if (done !== null) return done.value;
    errors.push(`${what} within ${ground.timeout_ms} ms`);
  } catch (error) {
    errors.push(`${what}: ${messageOf(error)}`);
  }
  return null;
}

async function runTurn(
  ground: RunGround,
  gateway: Gateway,
  scenario: Scenario,
  turn: Turn,
  index: number,
): Promise<{ readonly report: TurnReport; readonly answered: boolean }> {
  const { timing } = ground;
  if (turn.delay_ms > 0) await timing.pause(turn.delay_ms, ground.signal);
  const started = timing.monotonicMs();
  const faults: string[] = [];
  const reaction = await attempt(ground, faults, "the bot did not answer", async (signal) =>
    converse(gateway, turn, `${scenario.name}-${index}`, signal),
  );
  const duration = timing.monotonicMs() - started;
  const errors = reaction === null ? faults : judgeTurn(turn.assertions, reaction, duration);
  return {
    report: { index, duration_ms: Math.round(duration), calls: reaction?.calls.length ?? 0, errors },
    answered: reaction !== null,
  };
}

/** The turn, and the automatic replies while the bot asks; all its calls together. */
async function converse(gateway: Gateway, turn: Turn, defaultId: string, signal: AbortSignal): Promise<Reaction> {
  const { sender_id, chat_id, chat_type, mock_response, auto_reply = false, max_auto_reply_rounds, message_id = defaultId } = turn;
  const calls: MessengerCall[] = [];
  let executor: Reaction["executor"] = { called: false };
  for (let round = 0; ; round += 1) {
    const content = round === 0 ? turn.content : typeof auto_reply === "string" ? auto_reply : AUTO_REPLY;
    const id = round === 0 ? message_id : `${message_id}-reply-${round}`;
    const message: Message = { sender_id, chat_id, chat_type, mock_response, content, message_id: id, round };
    const reaction = await gateway.inject(message, { signal });
    calls.push(...reaction.calls);
    if (reaction.executor.called) executor = reaction.executor;
    const asks = reaction.awaits_reply === true;
    if (!asks || auto_reply === false || round >= max_auto_reply_rounds) return { calls, executor, awaits_reply: asks };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
