/** Logs as lists: long stories are told here, and an append must not copy what stands before it. */
import type { LogEntry, LogKey, LogPosition, Logs } from "@loopx/core";
import type { JsonObject } from "@loopx/core/domain";

export function listedLogs(): Logs {
  const logs = new Map<string, JsonObject[]>();
  const entriesOf = (key: LogKey): LogEntry[] =>
    (logs.get(JSON.stringify(key)) ?? []).map((record, at) => ({
      kind: "record",
      position: String(at) as LogPosition,
      line: at + 1,
      record,
      text: JSON.stringify(record),
    }));
  return {
    append: async (key, record) => {
      const lines = logs.get(JSON.stringify(key)) ?? [];
      logs.set(JSON.stringify(key), lines);
      lines.push(structuredClone(record));
      const position = String(lines.length - 1) as LogPosition;
      return { kind: "appended", position, head: position, repaired_tail: false };
    },
    tail: async (key, { limit }) => ({
      kind: "page",
      entries: entriesOf(key).toReversed().slice(0, limit),
      head: "end" as LogPosition,
      more: false,
    }),
    async *scan(key) {
      yield* entriesOf(key);
    },
  };
}
