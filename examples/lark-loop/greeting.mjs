// What the bot says. The test beside it is the fast gate: break this line, commit, and hand it over with ./lark2.sh restart.
// With fix.enabled an agent repairs it; without, Lark (or the log) says that a person is needed.
/** @param {string} name */
export const greeting = (name) => `Hello from ${name}.`;
