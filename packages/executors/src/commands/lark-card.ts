import type { Answer, Call } from "@loopx/cli/program";
import { machineMoment } from "../drivers/clock.ts";
import { standardInput } from "../drivers/standard-input.ts";
import { cardOf, CARD_KINDS } from "../lark/cards.ts";
import type { LARK_CARD_FLAGS } from "../options/lark.ts";

/** The card on one line of standard output, so that a sender can be put behind it; `--json` says its size as well (LRK-96). */
export async function run(call: Call<typeof LARK_CARD_FLAGS>): Promise<Answer> {
  const { input, words, globals, io } = call;
  const kind = CARD_KINDS.find((each) => each === words[0]) ?? "reply";
  const { card, bytes } = await cardOf(kind, input, {
    host: call.host,
    markdown: async () => input.text ?? standardInput(),
    locale: globals.locale ?? "en",
    cwd: globals.cwd,
    now_ms: machineMoment(io.clock).ms,
  });
  return { payload: { kind, dialect: input.dialect, bytes, card }, lines: () => [JSON.stringify(card)], verbatim: true };
}
