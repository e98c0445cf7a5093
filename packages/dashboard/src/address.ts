/** Where the reader stands, as the address says it: a view, one goal, filters. Whoever gets the address sees the same. */
import { useSyncExternalStore } from "react";

export const VIEWS = ["queue", "goals", "gates", "runs", "loops"] as const;
export type View = (typeof VIEWS)[number];
export const TABS = ["verdict", "review", "runs", "quota", "todos", "rewards", "settings"] as const;
export type Tab = (typeof TABS)[number];

/** Every part of the address; absent parts say nothing. */
export interface Address {
  readonly view: View;
  readonly goal: string | null;
  readonly tab: Tab;
  /** The run that is judged; the newest where it names none. */
  readonly run: string;
  readonly q: string;
  readonly severity: string;
  readonly who: string;
  readonly state: string;
  readonly project: string;
}

const listeners = new Set<() => void>();
addEventListener("popstate", () => listeners.forEach((hear) => hear()));

let known = { search: "", address: readAddress("") };

function snapshot(): Address {
  if (known.search !== location.search) known = { search: location.search, address: readAddress(location.search) };
  return known.address;
}

/** The address as it is, and again whenever it changes. */
export function useAddress(): Address {
  return useSyncExternalStore((hear) => {
    listeners.add(hear);
    return () => listeners.delete(hear);
  }, snapshot);
}

/** Goes there. Typing in a filter replaces the entry of the history, a click makes a new one. */
export function go(changes: Partial<Address>, how: "push" | "replace" = "push"): void {
  const search = searchOf({ ...snapshot(), ...changes });
  if (search === location.search) return;
  const before = snapshot();
  if (how === "push") history.pushState(null, "", `${location.pathname}${search}`);
  else history.replaceState(null, "", `${location.pathname}${search}`);
  listeners.forEach((hear) => hear());
  // Another page begins at its top.
  if (before.view !== snapshot().view || before.goal !== snapshot().goal) scrollTo(0, 0);
}

/** The address of a link that changes these parts and keeps the others. */
export function hrefOf(changes: Partial<Address>): string {
  const search = searchOf({ ...snapshot(), ...changes });
  return search === "" ? "./" : search;
}

function readAddress(search: string): Address {
  const said = new URLSearchParams(search);
  const text = (key: string) => said.get(key) ?? "";
  return {
    view: VIEWS.find((view) => view === said.get("view")) ?? "queue",
    goal: said.get("goal"),
    tab: TABS.find((tab) => tab === said.get("tab")) ?? "verdict",
    run: text("run"),
    q: text("q"),
    severity: text("severity"),
    who: text("who"),
    state: text("state"),
    project: text("project"),
  };
}

function searchOf({ view, goal, tab, run, ...filters }: Address): string {
  const said = new URLSearchParams();
  if (view !== "queue") said.set("view", view);
  if (goal !== null) said.set("goal", goal);
  if (goal !== null && tab !== "verdict") said.set("tab", tab);
  if (goal !== null && tab === "rewards" && run !== "") said.set("run", run);
  for (const [key, value] of Object.entries(filters)) if (value !== "") said.set(key, value);
  const text = said.toString();
  return text === "" ? "" : `?${text}`;
}
