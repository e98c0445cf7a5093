/** One look of a doctor, and what it thinks of it. A warning stops nothing; a fault does. */
export interface Check {
  readonly check: string;
  readonly level: "ok" | "warning" | "fault";
  readonly detail: string;
  readonly repo?: string;
  /** What a person does next. */
  readonly fix?: string;
}
