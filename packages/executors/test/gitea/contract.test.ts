/** The double answers as real servers do: the same probe that an operator runs is run against it (DSP-105). */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { differences, expectedFacts } from "../../../../scripts/gitea-probe/facts.mjs";
import { probe } from "../../../../scripts/gitea-probe/questions.mjs";
import { startGitea, type GiteaDouble } from "./double/server.ts";
import { addToken, addUser } from "./double/world.ts";

const FACTS = JSON.parse(readFileSync(new URL("../../../../scripts/gitea-probe/facts.json", import.meta.url), "utf8"));

let gitea: GiteaDouble;
afterEach(() => gitea.close());

describe("the double", () => {
  test.each(["1.15", "current"] as const)("answers as %s does (DSP-S1 to DSP-S22, DSP-105)", async (profile) => {
    let now = Date.UTC(2026, 10, 21, 9);
    gitea = await startGitea({ profile, now: () => now, git: true });
    for (const login of ["human", "clawbot", "stranger"]) addUser(gitea.world, login);
    const found = await probe({
      url: gitea.url,
      tokens: { owner: addToken(gitea.world, "human"), bot: addToken(gitea.world, "clawbot"), stranger: addToken(gitea.world, "stranger") },
      pause: async (ms) => void (now += ms),
      name: "probed",
    });
    expect(differences(found, expectedFacts(FACTS, profile))).toEqual([]);
    expect(gitea.world.repos).toEqual([]);
  });
});
