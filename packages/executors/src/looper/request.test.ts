import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRequest } from "./request.ts";

const body = (more: object): string => JSON.stringify({ zulip_message: "go", ...more });
const refusal = (text: string): string | null => {
  const read = readRequest(new TextEncoder().encode(text));
  return read.kind === "refused" ? `${read.refusal.status} ${read.refusal.code}: ${read.refusal.error}` : null;
};
const bad = (error: string): string => `400 bad_request: ${error}`;

describe("the body of POST /run (LPR-11, LPR-20, LPR-74)", () => {
  test.each<[string, string]>([
    ["", "400 bad_json: invalid JSON body"],
    ["[]", "400 bad_json: invalid JSON body"],
    ["null", "400 bad_json: invalid JSON body"],
    ["{bad", "400 bad_json: invalid JSON body"],
    ['{"zulip_message":"a","zulip_message":"b"}', "400 bad_json: invalid JSON body"],
    ["{}", bad("missing 'zulip_message'")],
    ['{"zulip_message":" "}', bad("missing 'zulip_message'")],
    ['{"zulip_message":1}', bad("missing 'zulip_message'")],
    [JSON.stringify({ zulip_message: "x".repeat(10_001) }), bad("'zulip_message' is too long")],
    [body({ codex_prompt: null }), bad("'codex_prompt' must be a string")],
    [body({ codex_prompt: "好".repeat(70_000) }), bad("'codex_prompt' is too long")],
    [body({ prompt: 1 }), bad("'prompt' must be a string")],
    [body({ workspace: {} }), bad("'workspace' must be a string")],
    [body({ goal_id: "../evil" }), bad("'goal_id' is no goal id")],
    [body({ codex_exec_delay_seconds: "1e9" }), bad("'codex_exec_delay_seconds' must be a number")],
    [body({ codex_exec_delay_seconds: null }), bad("'codex_exec_delay_seconds' must be a number")],
    [body({ codex_exec_delay_seconds: true }), bad("'codex_exec_delay_seconds' must be a number")],
    ['{"zulip_message":"a","codex_exec_delay_seconds":1e999}', bad("'codex_exec_delay_seconds' must be a number")],
    [body({ codex_exec_delay_seconds: -0.5 }), bad("'codex_exec_delay_seconds' must be >= 0")],
    [body({ codex_exec_delay_seconds: 3_601 }), bad("'codex_exec_delay_seconds' must be <= 3600")],
    [body({ sidebar_delay_seconds: 2_000, new_task_delay_seconds: 2_000 }), bad("'sidebar_delay_seconds' must be <= 3600")],
    [body({ codex_exec_startup_check_seconds: 61 }), bad("'codex_exec_startup_check_seconds' must be <= 60")],
    [body({ zulip_script_path: [] }), bad("'zulip_script_path' must be a string")],
  ])("%s is refused", (text, expected) => {
    expect(refusal(text)).toBe(expected);
  });

  test("the first wrong field in the contract's order answers", () => {
    expect(refusal(body({ zulip_script_path: 1, codex_prompt: 1, codex_exec_delay_seconds: -1 }))).toBe(
      bad("'codex_prompt' must be a string"),
    );
  });

  test.each<[object, object]>([
    [{ codex_prompt: "a", prompt: "b" }, { prompt: "a" }],
    [{ prompt: "b" }, { prompt: "b" }],
    [{ codex_prompt: "" }, { prompt: "" }],
    [{}, { prompt: null, delay_seconds: null, startup_check_seconds: null }],
    [
      { startup_delay_seconds: 1, sidebar_delay_seconds: 2, new_task_delay_seconds: 3, prompt_send_delay_seconds: 4 },
      { delay_seconds: 10 },
    ],
    [{ startup_delay_seconds: 1, codex_exec_delay_seconds: 0 }, { delay_seconds: 0 }],
    [{ other: { zulip_message: 1 } }, { unknown_keys: ["other"] }],
  ])("%j means %j", (more, expected) => {
    expect(readRequest(new TextEncoder().encode(body(more)))).toMatchObject({ kind: "request", request: expected });
  });

  test("nothing that is sent makes reading throw, and `__proto__` is no key of anybody (REL-127)", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.object().map((value) => body(value)),
        ),
        (text) => {
          expect(["request", "refused"]).toContain(readRequest(new TextEncoder().encode(text)).kind);
        },
      ),
      { numRuns: 1_000 },
    );
    expect(refusal('{"zulip_message":"a","__proto__":{"prompt":"x"}}')).toBe("400 bad_json: invalid JSON body");
  });
});
