/** A Zulip that takes a message and says nothing is given up after its 15 s (LPR-31, LPR section 7), without waiting for them. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { sendZulip } from "../../src/drivers/notify/zulip.ts";

afterEach(() => vi.restoreAllMocks());

test("a Zulip that hangs has failed after 15 s, and its key stands in no answer", async () => {
  const limit = new AbortController();
  const asked: number[] = [];
  vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    asked.push(ms);
    return limit.signal;
  });
  // The time is over as soon as the message has come.
  const server = createServer(() => limit.abort(new DOMException("late", "TimeoutError")));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const key = ["key", "of", "a", "bot"].join("-");
    const settings = { site, email: "bot@example.org", key, type: "stream", to: "coding", topic: "runs" } as const;
    const sent = await sendZulip(settings, "go", new AbortController().signal);
    expect([sent, asked]).toEqual([{ kind: "failed", text: "Zulip did not answer within 15 s" }, [15_000]]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
