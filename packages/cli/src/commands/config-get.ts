import type { Answer, Call } from "../call.ts";
import type { CONFIG_FLAGS } from "../options/installation.ts";
import { settingsOf, type SettingKey } from "../settings.ts";

/** One setting; as Markdown only its value, for scripts (CMD-24). */
export async function run(call: Call<typeof CONFIG_FLAGS>): Promise<Answer> {
  const key = call.words[0] as SettingKey;
  const { value, origin } = settingsOf(call).settings[key];
  const origins = call.input.show_origin === true;
  return { payload: { key, value, ...(origins ? { origin } : {}) }, lines: () => [origins ? `${value ?? ""}\t${origin}` : (value ?? "")] };
}
