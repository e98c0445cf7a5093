// `npm run build`: the compiled library in packages/core/dist and the bundled command in packages/cli/dist.
import { build, install } from "./steps.mjs";

install();
build();
