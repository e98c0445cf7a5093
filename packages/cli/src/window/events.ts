/** Word to the page that something changed, as server-sent events: only revisions, never what changed. */
import type { Feed } from "./feed.ts";
import type { WindowAnswer } from "./answer.ts";

/** Fewer than the connections of the server, so that a request always finds one; the oldest listener makes room. */
const MAX_STREAMS = 24;
/** A line that says nothing, so that a dead connection is noticed. */
const BEAT_MS = 15_000;

export interface Events {
  /** A stream that begins with the revision as it is. */
  open(): WindowAnswer;
  /** Ends every stream. */
  close(): void;
}

export function openEvents(feed: Pick<Feed<unknown>, "listen">, every: (ms: number, act: () => void) => () => void): Events {
  const streams = new Set<() => void>();
  return {
    open: () => {
      const [oldest] = streams;
      if (streams.size >= MAX_STREAMS) oldest?.();
      let end = (): void => undefined;
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          const encoder = new TextEncoder();
          const send = (text: string): void => controller.enqueue(encoder.encode(text));
          const stopBeat = every(BEAT_MS, () => send(": still here\n\n"));
          const stopHearing = feed.listen((revision) => send(`event: changed\ndata: ${JSON.stringify({ revision })}\n\n`));
          end = () => {
            if (!streams.delete(end)) return;
            stopBeat();
            stopHearing();
            try {
              controller.close();
            } catch {
              // The reader was quicker.
            }
          };
          streams.add(end);
          send("retry: 1000\n\n");
        },
        cancel: () => end(),
      });
      return { status: 200, type: "events", body };
    },
    close: () => {
      for (const end of streams) end();
    },
  };
}
