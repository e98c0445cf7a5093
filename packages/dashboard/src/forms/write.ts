/** A write in two steps: seen dry, then given under the id of what was seen. What went wrong is a value. */
import { useState } from "react";
import { post, Refused } from "../api.ts";

export type Step<Preview> =
  | { readonly kind: "draft"; readonly fault: Refused | null }
  | { readonly kind: "busy" }
  | { readonly kind: "seen"; readonly preview: Preview }
  | { readonly kind: "done" };

export interface TwoSteps<Preview> {
  readonly step: Step<Preview>;
  /** Asks dry. */
  preview(path: string, body: object): Promise<void>;
  /** Gives it; a refusal leads back to the draft. */
  give(path: string, body: object): Promise<void>;
  /** Back to the draft. */
  change(): void;
}

export function useTwoSteps<Preview>(): TwoSteps<Preview> {
  const [step, setStep] = useState<Step<Preview>>({ kind: "draft", fault: null });
  const tried = async (act: () => Promise<Step<Preview>>): Promise<void> => {
    setStep({ kind: "busy" });
    try {
      setStep(await act());
    } catch (error) {
      setStep({ kind: "draft", fault: error instanceof Refused ? error : new Refused(0, "unreachable", String(error), "") });
    }
  };
  return {
    step,
    preview: (path, body) => tried(async () => ({ kind: "seen", preview: await post<Preview>(path, body) })),
    give: (path, body) =>
      tried(async () => {
        await post(path, body);
        return { kind: "done" };
      }),
    change: () => setStep({ kind: "draft", fault: null }),
  };
}
