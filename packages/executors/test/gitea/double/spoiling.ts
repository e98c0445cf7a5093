/** What each fault does to an answer. */
import type { Context } from "hono";
import type { Bindings } from "@loopx/cli/http";
import type { Fault, Faults } from "./faults.ts";

const HTML = "<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>";
const HUGE = 9 * 1024 * 1024;
/** Faults that let the request through first. */
const AFTER: readonly Fault[] = ["reset_after", "torn_json", "null_list", "huge", "endless"];

/** The spoiled answer; null when this is not the moment for that fault. */
export async function spoil(
  fault: Fault,
  when: "before" | "after",
  c: Context<{ Bindings: Bindings }>,
  faults: Faults,
): Promise<Response | null> {
  if (AFTER.includes(fault) !== (when === "after")) return null;
  switch (fault) {
    case "429":
      return said(429, "too many requests", faults.retry_after === null ? {} : { "Retry-After": String(faults.retry_after) });
    case "500":
      return said(500, "database is locked");
    case "500_empty":
      return said(500, "");
    case "502_html":
      return new Response(HTML, { status: 502, headers: { "Content-Type": "text/html" } });
    case "html":
      return new Response(HTML, { status: 200, headers: { "Content-Type": "text/html" } });
    case "reset":
    case "reset_after":
      c.env.incoming.socket.destroy();
      return new Response(null, { status: 500 });
    case "hang":
      faults.onHang();
      return new Promise<Response>(() => undefined);
    case "redirect_away":
      return new Response(null, { status: 307, headers: { Location: "http://127.0.0.2:9/stolen" } });
    case "redirect_here":
      return new Response(null, { status: 307, headers: { Location: hereOf(c.req.url) } });
    case "huge":
      return new Response(`["${"x".repeat(HUGE)}"]`, { status: 200, headers: { "Content-Type": "application/json" } });
    case "endless":
      return new Response(JSON.stringify([endlessIssue(c.req.url)]), { status: 200, headers: { "X-Total-Count": "999999999" } });
    case "torn_json":
      return new Response('[{"id": 1, "num', { status: 200, headers: { "Content-Type": "application/json" } });
    case "null_list":
      return new Response("null", { status: 200, headers: { "Content-Type": "application/json" } });
  }
}

function said(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify({ message, url: "/api/swagger" }), {
    status,
    headers: { "Content-Type": "application/json; charset=UTF-8", ...headers },
  });
}

function hereOf(address: string): string {
  const { pathname, search } = new URL(address);
  return `${pathname}${search}`;
}

/** One more issue on each page. */
function endlessIssue(address: string): unknown {
  const number = Number(new URL(address).searchParams.get("page") ?? 1);
  return { number, title: "more", state: "open", labels: [], assignees: null, updated_at: "2026-11-21T09:00:00Z" };
}
