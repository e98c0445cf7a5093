import { describe, expect, it } from "vitest";
import { leaseFault } from "./limits.ts";

const scopes = (count: number, length: number, character = "a") => Array.from({ length: count }, () => character.repeat(length));

describe("the limits of a lease (REL-105)", () => {
  it.each([
    ["the shortest and the smallest", { ttl_minutes: 1 }],
    ["the longest", { ttl_minutes: 1440, write_scopes: scopes(64, 160) }],
    ["scopes of characters that take several bytes", { ttl_minutes: 30, write_scopes: scopes(20, 160, "道") }],
    ["a key and a reason", { ttl_minutes: 30, idempotency_key: "k".repeat(200), take_over: { reason: "r".repeat(500) } }],
  ])("%s fits", (_what, terms) => {
    expect(leaseFault(terms)).toBeNull();
  });

  it.each([
    ["no time", { ttl_minutes: 0 }, "a lease lasts 1 to 1440 minutes, not 0"],
    ["more than a day", { ttl_minutes: 1440.5 }, "a lease lasts 1 to 1440 minutes, not 1440.5"],
    ["a time that is no number", { ttl_minutes: Number.NaN }, "a lease lasts 1 to 1440 minutes, not NaN"],
    ["65 scopes", { ttl_minutes: 1, write_scopes: scopes(65, 1) }, "a lease names at most 64 write scopes, not 65"],
    ["a blank scope", { ttl_minutes: 1, write_scopes: ["a", " "] }, "a write scope is a relative path or pattern, not an empty text"],
    ["a scope of 161 characters", { ttl_minutes: 1, write_scopes: scopes(1, 161) }, "a write scope has at most 160 characters, not 161"],
    ["a key of 201", { ttl_minutes: 1, idempotency_key: "k".repeat(201) }, "an idempotency key has at most 200 characters"],
    ["a reason of 501", { ttl_minutes: 1, take_over: { reason: "r".repeat(501) } }, "the reason of a take-over has at most 500 characters"],
  ])("%s does not fit", (_what, terms, message) => {
    expect(leaseFault(terms)?.message).toBe(message);
  });

  it("a request whose record could not be read again is refused (REL-103)", () => {
    expect(leaseFault({ ttl_minutes: 30, write_scopes: scopes(64, 160, "道") })?.message).toBe(
      "the texts of a lease have at most 12288 bytes, not 30919",
    );
    expect(leaseFault({ ttl_minutes: 30, write_scopes: scopes(64, 160, "\u0001") })?.key).toBe("write_scopes");
  });
});
