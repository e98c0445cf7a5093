/** The token of this window: it comes behind `#`, which no server sees, and leaves the address at once. It stays in this tab. */
const KEY = "loopx-token";

/** Takes the token out of the address. */
export function takeToken(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null || token === "") return;
  sessionStorage.setItem(KEY, token);
  history.replaceState(history.state, "", location.pathname + location.search);
}

/** Null when this tab was opened without one. */
export function tokenOf(): string | null {
  return sessionStorage.getItem(KEY);
}
