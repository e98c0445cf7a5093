/** Every exit code of the program and what it says (CMD-21). */
export const EXITS: readonly { readonly exit: number; readonly meaning: string }[] = [
  { exit: 0, meaning: "done, also a dry run, also a verdict that says skip" },
  { exit: 1, meaning: "an honest no" },
  { exit: 2, meaning: "usage, load or parse" },
  { exit: 3, meaning: "busy or conflict: retry later" },
  { exit: 10, meaning: "only with --exit-code: quiet skip" },
  { exit: 11, meaning: "only with --exit-code: waits for a person" },
  { exit: 12, meaning: "only with --exit-code: paused or throttled" },
  { exit: 13, meaning: "only with --exit-code: unhealthy" },
  { exit: 70, meaning: "a bug" },
  { exit: 130, meaning: "interrupted" },
  { exit: 143, meaning: "terminated" },
];
