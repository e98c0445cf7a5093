// `npm run generate`: rewrites what is made from the code: schemas/ and docs/errors.md.
import { bin, install } from "./steps.mjs";

install();
bin("vitest", ["run", "test/generated.test.ts"], { env: { UPDATE: "1" } });
