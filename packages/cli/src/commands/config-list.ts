import type { Answer, Call } from "../call.ts";
import type { CONFIG_FLAGS } from "../options/installation.ts";
import { field, title } from "../render/markdown.ts";
import { settingsOf } from "../settings.ts";

/** Every setting in effect; with `--show-origin` where it came from (CMD-24). */
export async function run(call: Call<typeof CONFIG_FLAGS>): Promise<Answer> {
  const { settings, user_config } = settingsOf(call);
  const origins = call.input.show_origin === true;
  const entries = Object.entries(settings);
  const payload = {
    values: Object.fromEntries(entries.map(([key, { value }]) => [key, value])),
    ...(origins ? { origins: Object.fromEntries(entries.map(([key, { origin }]) => [key, origin])) } : {}),
    user_config,
  };
  const lines = (): string[] => [
    title("Config"),
    ...entries.flatMap(([key, { value, origin }]) => field(key, `${value ?? "none"}${origins ? ` (${origin})` : ""}`)),
    ...field("user_config", user_config),
  ];
  return { payload, lines };
}
