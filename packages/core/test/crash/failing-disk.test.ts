/** REL-165: every file system call of every command that writes fails once, as on a disk that is broken, full or read-only. */
import { harmsEveryCommand } from "./harm.ts";

harmsEveryCommand("a disk that fails once", ["EIO", "ENOSPC", "EROFS"]);
