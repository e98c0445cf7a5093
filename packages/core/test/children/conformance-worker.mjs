// One of the writers of the conformance suite: node conformance-worker.mjs <directory> <worker> <operations>.
import { conformanceWork, directoryPorts } from "@loopx/core/testing";

const [directory = "", worker = "", operations] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await conformanceWork(directoryPorts(directory), worker, Number(operations))));
