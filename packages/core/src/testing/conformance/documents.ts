/** What `Documents` promises: compare-and-swap, call order, bytes left alone, damage answered and never overwritten. */
import assert from "node:assert/strict";
import { LoopxError } from "../../domain/errors.ts";
import type { DocumentKey, Revision } from "../../ports/documents.ts";
import {
  adding,
  ALPHA,
  BETA,
  bytesAt,
  EIGHT,
  only,
  STATE,
  text,
  utf8,
  write,
  type ConformanceOptions,
  type ConformanceStore,
  type DamageTest,
  type Test,
} from "./store.ts";

const ARTIFACT: DocumentKey = { kind: "artifact", goal_id: ALPHA, name: "2026-11-21.json" };
const EXECUTOR: DocumentKey = { kind: "executor_state", executor: "looper", name: "state.json" };
const ARTIFACT_LIMIT = 4 * 1024 * 1024;

const TEXTS = {
  "an empty text": "",
  "CRLF and no final newline": "a\r\nb\r\n\r\nc",
  "a byte order mark": "\uFEFF# Active\n",
  "separators that end no line": "a\u2028b\u0085c\fd\n",
  "characters beyond the first plane": "\u{1F600} \u4e2d\u6587 e\u0301 \u0000\n",
  "unknown keys, key order and number spelling": '{\n\t"z": 1.0,  "a": 1e2, "__proto__": {"x": -0}\n}\n',
};

const KEYS: readonly DocumentKey[] = [
  { kind: "registry" },
  { kind: "global_registry" },
  { kind: "goal_state", goal_id: ALPHA },
  { kind: "goal_state", goal_id: BETA },
  { kind: "artifact", goal_id: ALPHA, name: "one.json" },
  { kind: "artifact", goal_id: ALPHA, name: "one.md" },
  { kind: "artifact", goal_id: BETA, name: "one.json" },
  { kind: "backup", folder: "alpha", stamp: "20261121T010804Z", name: "ACTIVE_GOAL_STATE.md" },
  { kind: "disconnected", stamp: "20261121T010804Z", name: "manifest.json" },
  { kind: "archived_state", goal_id: ALPHA, folder: "alpha-20261121T010804Z" },
  { kind: "gitignore" },
  { kind: "executor_state", executor: "looper", name: "one.json" },
  { kind: "executor_state", executor: "gitea/o-r", name: "deep/one.json" },
];

export function documentConformance(test: Test, { reopen }: ConformanceOptions): void {
  test("an absent document is absent, and its edit sees null", async (store) => {
    assert.deepEqual(await store.documents.read(STATE), { kind: "absent" });
    assert.equal(await store.documents.exists(STATE), false);
    const outcome = await store.documents.update(STATE, (current) => ({ keep: true, value: current }));
    assert.deepEqual(outcome, { kind: "unchanged", revision: null, value: null });
    assert.deepEqual(await store.documents.read(STATE), { kind: "absent" });
  });

  test("nothing speaks against writing what is absent or whole, and asking writes nothing", async (store) => {
    for (const key of KEYS) assert.equal(await store.documents.obstacle(key), null);
    assert.equal(await store.documents.exists(STATE), false);
    const revision = await write(store, STATE, "one");
    assert.equal(await store.documents.obstacle(STATE), null);
    await assertFound(store, "one", revision);
  });

  test("what was written is found under the revision that was answered (REL-41)", async (store) => {
    const outcome = only(await store.documents.update(STATE, () => ({ write: "one\n", value: 7 })), "written");
    assert.deepEqual([outcome.value, outcome.attempts], [7, 1]);
    await assertFound(store, "one\n", outcome.revision);
    assert.equal(await store.documents.exists(STATE), true);
    assert.notEqual(await write(store, STATE, "two\n"), outcome.revision);
  });

  test("keep writes nothing", async (store) => {
    const revision = await write(store, STATE, "one\n");
    const outcome = await store.documents.update(STATE, (current) => ({ keep: true, value: current?.text }));
    assert.deepEqual(outcome, { kind: "unchanged", revision, value: "one\n" });
    await assertFound(store, "one\n", revision);
  });

  for (const [name, content] of Object.entries(TEXTS)) {
    test(`${name} survives a write and an edit unchanged`, async (store) => {
      await write(store, STATE, content);
      assert.equal(await text(store, STATE), content);
      await store.documents.update(STATE, adding("more"));
      assert.equal(await text(store, STATE), `${content}more`);
    });
  }

  test("each key has a document of its own", async (store) => {
    for (const [index, key] of KEYS.entries()) await write(store, key, `{"goals":[],"n":${index}}\n`);
    for (const [index, key] of KEYS.entries()) assert.equal(await text(store, key), `{"goals":[],"n":${index}}\n`);
  });

  test("a reserved name has one winner of eight (REL-40)", async (store) => {
    const outcomes = await Promise.all(
      EIGHT.map((n) => store.documents.update(ARTIFACT, () => ({ write: `${n}`, value: n }), { expected: null })),
    );
    const winners = outcomes.filter((outcome) => outcome.kind === "written");
    assert.equal(winners.length, 1);
    const revision = winners[0]?.kind === "written" ? winners[0].revision : null;
    for (const outcome of outcomes) if (outcome.kind !== "written") assert.equal(only(outcome, "conflict").actual, revision);
    assert.equal(await text(store, ARTIFACT), `${winners[0]?.kind === "written" ? winners[0].value : ""}`);
  });

  test("an expected revision has one winner of eight, over two stores (REL-40)", async (store) => {
    const expected = await write(store, STATE, "start");
    const other = await reopen(store);
    const outcomes = await Promise.all(
      EIGHT.map((n) => (n % 2 === 0 ? store : other).documents.update(STATE, adding(`${n}`), { expected })),
    );
    assert.deepEqual(outcomes.map((outcome) => outcome.kind).sort(), [
      "conflict",
      "conflict",
      "conflict",
      "conflict",
      "conflict",
      "conflict",
      "conflict",
      "written",
    ]);
    assert.equal((await text(store, STATE)).length, "start".length + 1);
  });

  test("another revision than the expected one is a conflict at once, without an edit", async (store) => {
    const old = await write(store, STATE, "one");
    const actual = await write(store, STATE, "two");
    let edits = 0;
    const edit = () => {
      edits += 1;
      return { write: "three", value: null };
    };
    for (const expected of [old, null])
      assert.equal(only(await store.documents.update(STATE, edit, { expected }), "conflict").actual, actual);
    assert.equal(only(await store.documents.update(ARTIFACT, edit, { expected: old }), "conflict").actual, null);
    assert.equal(edits, 0);
    assert.equal(await text(store, STATE), "two");
  });

  test("exactly the expected revision is removed, once, and can be written anew", async (store) => {
    const old = await write(store, STATE, "one");
    const expected = await write(store, STATE, "two");
    assert.equal(only(await store.documents.remove(STATE, { expected: old }), "conflict").actual, expected);
    assert.equal(await text(store, STATE), "two");
    const other = await reopen(store);
    const outcomes = await Promise.all(EIGHT.map((n) => (n % 2 === 0 ? store : other).documents.remove(STATE, { expected })));
    assert.deepEqual(outcomes.map((outcome) => outcome.kind).toSorted(), [...Array.from({ length: 7 }, () => "absent"), "removed"]);
    assert.deepEqual(await store.documents.read(STATE), { kind: "absent" });
    assert.equal((await store.documents.update(STATE, () => ({ write: "three", value: null }), { expected: null })).kind, "written");
  });

  test("stamps of what was disconnected are listed, oldest first", async (store) => {
    assert.deepEqual(await store.documents.disconnectStamps(), []);
    for (const stamp of ["20261121T010804Z-10", "20261121T010804Z-2", "20261121T010804Z", "20260101T000000Z"])
      await write(store, { kind: "disconnected", stamp, name: "manifest.json" }, "{}");
    assert.deepEqual(await store.documents.disconnectStamps(), [
      "20260101T000000Z",
      "20261121T010804Z",
      "20261121T010804Z-2",
      "20261121T010804Z-10",
    ]);
  });

  test("updates of one process run in call order (REL-43)", async (store) => {
    await Promise.all("abcdefghijklmnopqrst".split("").map((letter) => store.documents.update(STATE, adding(letter))));
    assert.equal(await text(store, STATE), "abcdefghijklmnopqrst");
  });

  test("interleaved updates of two stores lose nothing (REL-3)", async (store) => {
    const other = await reopen(store);
    await Promise.all(
      EIGHT.flatMap((n) => [store.documents.update(STATE, adding(`a${n} `)), other.documents.update(STATE, adding(`b${n} `))]),
    );
    const words = (await text(store, STATE)).trim().split(" ");
    assert.deepEqual(words.toSorted(), EIGHT.flatMap((n) => [`a${n}`, `b${n}`]).toSorted());
    assert.deepEqual(
      words.filter((word) => word.startsWith("a")),
      EIGHT.map((n) => `a${n}`),
    );
  });

  test("an edit that throws writes nothing and blocks nobody", async (store) => {
    await write(store, STATE, "one");
    const broken = store.documents.update(STATE, () => {
      throw new RangeError("edit");
    });
    const next = store.documents.update(STATE, adding("two"));
    await assert.rejects(broken, RangeError);
    assert.equal((await next).kind, "written");
    assert.equal(await text(store, STATE), "onetwo");
  });

  test("text that could not be read again is a bug of its writer, and nothing is written", async (store) => {
    const registry: DocumentKey = { kind: "registry" };
    await write(store, registry, '{"goals":[]}\n');
    for (const [key, bad] of [
      [registry, "{,}"],
      [registry, "[]"],
      [{ kind: "global_registry" }, ""],
      [STATE, "half \uD800"],
    ] as const) {
      await assert.rejects(
        store.documents.update(key, () => ({ write: bad, value: null })),
        LoopxError,
      );
    }
    assert.equal(await text(store, registry), '{"goals":[]}\n');
    assert.deepEqual(await store.documents.read(STATE), { kind: "absent" });
  });

  test("a text over its limit is refused and the old one stays; one at the limit is written (REL-103)", async (store) => {
    await write(store, ARTIFACT, "x".repeat(ARTIFACT_LIMIT));
    const refused = only(await store.documents.update(ARTIFACT, adding("y")), "unreadable");
    assert.deepEqual([refused.reason, refused.size, refused.limit], ["too_large", ARTIFACT_LIMIT + 1, ARTIFACT_LIMIT]);
    assert.equal((await text(store, ARTIFACT)).length, ARTIFACT_LIMIT);
    assert.equal(
      only(await store.documents.update(EXECUTOR, () => ({ write: "\u4e2d".repeat(ARTIFACT_LIMIT / 2), value: null })), "unreadable")
        .reason,
      "too_large",
    );
  });

  test("a name that leads out of its root is refused, read or written (REL-10)", async (store) => {
    for (const name of ["../evil.json", "a/../../evil.json", "/etc/evil", "..", "."]) {
      for (const key of [
        { kind: "artifact", goal_id: ALPHA, name },
        { kind: "executor_state", executor: "looper", name },
        { kind: "backup", folder: "alpha", stamp: "s", name },
      ] as const) {
        assert.equal(only(await store.documents.read(key), "unreadable").reason, "path_outside_root");
        assert.equal(only(await store.documents.update(key, adding("x")), "unreadable").reason, "path_outside_root");
      }
    }
  });

  test("the next store finds what the last one wrote", async (store) => {
    const revision = await write(store, STATE, "one");
    const next = await reopen(store);
    await assertFound(next, "one", revision);
    assert.equal((await next.documents.update(STATE, adding("!"), { expected: revision })).kind, "written");
  });
}

export function damagedDocumentConformance(test: DamageTest): void {
  test("a retry sees what a person saved meanwhile, and keeps it (REL-3)", async (store) => {
    await write(store, STATE, "ours\n");
    const outcome = await store.documents.update(STATE, (current) => {
      if (current?.text === "ours\n") store.plant(STATE, utf8("theirs\n"));
      return { write: `${current?.text ?? ""}more\n`, value: null };
    });
    assert.equal(only(outcome, "written").attempts, 2);
    assert.equal(await text(store, STATE), "theirs\nmore\n");
  });

  test("a person's deletion meanwhile is seen too", async (store) => {
    await write(store, STATE, "ours\n");
    const outcome = await store.documents.update(STATE, (current) => {
      if (current !== null) store.plant(STATE, "absent");
      return { write: current === null ? "fresh\n" : "edited\n", value: null };
    });
    assert.equal(only(outcome, "written").attempts, 2);
    assert.equal(await text(store, STATE), "fresh\n");
  });

  test("a person who saves again and again makes it a conflict with their bytes intact (REL-40)", async (store) => {
    await write(store, STATE, "0");
    let edits = 0;
    const outcome = await store.documents.update(STATE, (current) => {
      edits += 1;
      store.plant(STATE, utf8(`${edits}`));
      return { write: `${current?.text ?? ""}!`, value: null };
    });
    assert.equal(only(outcome, "conflict").attempts, 6);
    assert.equal(edits, 6);
    assert.equal(await text(store, STATE), "6");
  });

  test("with an expected revision there is one try only", async (store) => {
    const expected = await write(store, STATE, "0");
    const outcome = await store.documents.update(
      STATE,
      () => {
        store.plant(STATE, utf8("theirs"));
        return { write: "ours", value: null };
      },
      { expected },
    );
    const found = await store.documents.read(STATE);
    assert.equal(only(outcome, "conflict").actual, found.kind === "found" ? found.revision : null);
    assert.equal(await text(store, STATE), "theirs");
  });

  const damage = [
    ["not_utf8", STATE, Uint8Array.of(0x61, 0xff, 0xfe, 0x62)],
    ["not_utf8", ARTIFACT, Uint8Array.of(0xc3)],
    ["not_a_regular_file", STATE, "directory"],
    ["too_large", ARTIFACT, new Uint8Array(ARTIFACT_LIMIT + 1).fill(0x61)],
    ["not_utf8", EXECUTOR, Uint8Array.of(0xed, 0xa0, 0x80)],
  ] as const;
  for (const [reason, key, content] of damage) {
    test(`a ${key.kind} that is ${reason} is answered as such and never written over (REL-42)`, async (store) => {
      store.plant(key, content);
      const edit = () => assert.fail("the edit saw unreadable content");
      assert.equal(only(await store.documents.read(key), "unreadable").reason, reason);
      assert.equal(only(await store.documents.update(key, edit), "unreadable").reason, reason);
      if (key.kind !== "executor_state")
        assert.equal(only(await store.documents.update(key, edit, { set_aside: true }), "unreadable").reason, reason);
      assert.equal(await store.documents.exists(key), true);
      assert.equal((await store.documents.obstacle(key))?.reason, reason);
      assert.deepEqual(bytesAt(store, key), content === "directory" ? null : content);
    });
  }

  test("a document at its limit is read (REL-103)", async (store) => {
    store.plant(ARTIFACT, new Uint8Array(ARTIFACT_LIMIT).fill(0x61));
    assert.equal((await text(store, ARTIFACT)).length, ARTIFACT_LIMIT);
  });

  test("an unreadable executor state may be set aside, and the edit starts from nothing (REL-42)", async (store) => {
    store.plant(EXECUTOR, Uint8Array.of(0xff));
    const outcome = await store.documents.update(EXECUTOR, (current) => ({ write: "{}\n", value: current }), { set_aside: true });
    assert.equal(only(outcome, "written").value, null);
    assert.equal(await text(store, EXECUTOR), "{}\n");
  });
}

/** The state's text under that revision; a store that knows who may read the file says that too. */
async function assertFound(store: ConformanceStore, text: string, revision: Revision): Promise<void> {
  const found = only(await store.documents.read(STATE), "found");
  assert.deepEqual([found.text, found.revision], [text, revision]);
}
