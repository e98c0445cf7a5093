/** How often each door of a platform may be used by this process (LRK-85). Exact: no window ever holds more than its limit. */
import type { Notice, Transport } from "./notice.ts";

/** At most `count` uses in any `ms`. */
interface Window {
  readonly name: string;
  readonly count: number;
  readonly ms: number;
}

const MINUTE_MS = 60_000;

/** The windows that one notice counts in. */
export function windowsOf(driver: Transport["driver"] | "zulip", { chat_id, update_message_id }: Notice): readonly Window[] {
  if (driver !== "lark_app")
    return [
      { name: "bot second", count: 2, ms: 1_000 },
      { name: "bot minute", count: 60, ms: MINUTE_MS },
    ];
  return [
    { name: "app second", count: 20, ms: 1_000 },
    { name: "app minute", count: 600, ms: MINUTE_MS },
    { name: `chat ${chat_id ?? ""}`, count: 4, ms: 1_000 },
    ...(update_message_id === undefined ? [] : [{ name: `message ${update_message_id}`, count: 2, ms: 1_000 }]),
  ];
}

/** The uses that still count. */
export interface Rates {
  /** Milliseconds until one more use fits into all windows; 0 books it. */
  take(windows: readonly Window[], now_ms: number): number;
}

/** Rates of a process that has used nothing yet. */
export function freshRates(): Rates {
  const uses = new Map<string, number[]>();
  const waitFor = ({ name, count, ms }: Window, now_ms: number): number => {
    const recent = (uses.get(name) ?? []).filter((at) => now_ms - at < ms);
    if (recent.length === 0) uses.delete(name);
    else uses.set(name, recent);
    const first = recent.length < count ? undefined : recent[recent.length - count];
    return first === undefined ? 0 : Math.max(1, first + ms - now_ms);
  };
  return {
    take: (windows, now_ms) => {
      const wait = windows.reduce((longest, window) => Math.max(longest, waitFor(window, now_ms)), 0);
      if (wait === 0) for (const { name } of windows) uses.set(name, [...(uses.get(name) ?? []), now_ms]);
      return wait;
    },
  };
}
