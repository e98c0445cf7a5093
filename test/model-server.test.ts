/** The scripted model of the tests with real clients, asked as each client asks (AGT-90, AGT-91, AGT-93); no client is needed for that. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { VERSIONS } from "./real-clients/install.ts";
import { modelServer, type ModelServer } from "./real-clients/model-server.ts";

let model: ModelServer;
beforeEach(async () => {
  model = await modelServer();
});
afterEach(() => model.close());

const asked = async (path: string, body: object): Promise<{ status: number; text: string }> => {
  const answer = await fetch(`http://127.0.0.1:${model.port}${path}`, { method: "POST", body: JSON.stringify(body) });
  return { status: answer.status, text: await answer.text() };
};
const kinds = (text: string): string[] => [...text.matchAll(/^event: (.*)$/gm)].map(([, kind = ""]) => kind);

test("codex gets an answer's three events, and its shell by the name it has (AGT-93)", async () => {
  model.plan({ run: "true" }, { say: "done" });
  const first = await asked("/v1/responses", { tools: [{ type: "function", name: "exec_command" }] });
  expect(kinds(first.text)).toEqual(["response.created", "response.output_item.done", "response.completed"]);
  expect(first.text).toContain(String.raw`"name":"exec_command","arguments":"{\"cmd\":\"true\"}"`);
  // The last step is repeated.
  for (const _again of [1, 2]) expect((await asked("/v1/responses", { tools: [{ name: "shell" }] })).text).toContain('"text":"done"');
});

test("claude gets its six events; a request without tools uses no step, tokens are counted (AGT-93)", async () => {
  model.plan({ run: "ls" }, { status: 500 });
  expect((await asked("/v1/messages?beta=true", {})).text).toContain('"text":"ok"');
  const { text } = await asked("/v1/messages?beta=true", { tools: [{ name: "Bash" }] });
  expect(kinds(text)).toEqual([
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
  ]);
  expect(text).toContain('"stop_reason":"tool_use"');
  expect((await asked("/v1/messages", { tools: [{ name: "Bash" }] })).status).toBe(500);
  expect(JSON.parse((await asked("/v1/messages/count_tokens", {})).text)).toEqual({ input_tokens: 100 });
});

test("openclaw gets chunks, its usage and the end of the stream (AGT-93)", async () => {
  model.plan({ run: "ls" }, { say: "done" });
  const tools = [{ type: "function", function: { name: "exec" } }];
  const { text } = await asked("/v1/chat/completions", { tools });
  const chunks = text.split("\n\n").filter((part) => part !== "");
  expect(chunks.at(-1)).toBe("data: [DONE]");
  const [first, last] = chunks.slice(0, -1).map((part) => JSON.parse(part.slice(6)) as Record<string, unknown>);
  expect(first).toMatchObject({
    object: "chat.completion.chunk",
    choices: [{ delta: { tool_calls: [{ function: { name: "exec", arguments: '{"command":"ls"}' } }] } }],
  });
  expect(last).toMatchObject({ choices: [{ finish_reason: "tool_calls" }], usage: { total_tokens: 110 } });
  expect((await asked("/v1/chat/completions", { tools })).text).toContain('"content":"done"');
});

test("whoever asks for models gets a list; every request is kept as it came (AGT-93)", async () => {
  const models = await (await fetch(`http://127.0.0.1:${model.port}/v1/models`, { headers: { "x-api-key": "k" } })).json();
  expect(models).toMatchObject({ object: "list", data: [{ object: "model" }] });
  await asked("/v1/responses", { input: "every byte" });
  expect(model.requests.map(({ path, headers, text }) => [path, headers["x-api-key"] ?? "", text])).toEqual([
    ["/v1/models", "k", ""],
    ["/v1/responses", "", '{"input":"every byte"}'],
  ]);
});

test("the clients of those tests are of exactly one version each, and none is a part of this workspace (AGT-90, AGT-91)", async () => {
  expect(Object.values(VERSIONS).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  const { default: workspace } = (await import("../package-lock.json", { with: { type: "json" } })) as { default: { packages: object } };
  expect(Object.keys(workspace.packages).filter((name) => Object.keys(VERSIONS).some((each) => name.endsWith(each)))).toEqual([]);
});
