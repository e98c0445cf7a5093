/** `loopx status --watch`: the status as it is now, asked anew at each interval. */
import { setTimeout as sleep } from "node:timers/promises";
import { LoopxError, status, type StatusInput } from "@loopx/core";
import type { Answer, AnyCall, LoopxHost } from "../call.ts";
import { paint, wantsColor } from "../paint.ts";
import { errorFields, errorLines, framed, shown } from "../print.ts";
import { renderStatus } from "../render/status.ts";
import { watch } from "./watch.ts";

/** Ends with 0 when it is told to end; what was on the terminal before is there again. */
export async function watchStatus(call: AnyCall, input: StatusInput, seconds: number): Promise<Answer> {
  const { globals, io } = call;
  if (globals.format === "json" && globals.format_source === "flag")
    throw new LoopxError("conflicting_flags", "--watch shows a page, and JSON is one document", {
      hint: "loopx status --json, as often as you like",
    });
  const { hostFor } = await import("../host.ts");
  // What is wrong at once is refused like without --watch; what goes wrong later is shown, and may pass.
  const first = await call.host();
  await status(first, input);
  const stop = new AbortController();
  const giveBack = io.takeSignals(() => stop.abort());
  const colored = wantsColor(globals, io, first.user_config.color);
  const open = (): LoopxHost => hostFor("loopx status --watch", globals, io);
  try {
    await watch(
      {
        lines: () => linesOf(open(), input, globals.quiet),
        paint: async (text) => (colored ? paint(text) : text),
        footer: () => `${clockTime(first)}, every ${seconds} s; Ctrl-C ends`,
      },
      {
        // A dumb terminal knows no places on its screen, so it gets each change below the last, as a file does.
        screen: io.env["TERM"] === "dumb" ? null : (io.screen?.() ?? null),
        write: (text) => io.write("stdout", text),
        pause: () => sleep(seconds * 1000, undefined, { signal: stop.signal }).catch(() => {}),
        stop: stop.signal,
      },
    );
  } finally {
    giveBack();
  }
  return { payload: {}, lines: () => [], verbatim: true };
}

async function linesOf(host: LoopxHost, input: StatusInput, quiet: boolean): Promise<readonly string[]> {
  try {
    return framed(renderStatus(await status(host, input)), host.places, quiet).map((line) => shown(line).replaceAll("\n", "\\n"));
  } catch (thrown) {
    return errorLines(errorFields(thrown)).trimEnd().split("\n");
  }
}

function clockTime({ clock }: LoopxHost): string {
  const now = clock.now();
  return new Date(now.getTime() + clock.utcOffsetMinutes(now) * 60_000).toISOString().slice(11, 19);
}
