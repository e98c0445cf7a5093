/**
 * How smoothly a page scrolls, frame by frame, in the browser's own time. Two pages are measured in turns, so that what
 * else the machine does meets both, and of each the best round counts: what a page does badly, it does badly in every round.
 */
import type { Page } from "playwright-core";

export interface Scroll {
  readonly frames: number;
  readonly middle_ms: number;
  /** The part of the frames that came later than one and a half of the middle frame. */
  readonly late: number;
  readonly longest_ms: number;
  /** Work of the page's own thread a frame: script, style, layout, paint. */
  readonly work_ms: number;
  /** Elements in the page, at most. */
  readonly elements: number;
}

const FRAMES = 60;
const STEP_PX = 190;
const GIVE_UP_MS = 20_000;

/** Down and up again, a good screen every four frames; the last place is the first one. */
const SCROLL = `new Promise((resolve) => {
  const gaps = [];
  let elements = 0, last = 0;
  const frame = (now) => {
    if (last > 0) gaps.push(now - last);
    last = now;
    elements = Math.max(elements, document.getElementsByTagName("*").length);
    scrollBy(0, gaps.length < ${FRAMES / 2} ? ${STEP_PX} : -${STEP_PX});
    if (gaps.length < ${FRAMES}) requestAnimationFrame(frame);
    else resolve({ gaps, elements });
  };
  requestAnimationFrame(frame);
  // A page that is not drawn at all counts as late, and hangs nobody.
  setTimeout(() => resolve({ gaps, elements }), ${GIVE_UP_MS});
})`;

async function scrolled(page: Page): Promise<Scroll> {
  await page.bringToFront();
  const devtools = await page.context().newCDPSession(page);
  const worked = async (): Promise<number> => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0) * 1_000;
  };
  await devtools.send("Performance.enable");
  const before = await worked();
  const { gaps, elements } = await page.evaluate<{ gaps: number[]; elements: number }>(SCROLL);
  const work_ms = ((await worked()) - before) / FRAMES;
  await devtools.detach();
  const middle_ms = gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? GIVE_UP_MS;
  const inTime = gaps.filter((gap) => gap <= middle_ms * 1.5).length;
  const longest_ms = gaps.length === 0 ? GIVE_UP_MS : Math.max(...gaps);
  return { frames: gaps.length, middle_ms, late: 1 - inTime / FRAMES, longest_ms, work_ms, elements };
}

/** The best of some rounds of each, taken in turns, until one is good enough. */
export async function scrolledInTurns(
  pages: readonly [Page, Page],
  isEnough: (best: readonly [Scroll, Scroll]) => boolean,
  rounds = 5,
): Promise<readonly [Scroll, Scroll]> {
  let best: readonly [Scroll, Scroll] | null = null;
  for (let round = 0; round < rounds && (best === null || !isEnough(best)); round++) {
    const now: readonly [Scroll, Scroll] = [await scrolled(pages[0]), await scrolled(pages[1])];
    best = best === null ? now : [better(best[0], now[0]), better(best[1], now[1])];
  }
  if (best === null) throw new Error("no round was asked for");
  return best;
}

function better(a: Scroll, b: Scroll): Scroll {
  return {
    frames: b.frames,
    middle_ms: Math.min(a.middle_ms, b.middle_ms),
    late: Math.min(a.late, b.late),
    longest_ms: Math.min(a.longest_ms, b.longest_ms),
    work_ms: Math.min(a.work_ms, b.work_ms),
    elements: Math.max(a.elements, b.elements),
  };
}
