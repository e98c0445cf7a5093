/** The tools as a Model Context Protocol server, over whatever transport it is given. */
import { Server, type Tool as Listed } from "@modelcontextprotocol/server";
import { serveStdio, StdioServerTransport, type StdioServerHandle } from "@modelcontextprotocol/server/stdio";
import { answerCall, type Surroundings } from "./answer.ts";
import { WRITES_NEED } from "./line-of.ts";
import { inputSchema } from "./input-schema.ts";
import type { Tool } from "./tools.ts";

const INSTRUCTIONS =
  "LoopX keeps goals that outlive this thread. Call should_run first: it says whether the goal may work now, on what, and who must act if not. " +
  "Only when execution_obligation.must_attempt_work is true, do one bounded piece of work, then refresh_state with what was made and what checked it.";

/** The tool as a client sees it. */
export function listing(tool: Tool): Listed {
  const annotations = { openWorldHint: false, ...(tool.writes ? { readOnlyHint: false, destructiveHint: false } : { readOnlyHint: true }) };
  return { name: tool.name, description: tool.description, inputSchema: inputSchema(tool), annotations };
}

/** A server of these tools that nothing is connected to yet. */
export function mcpServer(tools: readonly Tool[], place: Surroundings): Server {
  const server = new Server({ name: "loopx", version: place.io.version }, { capabilities: { tools: {} }, instructions: INSTRUCTIONS });
  server.setRequestHandler("tools/list", () => ({ tools: tools.map(listing) }));
  server.setRequestHandler("tools/call", async ({ params }) => {
    const tool = tools.find(({ name }) => name === params.name);
    if (tool === undefined) return unknownTool(params.name, tools);
    return { ...(await answerCall(tool, params.arguments ?? {}, place)) };
  });
  return server;
}

/** Serves on standard input and output until the client goes or the process is told to end; says which it was. */
export async function serveOnStandardStreams(tools: readonly Tool[], place: Surroundings): Promise<string> {
  const ended = await new Promise<{ by: string; handle: StdioServerHandle }>((resolve) => {
    const handle = serveStdio(() => mcpServer(tools, place), {
      transport: new StandardStreams(() => resolve({ by: "client", handle })),
      onerror: (error) => void place.io.write("stderr", `warning: ${error.message}\n`),
    });
    const giveBack = place.io.takeSignals((signal) => {
      giveBack();
      resolve({ by: signal, handle });
    });
  });
  await ended.handle.close();
  return ended.by;
}

/** Tells when the client closed its end. */
class StandardStreams extends StdioServerTransport {
  readonly #ended: () => void;

  constructor(ended: () => void) {
    super();
    this.#ended = ended;
  }

  override async close(): Promise<void> {
    await super.close();
    this.#ended();
  }
}

function unknownTool(name: string, tools: readonly Tool[]) {
  const reads = tools.every(({ writes }) => !writes);
  const known = tools.map((tool) => tool.name).join(", ");
  const text = `there is no tool ${JSON.stringify(name)}; this server has ${known}${reads ? `; ${WRITES_NEED}` : ""}`;
  return { content: [{ type: "text" as const, text }], isError: true };
}
