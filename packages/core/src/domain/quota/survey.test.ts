import fc from "fast-check";
import { expect, test } from "vitest";
import { factsArbitrary } from "../../testing/facts-arbitrary.ts";
import { TEST_NOW } from "../../testing/facts.ts";
import { stateDigest } from "../../testing/goal-states.ts";
import type { GoalState } from "../goal-state/document.ts";
import { openItems } from "../goal-state/next-action-done.ts";
import { parseGoalState } from "../goal-state/parse.ts";
import { surveyGoalState, type Survey } from "../goal-state/survey.ts";
import type { Todo } from "../goal-state/todo.ts";
import { LOCALES } from "../locale/locale.ts";
import { decide } from "./decide.ts";
import type { Facts } from "./facts.ts";
import { verdictOf } from "./verdict.ts";

const OPTIONS = { digest: stateDigest, file: "STATE.md" };
const AGENTS = ["main", "side", "third"];
const idOf = (number: number): string => `todo_n${String(number).padStart(4, "0")}`;
const idDrawn = fc.nat(40).map(idOf);

/** Few words, so that next actions and todos say the same, and priorities in every spelling. */
const words = fc
  .tuple(
    fc.constantFrom("", "[P0] ", "[P1] ", "[P2] ", "[p3] ", "[P1-high] ", "[P10] ", "[P4]"),
    fc.constantFrom("step", "step two", "a -> b", "c --> d", "验收"),
  )
  .map((parts) => parts.join(""));
const tokens = fc.constantFrom(
  "",
  "",
  "",
  "",
  "",
  "task_class=advancement_task ",
  "updated_at=2026-11-20T08:00:00%2B08:00 ",
  "updated_at=2026-02-30T08:00:00Z ",
  "claimed_by=main ",
  "claimed_by=side claimed_at=2026-11-20T08:00:00%2B08:00 ",
  "task_class=blocker ",
  "note=x ",
  "required_write_scopes=docs/ ",
  "blocks_agent=side ",
  "task_class=continuous_monitor next_due_at=2020-01-01T00:00:00Z ",
);
const state = fc.constantFrom(
  ["[ ]", "open"],
  ["[ ]", "open"],
  ["[ ]", "open"],
  ["[ ]", "blocked"],
  ["[x]", "done"],
  ["[-]", "deferred"],
  ["[x]", "open"],
);
const written = fc.tuple(state, words, tokens, fc.constantFrom("", "", "", "", "", "", "\n", "\n  more", "\n<!-- note -->")).map(
  ([[box, status], text, said, tail]) =>
    (id: string) =>
      `- ${box} ${text}\n  <!-- loopx:todo todo_id=${id} status=${status} ${said}-->${tail}\n`,
);
const byHand = words.map((text) => () => `- [ ] ${text}\n`);
const agentSection = fc
  .array(fc.tuple(fc.oneof({ weight: 12, arbitrary: written }, byHand), fc.oneof({ weight: 150, arbitrary: fc.constant(null) }, idDrawn)), {
    maxLength: 36,
    size: "max",
  })
  .map((rows) => rows.map(([row, twice], number) => row(twice ?? idOf(number))).join(""));
const gate = fc
  .tuple(idDrawn, fc.constantFrom("", "unblocks_todo_id=", "blocks_agent=side ", "task_class=user_action "))
  .map(([id, link]) => `- [ ] Gate\n  <!-- loopx:todo todo_id=todo_gate status=open ${link.endsWith("=") ? `${link}${id} ` : link}-->\n`);
const document = fc
  .tuple(
    fc.constantFrom("", "---\nstatus: active\nupdated_at: 2026-01-01T00:00:00Z\n---\n", "---\nopen: for ever\n"),
    fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, gate),
    fc.oneof({ weight: 4, arbitrary: agentSection.map((one) => [one]) }, fc.array(agentSection, { maxLength: 2 })),
    fc.array(words, { maxLength: 3 }),
    fc.boolean(),
  )
  .map(([head, user, agent, next, ended]) => {
    const text = `${head}# State\n\n${user === null ? "" : `## User Todo\n\n${user}\n`}${agent.map((each) => `## Agent Todo\n\n${each}\n`).join("")}`;
    const whole = `${text}## Next Action\n\n${next.map((each) => `- ${each}\n`).join("")}${ended ? "\n" : "## Completed Work Archive\n\n- [x] old\n  <!-- loopx:todo todo_id=todo_n0003 status=done -->"}`;
    return next.length === 0 && agent.length > 0 && !ended ? text.trimEnd() : whole;
  });

const lists = (todos: readonly Todo[]): Pick<Facts["todos"], "user" | "agent"> => ({
  user: todos.filter(({ role }) => role === "user"),
  agent: todos.filter(({ role }) => role === "agent"),
});

function bothFacts(base: Facts, whole: GoalState, survey: Survey, named: readonly string[]): [Facts, Facts] {
  const leases = named.map((todo_id, at) => ({ todo_id, holder: AGENTS[at % 3] ?? "", expires_at_ms: TEST_NOW.ms + 60_000 }));
  const archived_ids = [...whole.archived_ids];
  const next = (next_action: string[]) => (base.state === null ? null : { ...base.state, next_action });
  const { todos, left_out } = survey.todosFor(named);
  return [
    { ...base, leases, state: next(openItems(whole.next_action, whole.todos)), todos: { ...lists(whole.todos), archived_ids } },
    { ...base, leases, state: next(survey.openItems()), todos: { ...lists(todos), archived_ids, left_out } },
  ];
}

test("a verdict over a survey is the verdict over the whole state (PRF-14)", () => {
  const drawn = factsArbitrary.map((build) => build(TEST_NOW));
  let left = 0;
  fc.assert(
    fc.property(drawn, document, fc.array(idDrawn, { maxLength: 3 }), (base, text, named) => {
      const [whole, survey] = [parseGoalState(text, OPTIONS), surveyGoalState(text, OPTIONS, 0)];
      const [all, few] = bothFacts(base, whole, survey, named);
      left += (few.todos.left_out?.open ?? 0) + (few.todos.left_out?.closed ?? 0);
      for (const locale of LOCALES)
        expect(verdictOf(decide(few, TEST_NOW), few, TEST_NOW, { locale })).toEqual(
          verdictOf(decide(all, TEST_NOW), all, TEST_NOW, { locale }),
        );
    }),
    { numRuns: 250 },
  );
  expect(left).toBeGreaterThan(150);
});

test("a survey says of the state what the whole state says", () => {
  fc.assert(
    fc.property(document, (text) => {
      const [whole, survey] = [parseGoalState(text, OPTIONS), surveyGoalState(text, OPTIONS, 0)];
      expect({ ...survey.state }).toEqual(whole);
      const known = new Map(
        whole.todos
          .filter(({ explicit_id }) => explicit_id)
          .map((todo) => [todo.todo_id, todo.status === "open" || todo.status === "blocked"]),
      );
      for (let number = 0; number <= 40; number += 1)
        expect([number, survey.isOpen(idOf(number))]).toEqual([number, known.get(idOf(number)) ?? null]);
    }),
    { numRuns: 150 },
  );
});

test("a list of long words that are not passed by is surveyed as quickly as it is read (REL-170)", () => {
  const rows = Array.from(
    { length: 200 },
    (_each, number) => `- [ ] ${"验收".repeat(2_000)}\n  <!-- loopx:todo todo_id=${idOf(number)} status=open note=x -->\n`,
  );
  const text = `## Agent Todo\n\n${rows.join("")}`;
  expect({ ...surveyGoalState(text, OPTIONS).state }).toEqual(parseGoalState(text, OPTIONS));
});
