import { LoopxError } from "@loopx/core/domain";
import { fields, title, type Answer, type AnyCall } from "@loopx/cli/program";
import { readZulip, zulipSelf } from "../drivers/notify/zulip.ts";

/** Who Zulip says the bot is; `check_failed` when it does not know it (LPR-53). */
export async function run({ io }: AnyCall): Promise<Answer> {
  const found = readZulip(io.env, io.home);
  if (found.kind === "absent")
    throw new LoopxError("config_invalid", "Zulip is not configured", {
      hint: "set ZULIP_SITE, ZULIP_BOT_EMAIL and ZULIP_BOT_API_KEY, or write ~/.zuliprc",
    });
  if (found.kind === "faulty") throw new LoopxError("config_invalid", found.fault, { hint: "correct the Zulip variables" });
  const { site, email, type, to, topic } = found.settings;
  const self = await zulipSelf(found.settings, new AbortController().signal);
  const payload = {
    site,
    email,
    type,
    to,
    topic,
    bot: "name" in self ? self.name : null,
    warnings: found.warnings,
    ...("fault" in self
      ? {
          error: {
            code: "check_failed" as const,
            message: `Zulip does not know this bot: ${self.fault}`,
            hint: "correct the key",
            details: { site },
          },
        }
      : {}),
  };
  return { payload, lines: () => [title("Looper Zulip"), ...fields(payload, ["site", "email", "type", "to", "topic", "bot"])] };
}
