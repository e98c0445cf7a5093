/** REL-165: every file system call of every command is refused once, or finds no free descriptor; every write is short once. */
import { harmsEveryCommand } from "./harm.ts";

harmsEveryCommand("a call that is refused once", ["EACCES", "EMFILE", "a short write"]);
