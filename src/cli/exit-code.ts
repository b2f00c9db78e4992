/** 0: passed. 1: a scenario failed, or a call was refused. 2: the lab, a file or the command line is broken. */
export type ExitCode = 0 | 1 | 2
