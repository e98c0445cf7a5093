import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { CLOSE, OPEN, type Size } from "./frame.ts";
import { watch, type Watched } from "./watch.ts";

/** A terminal of a test: what it was sent, and what stands on it. */
function terminal(size: Size) {
  const sent: string[] = [];
  let rows: string[] = [];
  let resized: (() => void) | null = null;
  const write = async (text: string): Promise<void> => {
    sent.push(text);
    const frame = /\u001b\[H([\s\S]*?)\u001b\[J/.exec(text)?.[1];
    if (frame !== undefined) rows = frame.split("\r\n").map((line) => line.replaceAll(/\u001b\[[0-9;]*[A-Za-z]/g, ""));
  };
  return {
    sent,
    rows: () => rows,
    resize: (to: Size) => {
      size = to;
      resized?.();
    },
    listening: () => resized !== null,
    write,
    screen: {
      size: () => size,
      onResize: (handler: () => void) => {
        resized = handler;
        return () => {
          resized = null;
        };
      },
    },
  };
}

/** Answers one after the other; `between` runs after each, and the last one ends the watch. */
function answers(frames: readonly (readonly string[])[], between: (at: number) => void = () => {}) {
  const stop = new AbortController();
  let asked = 0;
  const shown: Watched = {
    lines: async () => frames[asked++] ?? [],
    paint: async (text) => text,
    footer: () => "noon",
  };
  const pause = async (): Promise<void> => {
    between(asked);
    // What a change of size began is drawn meanwhile.
    await new Promise((resolve) => setImmediate(resolve));
    if (asked >= frames.length) stop.abort();
  };
  return { shown, pause, stop: stop.signal };
}

const LARGE = { columns: 40, rows: 10 };

describe("a watched answer on a terminal", () => {
  test("is drawn once for each change, in one write, and never cleared", async () => {
    const { sent, write, screen, rows } = terminal(LARGE);
    const { shown, pause, stop } = answers([["one", "two"], ["one", "two"], ["one"]]);
    await watch(shown, { screen, write, pause, stop });
    expect(sent).toHaveLength(4);
    expect([sent[0], sent.at(-1)]).toEqual([OPEN, CLOSE]);
    expect(sent.join("")).not.toContain("\u001b[2J");
    expect(rows()).toEqual(["one", "noon"]);
  });

  test("is drawn again at another size, cut to it, and follows no size afterwards", async () => {
    const shell = terminal(LARGE);
    const lines = ["# LoopX Status", "a line that is longer than twenty cells", "three", "four"];
    const seen: (readonly string[])[] = [];
    const { shown, pause, stop } = answers([lines, lines], (at) => {
      if (at === 1) shell.resize({ columns: 20, rows: 3 });
      else seen.push(shell.rows());
    });
    await watch(shown, { ...shell, pause, stop });
    expect(seen).toEqual([["# LoopX Status", "… 3 more lines", "noon"]]);
    expect(shell.listening()).toBe(false);
  });

  test("fits any terminal, ideographs too", async () => {
    const lines = ["目标:解析器,等待一个人回答", "👩‍👩‍👧 family", "plain", "x".repeat(200)];
    for (const columns of [1, 2, 7, 13, 80])
      for (const rows of [1, 2, 3, 50]) {
        const shell = terminal({ columns, rows });
        const { shown, pause, stop } = answers([lines]);
        await watch(shown, { ...shell, pause, stop });
        expect(shell.rows().length).toBeLessThanOrEqual(Math.max(2, rows));
        expect(shell.rows().filter((line) => stringWidth(line) > columns)).toEqual([]);
      }
  });

  test("is given back when asking fails", async () => {
    const { sent, write, screen } = terminal(LARGE);
    const shown: Watched = { lines: () => Promise.reject(new Error("a bug")), paint: async (text) => text, footer: () => "" };
    await expect(watch(shown, { screen, write, pause: async () => {}, stop: new AbortController().signal })).rejects.toThrow("a bug");
    expect(sent).toEqual([OPEN, CLOSE]);
  });
});

describe("without a terminal", () => {
  test("each changed answer is printed below the last, plain", async () => {
    const out: string[] = [];
    const { shown, pause, stop } = answers([["one"], ["one"], ["two"]]);
    await watch(shown, { screen: null, write: async (text) => void out.push(text), pause, stop });
    expect(out).toEqual(["one\n", "\ntwo\n"]);
  });
});
