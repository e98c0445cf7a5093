import fc from "fast-check";
import { expect, test } from "vitest";
import { goalStateOf } from "../../testing/goal-states.ts";
import { decodeValue, encodeValue, KNOWN_KEYS, type KnownKey } from "./metadata-keys.ts";
import { newBody, rewriteBodies } from "./metadata.ts";

const read = (tokens: string) => {
  const state = goalStateOf(`## Agent Todo\n- [ ] a\n  <!-- loopx:todo todo_id=todo_abc ${tokens} -->\n`);
  return { metadata: state.todos[0]?.metadata, findings: state.findings };
};
const changes = (more: Partial<Record<KnownKey, string | null>>) => new Map(Object.entries(more) as [KnownKey, string | null][]);

test.each([
  ["action_kind=Write-Plan", { action_kind: "write-plan" }],
  ["required_write_scopes=src%2F%2A%2A%2Cdocs%2Fa.md", { required_write_scopes: ["src/**", "docs/a.md"] }],
  ["required_capabilities=network,network,Shell:run", { required_capabilities: ["network", "shell:run"] }],
  [
    "required_capability=net target_capability=a required_write_scope=src required_decision_scope=resource:goal:%2A",
    {
      required_capabilities: ["net"],
      target_capabilities: ["a"],
      required_write_scopes: ["src"],
      required_decision_scopes: ["resource:goal:*"],
    },
  ],
  ["required_capability=a required_capability=b,a", { required_capabilities: ["a", "b"] }],
  ["required_capability=a required_capabilities=b", { required_capabilities: ["b"] }],
  ["decision_scope=write_scope:lane:src%2F%2A", { decision_scope: "write_scope:lane:src/*" }],
  ["claimed_by=Codex%20Main%40Host blocks-agent=a.b:c", { claimed_by: "codex-main@host", blocks_agent: "a.b:c" }],
  ["global_gate=yes no_followup=0 material_change=TRUE", { global_gate: true, no_followup: false, material_change: true }],
  ["unblocks_todo_id=TODO_XYZ superseded_by=todo_a-1", { unblocks_todo_id: "todo_xyz", superseded_by: "todo_a-1" }],
  ["resume_when=todo_done:todo_abc", { resume_when: "todo_done:todo_abc" }],
  ["resume_when=pr_merged:o%2Fr%237", { resume_when: "pr_merged:o/r#7" }],
  ["resume_when=pr_merged:%237", { resume_when: "pr_merged:#7" }],
  ["resume_when=release:v1.2", { resume_when: "release:v1.2" }],
  ["target_key=ci%2Fmain cadence=15m result_hash=abc", { target_key: "ci/main", cadence: "15m", result_hash: "abc" }],
  ["consecutive_no_change=3 max_no_change_before_replan=10", { consecutive_no_change: 3, max_no_change_before_replan: 10 }],
  [
    "next_due_at=2026-11-21T01:08:04%2B08:00 expires_at=2026-02-28T23:59:59Z",
    { next_due_at: "2026-11-21T01:08:04+08:00", expires_at: "2026-02-28T23:59:59Z" },
  ],
  ["last_checked_at=2026-01-31T00:00:00-08:00", { last_checked_at: "2026-01-31T00:00:00-08:00" }],
  ["note=two%20%20words%0Aand%20more", { note: "two words and more" }],
  ["foo=bar =x junk ROLE=y", {}],
])("%s is read (FIL-42)", (tokens, metadata) => {
  expect(read(tokens)).toEqual({ metadata, findings: [] });
});

test.each([
  "action_kind=9x",
  "required_write_scopes=/etc",
  "required_write_scopes=~/x",
  "required_write_scopes=a/../b",
  "required_write_scopes=C:x",
  "required_write_scopes=a%20b",
  `required_write_scopes=${"a".repeat(161)}`,
  "required_capabilities=UPPER!",
  "decision_scope=anything:goal:x",
  "decision_scope=resource:planet:x",
  "decision_scope=resource:goal:",
  "claimed_by=9lives",
  "claimed_by=",
  "global_gate=maybe",
  "unblocks_todo_id=nope",
  "resume_when=todo_done:x",
  "cadence=0m",
  "cadence=soon",
  "next_due_at=tomorrow",
  "next_due_at=2026-02-30T00:00:00%2B08:00",
  "next_due_at=2026-13-01T00:00:00%2B08:00",
  "next_due_at=2026-11-21T24:08:04%2B08:00",
  "next_due_at=2026/11/21T01:08:04%2B08:00",
  "next_due_at=2026-11-21T01:08:04%2Bxx:00",
  "next_due_at=2026-11-21T01:08:04*08:00",
  "next_due_at=20x6-11-21T01:08:04%2B08:00",
  "consecutive_no_change=-1",
  "note=%zz",
  "note=%20",
  `note=${"x".repeat(4001)}`,
  `target_key=${"x".repeat(201)}`,
])("%s cannot be read: ignored, with file, line and key (FIL-43)", (tokens) => {
  const key = tokens.slice(0, tokens.indexOf("="));
  const { metadata, findings } = read(tokens);
  expect(metadata).toEqual({});
  expect(findings).toMatchObject([{ code: "todo_metadata_invalid", file: "STATE.md", line: 3, key }]);
});

test("the readable items of a list count, the others are reported (FIL-43)", () => {
  expect(read("required_write_scopes=src,/etc")).toMatchObject({
    metadata: { required_write_scopes: ["src"] },
    findings: [{ key: "required_write_scopes" }],
  });
});

test("an instant without a zone is UTC, and said so (FIL-3)", () => {
  expect(read("next_due_at=2026-11-21T01:08:04")).toMatchObject({
    metadata: { next_due_at: "2026-11-21T01:08:04" },
    findings: [{ code: "timestamp_without_zone", key: "next_due_at" }],
  });
});

test("a finding never repeats the value, which may be private", () => {
  expect(JSON.stringify(read("cadence=hunter2").findings)).not.toContain("hunter2");
});

test("several comments of a todo merge, later over earlier (FIL-42)", () => {
  const state = goalStateOf(
    "## Agent Todo\n- [ ] a <!-- loopx:todo todo_id=todo_abc note=one cadence=1h -->\n  <!-- loopx: note=two -->\n",
  );
  expect(state.todos[0]?.metadata).toEqual({ note: "two", cadence: "1h" });
});

test.each([
  ["only what changes", " todo_id=todo_a  foo=bar%20x\tstatus=open ", { status: "done" }, " todo_id=todo_a  foo=bar%20x\tstatus=done "],
  [
    "new keys in their order",
    " todo_id=todo_a junk status=open note=n x=y ",
    { task_class: "blocker", completed_at: "2026-01-01T00:00:00+00:00", claimed_by: "a" },
    " todo_id=todo_a junk status=open task_class=blocker claimed_by=a note=n completed_at=2026-01-01T00:00:00%2B00:00 x=y ",
  ],
  ["a first key before the others", " status=open ", { todo_id: "todo_a" }, " todo_id=todo_a status=open "],
  ["a first key without a blank", "status=open", { todo_id: "todo_a" }, "todo_id=todo_a status=open"],
  ["among unknown tokens", " foo=1 ", { status: "open" }, " foo=1 status=open "],
  [
    "a singular spelling",
    " required_capability=a required-capability=b ",
    { required_capabilities: "a,c" },
    " required_capabilities=a%2Cc ",
  ],
  ["a doubled key", " status=open note=x status=blocked ", { status: "done" }, " note=x status=done "],
  ["a key taken away", " todo_id=todo_a claimed_by=x foo=1 ", { claimed_by: null }, " todo_id=todo_a foo=1 "],
  ["nothing to take away", " todo_id=todo_a ", { claimed_by: null }, " todo_id=todo_a "],
  [
    "the same value, spelled otherwise",
    " status=open note=a%20b claimed-by=x ",
    { status: "open", note: "a b", claimed_by: "x" },
    " status=open note=a%20b claimed-by=x ",
  ],
  ["an empty body", " ", { status: "open" }, " status=open "],
])("a rewrite keeps everything else: %s (FIL-42)", (_, body, change, expected) => {
  expect(rewriteBodies([body], changes(change))).toEqual([expected]);
});

test("the line that holds a key is the one that changes, and no stale value stays (FIL-42)", () => {
  expect(
    rewriteBodies([" todo_id=todo_a status=open ", " status=blocked note=x "], changes({ status: "done", note: "y", reason: "r" })),
  ).toEqual([" todo_id=todo_a reason=r ", " status=done note=y "]);
  expect(rewriteBodies([], changes({ status: "done" }))).toEqual([]);
});

test("a new comment has its keys in the order of the format (FIL-42)", () => {
  const body = newBody(new Map(KNOWN_KEYS.toReversed().map((key) => [key, "x"])));
  expect(body).toBe(` ${KNOWN_KEYS.map((key) => `${key}=x`).join(" ")} `);
  expect(newBody(changes({ note: null }))).toBe(" ");
});

test("only letters, digits and `_.:-` stand unescaped (FIL-42)", () => {
  expect(encodeValue("aZ09_.:-")).toBe("aZ09_.:-");
  expect(encodeValue("a b~!*'()@/+,é验-->")).toMatch(/^[A-Za-z0-9_.:%-]+$/);
});

test("a value survives writing and reading", () => {
  const text = fc
    .string({ unit: "grapheme", minLength: 1 })
    .map((value) => value.trim().replace(/\s+/g, " "))
    .filter((value) => value !== "");
  fc.assert(
    fc.property(text, (value) => {
      expect(encodeValue(value)).toMatch(/^[A-Za-z0-9_.:%-]+$/);
      expect(decodeValue(encodeValue(value))).toBe(
        value
          .replace(/[\x1c-\x1f\x85]+/g, " ")
          .replace(/ +/g, " ")
          .trim(),
      );
    }),
  );
});

test("unknown tokens keep their bytes and their order under any change (FIL-42)", () => {
  const unknown = fc
    .stringMatching(/^(?:zz_[a-z]{1,4}=[!-;?-~]{0,6}|[!-;?-~]{1,5})$/)
    .filter((token) => !token.includes("=") || token.startsWith("zz_"));
  const known = fc.constantFrom("status=open", "note=a", "todo_id=todo_abc", "claimed_by=x", "required_capability=a");
  const gap = fc.constantFrom(" ", "  ", "\t");
  const row = fc.array(fc.tuple(gap, fc.oneof(unknown, known)), { maxLength: 8 });
  const change = fc.dictionary(fc.constantFrom(...KNOWN_KEYS), fc.option(fc.constantFrom("todo_abc", "x")), { maxKeys: 5 });
  fc.assert(
    fc.property(row, change, (parts, wanted) => {
      const body = `${parts.map(([blank, token]) => blank + token).join("")} `;
      const strangers = (text: string): string[] =>
        text
          .split(/[ \t]+/)
          .filter(
            (token) => token !== "" && !KNOWN_KEYS.some((key) => token.startsWith(`${key}=`)) && !token.startsWith("required_capability="),
          );
      const [after = ""] = rewriteBodies([body], new Map(Object.entries(wanted) as [KnownKey, string | null][]));
      expect(strangers(after)).toEqual(strangers(body));
      for (const [key, value] of Object.entries(wanted))
        expect(after.split(/[ \t]+/).filter((token) => token.startsWith(`${key}=`))).toEqual(value === null ? [] : [`${key}=${value}`]);
    }),
  );
});

test("a list has at most 64 items; more are reported, not read", () => {
  const many = (count: number): string => `required_capabilities=${Array.from({ length: count }, (_, at) => `c${at}`).join(",")}`;
  expect(read(many(64)).findings).toEqual([]);
  expect(read(many(65)).metadata?.required_capabilities).toHaveLength(64);
  expect(read(many(65)).findings).toMatchObject([{ code: "todo_metadata_invalid", key: "required_capabilities" }]);
});
