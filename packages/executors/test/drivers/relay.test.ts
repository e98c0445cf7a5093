/** The relay: an agent reaches its model with a token that is worth nothing elsewhere, and never sees the key (AGT-81 to AGT-83). */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { modelAccess, openRelay, type OpenRelay, type RelayLine } from "../../src/drivers/agents/relay.ts";

const KEY = ["model", "key", "0a1b2c3d"].join("-");

let model: Server;
let seen: { readonly path: string; readonly headers: IncomingMessage["headers"]; readonly body: string }[];
let answer: (response: ServerResponse) => void;
let relay: OpenRelay;
let lines: RelayLine[];
let base: string;

beforeEach(async () => {
  seen = [];
  lines = [];
  answer = (response) => response.writeHead(200, { "content-type": "application/json", "set-cookie": "a=b" }).end('{"ok":true}');
  model = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      seen.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(parts).toString() });
      answer(response);
    });
  }).listen(0, "127.0.0.1");
  await once(model, "listening");
  base = `http://127.0.0.1:${(model.address() as AddressInfo).port}`;
  relay = await openRelay({ base_url: base, key: KEY }, (line) => lines.push(line));
});
afterEach(async () => {
  await relay.close();
  model.closeAllConnections();
  model.close();
});

const bearer = () => ({ authorization: `Bearer ${relay.token}` });
const ask = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${relay.port}${path}`, init);
const post = (path: string, headers: Record<string, string>, body = "{}") => ask(path, { method: "POST", headers, body });

describe("the relay", () => {
  it("hands a request on with the key in the place of the token, and its answer back, for both kinds of clients", async () => {
    const one = await post("/v1/responses?stream=true", { ...bearer(), "openai-beta": "x", cookie: "c=1" }, '{"input":"hi"}');
    expect([one.status, await one.json(), one.headers.get("set-cookie")]).toEqual([200, { ok: true }, null]);
    expect(seen[0]).toMatchObject({
      path: "/v1/responses?stream=true",
      headers: { authorization: `Bearer ${KEY}`, "openai-beta": "x" },
      body: '{"input":"hi"}',
    });
    expect(seen[0]?.headers["cookie"]).toBeUndefined();
    await post("/v1/messages", { "x-api-key": relay.token });
    expect([seen[1]?.headers["x-api-key"], seen[1]?.headers["authorization"]]).toEqual([KEY, undefined]);
    expect((await ask("/v1/models", { headers: bearer() })).status).toBe(200);
    expect(JSON.stringify(seen)).not.toContain(relay.token);
  });

  it("puts the paths below a base that has a version of its own", async () => {
    await relay.close();
    relay = await openRelay({ base_url: `${base}/api/v3`, key: KEY }, (line) => lines.push(line));
    await post("/v1/chat/completions", bearer());
    expect(seen[0]?.path).toBe("/api/v3/chat/completions");
  });

  it("streams: the beginning of an answer is there before its end", async () => {
    let end = (): void => {};
    answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: one\n\n");
      end = () => response.end("data: two\n\n");
    };
    const reader = (await post("/v1/responses", bearer())).body?.getReader();
    const first = await reader?.read();
    expect(Buffer.from(first?.value ?? []).toString()).toBe("data: one\n\n");
    end();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("data: two\n\n");
  });

  it.each<[number, string, string, (token: string) => Record<string, string>]>([
    [401, "POST", "/v1/responses", () => ({})],
    [401, "POST", "/v1/responses", () => ({ authorization: "Bearer wrong" })],
    [404, "POST", "/v1/files", (token) => ({ authorization: `Bearer ${token}` })],
    [404, "GET", "/", (token) => ({ authorization: `Bearer ${token}` })],
    [404, "POST", "/v1/responses/../files", (token) => ({ authorization: `Bearer ${token}` })],
    [405, "GET", "/v1/responses", (token) => ({ authorization: `Bearer ${token}` })],
    [405, "DELETE", "/v1/models", (token) => ({ authorization: `Bearer ${token}` })],
    [421, "GET", "/v1/models", (token) => ({ authorization: `Bearer ${token}`, host: "evil.example" })],
    [403, "GET", "/v1/models", (token) => ({ authorization: `Bearer ${token}`, origin: "http://evil.example" })],
  ])("answers %s to %s %s and asks the model nothing (%#)", async (status, method, path, headers) => {
    const { port, token } = relay;
    const answered = await new Promise<number>((resolve, reject) => {
      httpRequest({ host: "127.0.0.1", port, method, path, headers: headers(token) }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on("error", reject)
        .end();
    });
    expect([answered, seen]).toEqual([status, []]);
  });

  it("says that the model cannot be reached, follows no redirect, and hands its refusals on", async () => {
    answer = (response) => response.writeHead(302, { location: "https://example.com" }).end();
    expect((await post("/v1/responses", bearer())).status).toBe(502);
    answer = (response) => response.writeHead(429, { "retry-after": "3" }).end("{}");
    const limited = await post("/v1/responses", bearer());
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "3"]);
    answer = (response) => void response.socket?.destroy();
    expect((await post("/v1/responses", bearer())).status).toBe(502);
  });

  it("tells of each request its place and size, and nothing of what was said", async () => {
    await (await post("/v1/responses", { ...bearer(), "x-private": "planted-header" }, '{"input":"planted-body"}')).text();
    expect(lines).toEqual([{ method: "POST", path: "/v1/responses", status: 200, bytes: 11, ms: expect.any(Number) }]);
    expect(JSON.stringify(lines)).not.toMatch(/planted|token|key/);
  });

  it("is gone with its run, answers that stream included", async () => {
    answer = (response) => void response.writeHead(200).write("data");
    const open = await post("/v1/responses", bearer());
    await relay.close();
    await expect(open.text()).rejects.toThrow();
    await expect(post("/v1/responses", bearer())).rejects.toThrow();
  });

  it("has another token each time", async () => {
    const other = await openRelay({ base_url: base, key: KEY }, () => {});
    expect(other.token).not.toBe(relay.token);
    await other.close();
  });
});

describe("its settings", () => {
  const folder = mkdtempSync(join(tmpdir(), "loopx-relay-"));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("take the key from a variable, or from a file that nobody else reads", () => {
    expect(modelAccess({ LOOPX_MODEL_BASE_URL: "https://api.example.com/v1/", LOOPX_MODEL_KEY: KEY })).toEqual({
      base_url: "https://api.example.com/v1",
      key: KEY,
    });
    const file = join(folder, "key");
    writeFileSync(file, `${KEY}\n`, { mode: 0o600 });
    expect(modelAccess({ LOOPX_MODEL_BASE_URL: base, LOOPX_MODEL_KEY_FILE: file }).key).toBe(KEY);
  });

  it.each<[Record<string, string>, string]>([
    [{ LOOPX_MODEL_KEY: KEY }, "LOOPX_MODEL_BASE_URL"],
    [{ LOOPX_MODEL_KEY: KEY, LOOPX_MODEL_BASE_URL: "http://api.example.com" }, "LOOPX_MODEL_BASE_URL"],
    [{ LOOPX_MODEL_KEY: KEY, LOOPX_MODEL_BASE_URL: "https://user:word@api.example.com" }, "LOOPX_MODEL_BASE_URL"],
    [{ LOOPX_MODEL_BASE_URL: "https://api.example.com" }, "LOOPX_MODEL_KEY"],
    [{ LOOPX_MODEL_BASE_URL: "https://api.example.com", LOOPX_MODEL_KEY: "two words" }, "LOOPX_MODEL_KEY"],
    [{ LOOPX_MODEL_BASE_URL: "https://api.example.com", LOOPX_MODEL_KEY_FILE: "/nowhere" }, "LOOPX_MODEL_KEY_FILE"],
  ])("that are wrong name the variable and not its value: %j", (env, variable) => {
    expect(() => modelAccess(env)).toThrow(expect.objectContaining({ code: "config_invalid", details: { variable } }));
    expect(() => modelAccess(env)).not.toThrow(new RegExp(`${KEY}|word|nowhere`));
  });
});
