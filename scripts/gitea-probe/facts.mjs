// The facts that were written down, for one kind of server, and how another one differs.

/**
 * @typedef {{ recorded: { facts: Record<string, unknown> }, assumed: { facts: Record<string, unknown> }, newer: { facts: Record<string, unknown> } }} Facts
 */

/**
 * What a server of that kind should answer.
 * @param {Facts} facts
 * @param {"1.15" | "current"} profile
 * @returns {Record<string, unknown>}
 */
export function expectedFacts({ recorded, assumed, newer }, profile) {
  return { ...recorded.facts, ...assumed.facts, ...(profile === "current" ? newer.facts : {}) };
}

/**
 * One line for each fact that differs, is missing, or was never written down.
 * @param {Record<string, unknown>} found
 * @param {Record<string, unknown>} expected
 */
export function differences(found, expected) {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  return names.flatMap((name) => {
    const [is, should] = [JSON.stringify(found[name]), JSON.stringify(expected[name])];
    return is === should ? [] : [`${name}: ${is ?? "not asked"}; written down is ${should ?? "nothing"}`];
  });
}
