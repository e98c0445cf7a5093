const PATHS = {
  queue: "M4 5h16M4 12h10M4 19h7",
  goals: "M12 3a9 9 0 1 0 9 9M12 8a4 4 0 1 0 4 4M12 12l8-8M16 4h4v4",
  gates: "M4 21V8l8-5 8 5v13M9 21v-7h6v7",
  runs: "M4 19V5M4 19h16M8 15l4-5 3 3 5-7",
  loops: "M17 3l3 3-3 3M20 6H9a5 5 0 0 0-5 5M7 21l-3-3 3-3M4 18h11a5 5 0 0 0 5-5",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M5 12l5 5 9-11",
  back: "M14 6l-6 6 6 6",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4 4",
  warn: "M12 4l9 16H3zM12 10v4M12 17v.5",
  calm: "M4 13l5 5L20 6",
} as const;

/** A line drawing; what it means stands beside it in words. */
export function Icon({ name }: { readonly name: keyof typeof PATHS }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
