/** Somebody does something between our read and our write: at each write of the story in turn (PSM-4). */
import { describe, expect, it } from "vitest";
import { openYard, REPO, type Yard } from "./rig/yard.ts";
import type { Call, MemoryServer } from "./rig/memory-server.ts";

type Act = (server: MemoryServer, call: Call) => void;

/** The story, with the act before one write of the bot's; how many writes there were. */
async function story(at: number, act: Act): Promise<{ readonly yard: Yard; readonly reads: number; readonly name: string }> {
  const yard = await openYard();
  const { server, runs } = yard;
  server.label(server.open(REPO, "carl", "Add a test", { body: "Please." }), "carl", "bot");
  let reviews = 0;
  runs.answers = ({ role }) => {
    if (role === "worker") return { outcome: "done" };
    reviews += 1;
    return { outcome: reviews === 1 ? "fail" : "pass" };
  };
  let reads = 0;
  let name = "";
  server.trouble = (call) => {
    if (call.by === "clawbot" && call.name === "issue") reads += 1;
    else return null;
    if (reads === at) {
      name = call.place;
      act(server, call);
    }
    return null;
  };
  await yard.ticks(40, 65);
  return { yard, reads, name };
}

const numberOf = ({ place }: Call): number => Number(place.split("#")[1] ?? 0);

describe("a person between our read and our write", () => {
  it.each<readonly [string, Act]>([
    [
      "puts a label of his own on it",
      (server, call) => {
        const issue = server.issues.find(({ number }) => number === numberOf(call));
        if (issue !== undefined) server.label(issue, "hana", "docs");
      },
    ],
    [
      "says something",
      (server, call) => {
        const issue = server.issues.find(({ number }) => number === numberOf(call));
        if (issue !== undefined) server.say(issue, "hana", "By the way.");
      },
    ],
  ])("%s: it waits for its person all the same, with one state label", async (_name, act) => {
    const { reads } = await story(0, act);
    for (let at = 1; at <= reads; at += 1) {
      const { yard, name } = await story(at, act);
      const pulls = yard.server.issues.filter(({ pull }) => pull !== null);
      const told = `read ${at}: ${name}`;
      expect(
        pulls.map(({ labels }) => labels.filter((each) => each !== "docs")),
        told,
      ).toEqual([["merge-ready"]]);
      expect(pulls[0]?.assignees, told).toEqual(["hana"]);
      expect(yard.runs.doubles, told).toEqual([]);
      const texts = yard.server.issues.flatMap(({ comments, reviews }) => [...comments, ...reviews].map(({ body }) => body));
      const marks = texts.flatMap((body) => /<!-- (loopx-\S+ [^>]*) -->/.exec(body)?.[1] ?? []);
      expect(
        marks.filter((mark, index) => marks.indexOf(mark) !== index || mark.startsWith("loopx-claim")),
        told,
      ).toEqual([]);
    }
  });
});
