/** One turn of a model as each client's protocol has it: the least that the client accepts (AGT-93). Pure but for fresh ids. */

/** Words, or one call of a tool. */
export type Turn = { readonly text: string } | { readonly tool: string; readonly of?: string | undefined; readonly input: object };

export interface ModelEvent {
  readonly event: string;
  readonly data: object;
}

let ids = 0;
const id = (kind: string): string => `${kind}_${(ids += 1)}`;

/** The Responses API, as codex reads it. */
export function codexEvents(turn: Turn): readonly ModelEvent[] {
  const response = id("resp");
  const item =
    "text" in turn
      ? { type: "message", id: id("msg"), role: "assistant", content: [{ type: "output_text", text: turn.text }] }
      : {
          type: "function_call",
          id: id("fc"),
          call_id: id("call"),
          name: turn.tool,
          namespace: turn.of,
          arguments: JSON.stringify(turn.input),
        };
  const usage = {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 10,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 110,
  };
  const events = [
    { type: "response.created", response: { id: response } },
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response: { id: response, usage } },
  ];
  return events.map((data) => ({ event: data.type, data }));
}

/** The Messages API, as claude reads it. */
export function claudeEvents(turn: Turn, model: string): readonly ModelEvent[] {
  const isCall = "tool" in turn;
  const block = isCall ? { type: "tool_use", id: id("toolu"), name: turn.tool, input: {} } : { type: "text", text: "" };
  const delta = isCall ? { type: "input_json_delta", partial_json: JSON.stringify(turn.input) } : { type: "text_delta", text: turn.text };
  const message = { id: id("msg"), type: "message", role: "assistant", model, content: [], stop_reason: null, stop_sequence: null };
  const events = [
    { type: "message_start", message: { ...message, usage: { input_tokens: 100, output_tokens: 1 } } },
    { type: "content_block_start", index: 0, content_block: block },
    { type: "content_block_delta", index: 0, delta },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: isCall ? "tool_use" : "end_turn", stop_sequence: null }, usage: { output_tokens: 10 } },
    { type: "message_stop" },
  ];
  return events.map((data) => ({ event: data.type, data }));
}

/** Chat completions, as openclaw reads them; the stream ends with a word that is no JSON. */
export function chatEvents(turn: Turn, model: string): readonly object[] {
  const chunk = (delta: object, more: object = {}): object => ({
    id: id("chat"),
    object: "chat.completion.chunk",
    model,
    choices: [{ index: 0, delta, finish_reason: null, ...more }],
  });
  const isCall = "tool" in turn;
  const called = isCall ? { name: turn.tool, arguments: JSON.stringify(turn.input) } : null;
  const delta = isCall ? { tool_calls: [{ index: 0, id: id("call"), type: "function", function: called }] } : { content: turn.text };
  const usage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };
  return [chunk({ role: "assistant", ...delta }), { ...chunk({}, { finish_reason: isCall ? "tool_calls" : "stop" }), usage }];
}
