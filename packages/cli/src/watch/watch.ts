/**
 * An answer that stays on the screen: asked again at each interval, drawn again when it changed or the terminal has
 * another size, until somebody ends it. Without a terminal each changed answer is printed below the last.
 */
import { CLOSE, drawn, fitted, OPEN, type Size } from "./frame.ts";

/** The terminal behind standard output. */
export interface Screen {
  size(): Size;
  /** Calls the handler at each change of size; what it returns stops that. */
  onResize(handler: () => void): () => void;
}

export interface WatchPlace {
  /** Null where the answer goes to a file or a pipe. */
  readonly screen: Screen | null;
  readonly write: (text: string) => Promise<void>;
  /** Resolves after the interval. */
  readonly pause: () => Promise<void>;
  readonly stop: AbortSignal;
}

/** What is shown. */
export interface Watched {
  /** The answer as lines of text. */
  readonly lines: () => Promise<readonly string[]>;
  readonly paint: (text: string) => Promise<string>;
  /** The last line of the screen, such as when the answer was made. */
  readonly footer: () => string;
}

/** Shows the answer until it is stopped; a terminal is left as it was found, also when asking fails. */
export async function watch(shown: Watched, place: WatchPlace): Promise<void> {
  if (place.screen === null) return follow(shown, place);
  await place.write(OPEN);
  try {
    await redraw(shown, { ...place, screen: place.screen });
  } finally {
    await place.write(CLOSE);
  }
}

async function follow({ lines }: Watched, { write, pause, stop }: WatchPlace): Promise<void> {
  let last: string | null = null;
  while (!stop.aborted) {
    const text = `${(await lines()).join("\n")}\n`;
    if (text !== last) await write(last === null ? text : `\n${text}`);
    last = text;
    await pause();
  }
}

async function redraw({ lines, paint, footer }: Watched, { screen, write, pause, stop }: WatchPlace & { screen: Screen }): Promise<void> {
  let current: readonly string[] = [];
  let line = "";
  let last = "";
  const draw = async (): Promise<void> => {
    const text = fitted(current, line, screen.size()).join("\n");
    const frame = drawn((await paint(text)).split("\n"));
    if (frame !== last) await write(frame);
    last = frame;
  };
  // One frame after the other, whoever asks for it.
  let drawing = Promise.resolve();
  const redrawn = (): Promise<void> => (drawing = drawing.then(draw));
  const unwatch = screen.onResize(() => {
    // The terminal moved what stood on it: the same lines have to be drawn again. The loop's next frame tells a fault.
    last = "";
    redrawn().catch(() => {});
  });
  try {
    while (!stop.aborted) {
      current = await lines();
      line = footer();
      await redrawn();
      await pause();
    }
  } finally {
    unwatch();
  }
}
