import { LoopxError } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { CONFIG_FLAGS } from "../options/installation.ts";
import { nearest } from "../parse/nearest.ts";
import { SETTING_KEYS, settingsOf } from "../settings.ts";

/** One setting; as Markdown only its value, for scripts (CMD-24). */
export async function run(call: Call<typeof CONFIG_FLAGS>): Promise<Answer> {
  const [wanted = ""] = call.words;
  const setting = settingsOf(call).settings.find(({ key }) => key === wanted.replaceAll("-", "_"));
  if (setting === undefined) {
    const near = nearest(wanted, SETTING_KEYS);
    throw new LoopxError("invalid_value", `there is no setting ${JSON.stringify(wanted)}`, {
      hint: near === null ? "loopx config list" : `did you mean: loopx config get ${near}`,
    });
  }
  const { key, value, origin } = setting;
  const origins = call.input.show_origin === true;
  return { payload: { key, value, ...(origins ? { origin } : {}) }, lines: () => [origins ? `${value ?? ""}\t${origin}` : (value ?? "")] };
}
