// The bot's test, as the fast gate runs it.
// A repair may not change it: the loop protects what it is judged by.
import assert from "node:assert/strict";
import { test } from "node:test";
import { answer } from "./answer.mjs";

void test("the bot repeats what it heard, and asks when it heard nothing", () => {
  assert.equal(answer(" hello "), "You said: hello");
  assert.equal(answer("  "), "Say something.");
});
