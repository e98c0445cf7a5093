// What the bot says. Break this, commit, and see the loop refuse it; with fix.enabled an agent may repair it.
// Its test is answer.test.mjs.

/** @param {string} text */
export function answer(text) {
  return text.trim() === "" ? "Say something." : `You said: ${text.trim()}`;
}
