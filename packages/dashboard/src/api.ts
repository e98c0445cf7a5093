/** Questions to the server that this page came from; it asks nobody else. */
import type {
  GoalDetail,
  MaterialRef,
  WindowCapabilities,
  WindowGoalsAnswer,
  WindowLoopsAnswer,
  WindowStatusAnswer,
} from "@loopx/core/domain";
import { tokenOf } from "./session.ts";

/** An answer that is none: what the server said, in its own words. */
export class Refused extends Error {
  readonly code: string;
  readonly hint: string;
  readonly status: number;
  constructor(status: number, code: string, message: string, hint: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

/** The headers of every question. */
export function asking(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const token = tokenOf();
  return { accept: "application/json", ...more, ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
}

async function answered<Answer>(response: Response): Promise<Answer> {
  const body = (await response.json()) as Answer & { ok: boolean; error?: { code: string; message: string; hint: string } };
  if (response.ok && body.ok) return body;
  const { code = "internal", message = "", hint = "" } = body.error ?? {};
  throw new Refused(response.status, code, message, hint);
}

async function get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  return answered(await fetch(path, { headers: asking(), cache: "no-store", ...(signal === undefined ? {} : { signal }) }));
}

/** A write or its dry run. */
export async function post<Answer>(path: string, body: object): Promise<Answer> {
  const headers = asking({ "content-type": "application/json" });
  return answered(await fetch(path, { method: "POST", headers, body: JSON.stringify(body), cache: "no-store" }));
}

export const getCapabilities = () => get<WindowCapabilities>("/");
export const getStatus = (url: string, lang: string) => get<WindowStatusAnswer>(`${url}?lang=${lang}`);
export const getGoals = (url: string, lang: string) => get<WindowGoalsAnswer>(`${url}?lang=${lang}`);
export const getLoops = (url: string) => get<WindowLoopsAnswer>(url);
export const getGoal = (goal_id: string, lang: string, signal: AbortSignal) =>
  get<GoalDetail & { ok: true }>(`/goals/${encodeURIComponent(goal_id)}.json?lang=${lang}`, signal);

/** The text of a goal's Markdown file. */
export const getMaterial = (url: string, goal_id: string, { below, path }: MaterialRef, signal: AbortSignal) =>
  get<{ text: string }>(`${url}?${new URLSearchParams({ goal_id, below, path }).toString()}`, signal);

/** The review packet with this machine's own paths; only with the token. */
export const getPacket = (goal_id: string, lang: string) =>
  post<{ packet: string; project_agent_handoff: string }>("/packet", { goal_id, lang });

/** What the roots that a shown command names are on this machine; only with the token. */
export const getPlaces = () => post<{ registry: string; runtime_root: string }>("/places", {});

/** The command that moves a goal on, exactly as it runs on this machine; only with the token. */
export const getCommand = (goal_id: string) => post<{ command: string }>("/command", { goal_id });

/** Hears of every change until it is stopped. Server-sent events, read by hand: the browser's own reader sends no token. */
export async function listen(url: string, hear: () => void, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { headers: { ...asking(), accept: "text/event-stream" }, cache: "no-store", signal });
  const reader = response.ok ? response.body?.pipeThrough(new TextDecoderStream()).getReader() : undefined;
  if (reader === undefined) throw new Refused(response.status, "unauthorized", "", "");
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    if (blocks.some((block) => block.includes("event: changed"))) hear();
  }
}
