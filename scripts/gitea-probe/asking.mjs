// How the probe talks: plain requests, no retry, and answers cut down to what means the same on every server.

/** @typedef {"owner" | "bot" | "stranger"} Who */
/** @typedef {{ status: number, json: any, text: string, headers: Headers }} Answer */
/**
 * @typedef {object} Target
 * @property {string} url without a slash at its end
 * @property {Record<Who, string>} tokens
 * @property {(ms: number) => Promise<unknown>} pause
 * @property {string} name of the repository that is made
 */

/**
 * @param {Target} target
 */
export function asking(target) {
  /**
   * @param {Who | null} who
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {Record<string, string>} [more]
   * @returns {Promise<Answer>}
   */
  const ask = async (who, method, path, body, more = {}) => {
    /** @type {Record<string, string>} */
    const headers = { ...more };
    if (who !== null) headers["authorization"] ??= `token ${target.tokens[who]}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${target.url}/api/v1${path}`, { method, headers, redirect: "manual", ...sent });
    const text = await response.text();
    return { status: response.status, json: parsed(text), text, headers: response.headers };
  };
  /**
   * The bot's unread threads, after the server had time for its queue; asked until `until` holds, or some seconds long.
   * @param {(threads: any[]) => boolean} [until]
   */
  const unread = async (until) => {
    let threads = [];
    for (let turn = 0; turn < (until === undefined ? 8 : 40); turn += 1) {
      await target.pause(300);
      threads = (await ask("bot", "GET", "/notifications?status-types=unread")).json;
      if (until?.(threads) === true) break;
    }
    return /** @type {any[]} */ (threads);
  };
  return { ask, unread };
}

/** @param {string} text */
function parsed(text) {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Which of these headers are there.
 * @param {Answer} answer
 * @param {string[]} names
 */
export function present({ headers }, ...names) {
  return names.filter((name) => headers.has(name));
}

/** @param {Answer} answer */
export function logins({ json }) {
  return json?.assignees?.map((/** @type {any} */ each) => each.login) ?? json?.assignees ?? null;
}

/** @param {Answer} answer */
export function names({ json }) {
  return Array.isArray(json) ? inOrder(json.map((each) => each.name)) : null;
}

/** @param {string[]} texts */
export function inOrder(texts) {
  return texts.toSorted((one, other) => (one < other ? -1 : 1));
}
