import { LoopxError } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import { listing, serveOnStandardStreams } from "../mcp/server.ts";
import { toolsFor } from "../mcp/tools.ts";
import type { MCP_FLAGS } from "../options/installation.ts";
import { fields, title } from "../render/markdown.ts";

/** Serves the tools on standard input and output until the client goes; `--list` only says which they are. */
export async function run({ input, globals, io }: Call<typeof MCP_FLAGS>): Promise<Answer> {
  const tools = toolsFor(input.allow_writes === true);
  if (input.list === true) {
    const payload = { tools: tools.map(listing) };
    return {
      payload,
      lines: () => [title("MCP tools"), ...payload.tools.map((tool) => `- ${tool.name}: ${tool.description}`)],
    };
  }
  if (globals.format_source === "flag" && globals.format === "json")
    throw new LoopxError("conflicting_flags", "loopx mcp speaks the Model Context Protocol on standard output, and has no other form", {
      hint: "loopx mcp --list --json shows the tools",
    });
  const payload = { ended_by: await serveOnStandardStreams(tools, { globals, io }) };
  // Standard output belonged to the client to the end.
  for (const line of fields(payload, ["ended_by"])) await io.write("stderr", `${line}\n`);
  return { payload, lines: () => [], verbatim: true };
}
