/**
 * Somebody does something between our read and our write: at every other read of the story in turn, on a server in memory
 * (PSM-4). The acceptance over HTTP, git and processes is in person.test.ts and service.test.ts; here is every point of it.
 */
import { describe, expect, it } from "vitest";
import { openYard, REPO, type Yard } from "./rig/yard.ts";
import type { Call, MemoryServer } from "./rig/memory-server.ts";

type Act = (server: MemoryServer, call: Call) => void;

/** The story, with the act before one write of the bot's; how many writes there were. */
async function story(at: number, act: Act): Promise<{ readonly yard: Yard; readonly reads: number; readonly place: string }> {
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
  let place = "";
  server.trouble = (call) => {
    if (call.by === "clawbot" && call.name === "issue") reads += 1;
    else return null;
    if (reads === at) {
      place = call.place;
      act(server, call);
    }
    return null;
  };
  // A word on a pull that is ready is a wish, and leads to one round more.
  const isReady = (): boolean => yard.server.issues.some(({ labels }) => labels.includes("merge-ready"));
  for (let ticks = 0, still = 0; ticks < 60 && still < 6; ticks += 1) {
    await yard.ticks(1, 65);
    still = isReady() && yard.dispatcher.board.all().every(({ plan }) => plan.length === 0) ? still + 1 : 0;
  }
  return { yard, reads, place };
}

describe("a person between our read and our write", () => {
  it("puts his own label on it and says something: it waits for its person all the same, with one state label", async () => {
    const act: Act = (server, call) => {
      const issue = server.issues.find(({ number }) => number === Number(call.place.split("#")[1] ?? 0));
      if (issue === undefined) return;
      server.label(issue, "hana", "docs");
      server.say(issue, "hana", "By the way.");
    };
    const { reads } = await story(0, act);
    // Every other one: the writes of one plan are read before one after the other.
    for (let at = 1; at <= reads; at += 2) {
      const { yard, place } = await story(at, act);
      const pulls = yard.server.issues.filter(({ pull }) => pull !== null);
      const told = `read ${at}: ${place}`;
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
