/** REL-164: every command that writes dies before, half-way through and after each of its file system calls. */
import { harmsEveryCommand } from "./harm.ts";

harmsEveryCommand("a process that dies at any call", ["dies before", "dies half-way through", "dies after"]);
