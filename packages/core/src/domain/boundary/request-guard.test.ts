import { describe, expect, test } from "vitest";
import { readJsonBody } from "./request-body.ts";
import {
  claimedLength,
  givenToken,
  guardRequest,
  headerPairs,
  isJsonType,
  MAX_QUERY_BYTES,
  targetOf,
  type RawHeaders,
} from "./request-guard.ts";
import { afterFailure, delayMs, type Failures } from "./wrong-tokens.ts";

const HOSTS = ["127.0.0.1:3456", "localhost:3456", "[::1]:3456"];
const OURS: RawHeaders = [["host", "127.0.0.1:3456"]];
const kindOf = (target: string, headers: RawHeaders = OURS, method = "GET", methods: readonly string[] | null = ["GET", "POST"]) =>
  guardRequest({ method, target, headers }, { methods, hosts: HOSTS })?.kind ?? null;

describe("a request to a server on this machine (REL-121 to REL-124)", () => {
  test.each<[string | null, string, RawHeaders]>([
    [null, "/run?a=b", OURS],
    [null, "/run", [["host", "LOCALHOST:3456"]]],
    [null, "/run", [...OURS, ["origin", "http://127.0.0.1:3456"], ["sec-fetch-site", "same-origin"]]],
    [null, "/run", [...OURS, ["sec-fetch-site", "none"]]],
    [null, `/run?${"q".repeat(MAX_QUERY_BYTES)}`, OURS],
    ["malformed", `/run?${"q".repeat(MAX_QUERY_BYTES + 1)}`, OURS],
    ["malformed", "http://127.0.0.1:3456/run", OURS],
    ["malformed", "*", OURS],
    ["malformed", "/\\..\\run", OURS],
    ["malformed", "/r\u00fcn", OURS],
    ["malformed", "/run", [...OURS, ...OURS]],
    ["malformed", "/run", [...OURS, ["content-length", "1"], ["content-length", "1"]]],
    ["malformed", "/run", [...OURS, ["content-length", "1"], ["transfer-encoding", "chunked"]]],
    ["host_refused", "/run", []],
    ["host_refused", "/run", [["host", "127.0.0.1"]]],
    ["host_refused", "/run", [["host", "127.0.0.1:3457"]]],
    ["host_refused", "/run", [["host", "127.0.0.1.evil.example:3456"]]],
    ["origin_refused", "/run", [...OURS, ["origin", "null"]]],
    ["origin_refused", "/run", [...OURS, ["origin", "http://127.0.0.1:3456"], ["origin", "http://evil.example"]]],
    ["origin_refused", "/run", [...OURS, ["origin", "https://127.0.0.1:3456"]]],
    ["origin_refused", "/run", [...OURS, ["sec-fetch-site", "same-site"]]],
  ])("%s: %s %j", (kind, target, headers) => {
    expect(kindOf(target, headers)).toBe(kind);
  });

  test("is judged by path, then method, then Host; a signed call of a remote service by its form only (REL-133)", () => {
    expect(kindOf("/none", [], "PUT", null)).toBe("not_found");
    expect(guardRequest({ method: "PUT", target: "/run", headers: [] }, { methods: ["GET", "POST"], hosts: HOSTS })).toEqual({
      kind: "method_not_allowed",
      status: 405,
      allow: "GET, POST",
    });
    const signed = { methods: ["POST"], hosts: null };
    expect(guardRequest({ method: "POST", target: "/c", headers: [["host", "public.example"]] }, signed)).toBeNull();
    expect(guardRequest({ method: "POST", target: "http://x/c", headers: [] }, signed)?.status).toBe(400);
  });

  test("has its path as it was sent", () => {
    expect(targetOf("/a/../b%2e?x=1?y")).toEqual({ path: "/a/../b%2e", query: "x=1?y" });
    expect(headerPairs(["Host", "a", "HOST", "b"])).toEqual([
      ["host", "a"],
      ["host", "b"],
    ]);
  });

  test.each<[string | null, RawHeaders]>([
    ["t", [["authorization", "Bearer t"]]],
    ["t", [["x-own", "t"]]],
    [
      "t",
      [
        ["authorization", "bearer t"],
        ["x-own", "t"],
      ],
    ],
    [
      null,
      [
        ["authorization", "Bearer t"],
        ["x-own", "u"],
      ],
    ],
    [
      null,
      [
        ["authorization", "Bearer t"],
        ["authorization", "Bearer t"],
      ],
    ],
    [null, [["authorization", "Bearer "]]],
    [null, [["authorization", "Basic t"]]],
    [null, [["authorization", "Bearer t u"]]],
    [null, []],
  ])("gives the token %s by %j (REL-125)", (token, headers) => {
    expect(givenToken(headers, "x-own")).toBe(token);
  });

  test("says what its body is, and how long", () => {
    const type = (value: string): RawHeaders => [["content-type", value]];
    expect(["application/json", "Application/JSON; charset=utf-8"].map((value) => isJsonType(type(value)))).toEqual([true, true]);
    expect(["application/json-patch+json", "text/plain", ""].map((value) => isJsonType(type(value)))).toEqual([false, false, false]);
    expect([isJsonType([]), isJsonType([...type("application/json"), ...type("application/json")])]).toEqual([false, false]);
    const length = (value: string) => claimedLength([["content-length", value]]);
    expect([claimedLength([]), length("12"), length("-1"), length("1e3"), length("0x10")]).toEqual([null, 12, NaN, NaN, NaN]);
  });
});

describe("a body (REL-109, REL-127)", () => {
  const read = (text: string) => readJsonBody(new TextEncoder().encode(text));
  const deep = (levels: number) => `{"a":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;

  test("is one JSON object in whole UTF-8", () => {
    expect(read('{"a":[1,{"b":"好"}]}')).toEqual({ a: [1, { b: "好" }] });
    expect(["", "[]", "1", "null", "{", '{"a":1}{}', "\uFEFF{}"].map(read)).toEqual(Array(7).fill(null));
    expect(readJsonBody(new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]))).toBeNull();
  });

  test("has 32 levels at most, and no __proto__ on any", () => {
    expect([read(deep(32)) === null, read(deep(33)), read("[".repeat(100_000))]).toEqual([false, null, null]);
    expect([read('{"__proto__":{}}'), read('{"a":[{"__proto__":1}]}'), read('{"\\u005f_proto__":{}}')]).toEqual([null, null, null]);
    expect(read('{"constructor":1}')).toEqual({ constructor: 1 });
  });
});

describe("wrong tokens (REL-134)", () => {
  const after = (times: readonly number[], address = "a"): Failures =>
    times.reduce<Failures>((failures, at) => afterFailure(failures, address, at), new Map());

  test("five within a minute make the next answer to that address wait a second, and no other's", () => {
    const failures = after([0, 1, 2, 3, 4]);
    expect([delayMs(after([0, 1, 2, 3]), "a", 5), delayMs(failures, "a", 5), delayMs(failures, "b", 5)]).toEqual([0, 1_000, 0]);
    expect([delayMs(failures, "a", 59_999), delayMs(failures, "a", 60_000)]).toEqual([1_000, 0]);
  });

  test("are kept for a thousand addresses", () => {
    let failures = after([0, 0, 0, 0, 0]);
    for (let at = 0; at < 1_000; at += 1) failures = afterFailure(failures, `b${at}`, 0);
    expect([failures.size, delayMs(failures, "a", 1)]).toEqual([1_000, 0]);
  });
});
