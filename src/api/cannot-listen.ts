import { Fault } from '../../domain/fault.ts'

/** Why an address could not be had: `api.port-taken`, `api.cannot-listen`. */
export const cannotListen = (host: string, port: number, cause: unknown): Fault =>
  (cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
    ? new Fault('api.port-taken', `port ${port} on ${host} is in use`, {
        culprit: 'you',
        next: 'Stop the program that uses it (perhaps another zennet node), or choose another with --api-port.',
        cause,
      })
    : new Fault('api.cannot-listen', `cannot listen on ${host}:${port}`, {
        culprit: 'you',
        next: 'Choose an address of this machine and a port above 1023.',
        cause,
      })
