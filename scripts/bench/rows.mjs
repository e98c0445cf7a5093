// The rows of the bench's table: a figure, the budget it is held against, and whether it is held.

/** @typedef {{ id: string, what: string, figure: string, budget: string, held: boolean }} Row */

/** One time in terms of another. @param {string} id @param {string} what @param {number} value @param {number} limit @returns {Row} */
export function ratio(id, what, value, limit) {
  return { id, what, figure: `${value.toFixed(2)} x`, budget: `<= ${limit.toFixed(2)} x`, held: value <= limit };
}

/** A time beside that of a bare start, and what it is above it in milliseconds. @param {string} id @param {string} what @param {number} ms @param {number} bare @param {number} limit @returns {Row} */
export function overStart(id, what, ms, bare, limit) {
  const row = ratio(id, `${what} / bare node`, ms / bare, limit);
  return { ...row, figure: `${row.figure}, ${ms < bare ? "-" : "+"}${Math.abs(ms - bare).toFixed(1)} ms` };
}

/** At most so much of a unit. @param {string} id @param {string} what @param {number} value @param {number} limit @param {string} unit @returns {Row} */
export function atMost(id, what, value, limit, unit) {
  return { id, what, figure: `${plain(value)} ${unit}`, budget: `<= ${plain(limit)} ${unit}`, held: value <= limit };
}

/** At least so much of a unit. @param {string} id @param {string} what @param {number} value @param {number} limit @param {string} unit @returns {Row} */
export function atLeast(id, what, value, limit, unit) {
  return { id, what, figure: `${plain(value)} ${unit}`, budget: `>= ${plain(limit)} ${unit}`, held: value >= limit };
}

/** A count that has to be exactly so. @param {string} id @param {string} what @param {number} value @param {number} wanted @returns {Row} */
export function exactly(id, what, value, wanted) {
  return { id, what, figure: plain(value), budget: plain(wanted), held: value === wanted };
}

/** @param {readonly Row[]} rows */
export function table(rows) {
  const lines = rows.map((row) => `| ${row.id} | ${row.what} | ${row.figure} | ${row.budget} | ${row.held ? "yes" : "**no**"} |`);
  return ["| id | what | figure | budget | held |", "|---|---|---|---|---|", ...lines].join("\n");
}

/** @param {number} value */
function plain(value) {
  return value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 2 : 0 });
}
