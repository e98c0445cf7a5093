/** JSON lines of a client, and looks into them. Lines that are none are left out: clients print warnings among them. */
import { isJsonObject, type JsonObject } from "@loopx/core/domain";

export { isJsonObject };

/** The objects among the lines of a text. */
export function jsonLines(text: string): readonly JsonObject[] {
  return text.split("\n").flatMap((line) => {
    if (!line.startsWith("{")) return [];
    try {
      const value: unknown = JSON.parse(line);
      return isJsonObject(value) ? [value] : [];
    } catch {
      return [];
    }
  });
}

/** The text under a key; empty when there is none. */
export function textAt(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === "string" ? value : "";
}
