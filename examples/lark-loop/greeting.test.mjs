// The fast gate of this example: what is committed reaches the primary only when this passes.
// Run alone it is: node --test greeting.test.mjs
import assert from "node:assert/strict";
import { test } from "node:test";
import { greeting } from "./greeting.mjs";

void test("a bot says who it is", () => assert.equal(greeting("primary"), "Hello from primary."));
