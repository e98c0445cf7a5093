/** The dispatcher over the client and the double: what an idle tick costs (DSP-86). */
import { afterEach, describe, expect, test } from "vitest";
import { idleCost, watching, type Watching } from "./rig/watching.ts";

let site: Watching;
afterEach(() => site.all.gitea.close());

describe("an idle tick", () => {
  test.each([
    [1, 200],
    [8, 25],
  ])("over %i repositories with %i issues each costs at most 1 + repositories / 8 requests (DSP-86)", async (count, each) => {
    site = await watching(count);
    const { requests, cpu_seconds } = await idleCost(site, each);
    expect(site.yard.dispatcher.errors()).toEqual([]);
    expect(requests).toBeLessThanOrEqual(1 + count / 8);
    expect(cpu_seconds).toBeLessThan(2);
  });
});
