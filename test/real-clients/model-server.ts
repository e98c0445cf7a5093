/**
 * A model on loopback that says what a test has written down: for codex (`/v1/responses`), claude (`/v1/messages`) and openclaw
 * (`/v1/chat/completions`). One step is used for each main request, the last one again and again; every request is kept. It knows nothing of LoopX.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { chatEvents, claudeEvents, codexEvents, type ModelEvent, type Turn } from "./model-events.ts";

/** What the model does next. */
export type Step =
  /** Lets the client run this in its shell, whatever the client calls that. */
  | { readonly run: string }
  /** Calls a tool by its name, such as one of an MCP server. */
  | { readonly call: string; /** Codex's name of the server. */ readonly of?: string; readonly input: object }
  | { readonly say: string }
  /** Begins an answer and never ends it. */
  | { readonly hang: true }
  | { readonly status: number };

/** One request as it came. */
export interface ModelRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  readonly body: { readonly tools?: readonly Tool[]; readonly model?: string };
}

interface Tool {
  readonly name?: string;
  readonly type?: string;
  /** Chat completions name it here. */
  readonly function?: { readonly name?: string };
}

export interface ModelServer {
  readonly port: number;
  readonly requests: readonly ModelRequest[];
  /** What happens from now on. */
  plan(...steps: readonly Step[]): void;
  close(): Promise<void>;
}

/** The shells of clients and their versions, and how each is asked. */
const SHELLS: Readonly<Record<string, (command: string) => object>> = {
  exec_command: (cmd) => ({ cmd }),
  shell_command: (command) => ({ command }),
  shell: (command) => ({ command: ["bash", "-lc", command] }),
  Bash: (command) => ({ command, description: "a step of the test" }),
  exec: (command) => ({ command }),
  bash: (command) => ({ command }),
};

export async function modelServer(): Promise<ModelServer> {
  const requests: ModelRequest[] = [];
  let steps: readonly Step[] = [{ say: "ok" }];
  let at = 0;
  const server = createServer((request, response) => {
    void read(request).then((asked) => {
      requests.push(asked);
      const isMain = isModel(asked.path) && (asked.body.tools ?? []).length > 0;
      const step = isMain ? (steps[Math.min(at++, steps.length - 1)] ?? { say: "ok" }) : { say: "ok" };
      answer(asked, step, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    plan: (...next) => {
      steps = next;
      at = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const isModel = (path: string): boolean => ["/responses", "/messages", "/chat/completions"].some((end) => path.endsWith(end));

async function read(request: IncomingMessage): Promise<ModelRequest> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString("utf8");
  const body = text.startsWith("{") ? (JSON.parse(text) as ModelRequest["body"]) : {};
  return { path: (request.url ?? "").split("?")[0] ?? "", headers: request.headers, text, body };
}

function answer(asked: ModelRequest, step: Step, response: ServerResponse): void {
  if (asked.path.endsWith("/models"))
    return json(response, 200, { object: "list", data: [{ id: "scripted", object: "model" }], models: [] });
  if (asked.path.endsWith("/count_tokens")) return json(response, 200, { input_tokens: 100 });
  if (!isModel(asked.path)) return json(response, 404, { error: { message: "there is no such route" } });
  if ("status" in step)
    return json(response, step.status, { type: "error", error: { type: "api_error", message: "as the test wants it" } });
  if (asked.path.endsWith("/chat/completions")) return chat(asked, step, response);
  const eventsOf = asked.path.endsWith("/responses") ? codexEvents : claudeEvents;
  const events = eventsOf("hang" in step ? { text: "" } : turnOf(step, asked), asked.body.model ?? "scripted");
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  for (const event of "hang" in step ? events.slice(0, 1) : events) response.write(line(event));
  if (!("hang" in step)) response.end();
}

function chat(asked: ModelRequest, step: Exclude<Step, { status: number }>, response: ServerResponse): void {
  const chunks = chatEvents("hang" in step ? { text: "" } : turnOf(step, asked), asked.body.model ?? "scripted");
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  for (const chunk of "hang" in step ? chunks.slice(0, 1) : chunks) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  if (!("hang" in step)) response.end("data: [DONE]\n\n");
}

/** A shell is asked in its client's own words; a client without one is told so in words. */
function turnOf(step: Exclude<Step, { hang: true } | { status: number }>, { body }: ModelRequest): Turn {
  if ("say" in step) return { text: step.say };
  if ("call" in step) return { tool: step.call, of: step.of, input: step.input };
  const names = (body.tools ?? []).flatMap(({ name, type, function: called }) => called?.name ?? name ?? type ?? []);
  const shell = Object.keys(SHELLS).find((name) => names.includes(name));
  return shell === undefined ? { text: `no shell among ${names.join(" ")}` } : { tool: shell, input: SHELLS[shell]?.(step.run) ?? {} };
}

function line({ event, data }: ModelEvent): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
