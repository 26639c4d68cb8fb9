/** Docker's answer to one call; creating a machine on a busy host takes about a second. */
export const DOCKER_CALL_LIMIT_MS = 60_000
/** Fetching an image from a registry. */
export const IMAGE_PULL_LIMIT_MS = 600_000
/** Between the polite and the certain signal when a program is ended. */
export const KILL_GRACE_MS = 1_000
/** For processes to be gone after SIGKILL. */
export const KILL_LIMIT_MS = 10_000
/** For a program's exit code to be known after its output ended. */
export const EXIT_CODE_LIMIT_MS = 10_000
/** For a terminal to take its size while its program is being started. */
export const RESIZE_LIMIT_MS = 10_000
/** `docker pause` fails on starved containers, and cgroup v1 freezes step by step: both are tried again within this time. */
export const FREEZE_LIMIT_MS = 20_000
/** For a machine without Docker to be set up. */
export const START_LIMIT_MS = 30_000
/** For mounts to be let go by what still ends. */
export const UNMOUNT_LIMIT_MS = 10_000
/** CPU of a machine that is kept for its data alone, thousandths of a core: enough to read it at some megabytes a second. */
export const SEALED_CPU_MILLIS = 200
/** Between two looks at something that is awaited. */
export const POLL_MS = 20
/** For a socket inside a machine to be connected. */
export const CONNECT_LIMIT_MS = 30_000
/** A helper that carries nothing any more gives its memory back after this. */
export const HELPER_IDLE_MS = 30_000
