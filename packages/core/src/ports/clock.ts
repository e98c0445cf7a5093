/** Time and fresh ids. The only door through which a clock or randomness enters (REL-90). */
export interface Clock {
  now(): Date;
  /** For durations inside this process only. */
  monotonicMs(): number;
  /** Minutes east of UTC that local time has at that instant. */
  utcOffsetMinutes(at: Date): number;
}

/** Fresh ids; no two are alike. */
export interface Ids {
  /** `run_` gives the prefix and a lower-case ULID (26 characters); `todo_` the prefix and 12 random hex. */
  next(prefix: string): string;
}
