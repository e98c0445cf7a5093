import { renewLease } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { LEASE_GRANT_FLAGS } from "../options/leases.ts";
import { renderLease } from "../render/lease.ts";

/** Holds a lease for as long again (CMD-100). */
export async function run({ input, host }: Call<typeof LEASE_GRANT_FLAGS>): Promise<Answer> {
  const payload = await renewLease(await host(), input);
  return { payload, lines: () => renderLease("Renewed", payload) };
}
