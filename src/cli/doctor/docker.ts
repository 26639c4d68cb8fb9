import { request } from 'node:http'
import { type Finding, found, type Lack, missing } from './check.ts'

/** How long the daemon may take to tell of itself, ms. */
export const DOCKER_INFO_MS = 10_000
const USUAL_SOCKET = '/var/run/docker.sock'

/** What counts here of the daemon's own account. Source: Docker Engine API, `GET /info`. */
type Info = {
  readonly ServerVersion?: string
  readonly MemoryLimit?: boolean
  readonly CpuCfsQuota?: boolean
  readonly PidsLimit?: boolean
  readonly CgroupVersion?: string
}

const LACKS: Readonly<Record<string, Lack>> = {
  EACCES: {
    means: 'machines cannot be made in Docker by this user',
    fault: 'you',
    next: 'Add the user to the group docker (sudo usermod -aG docker USER), and log in again; or run as root.',
  },
  ENOENT: {
    means: 'there is no Docker here, or it does not run; namespaces stand in for it',
    fault: 'this machine',
    next: 'Install and start it (Debian: apt install docker.io), or do without.',
  },
  ECONNREFUSED: {
    means: 'Docker is installed, and its daemon does not run',
    fault: 'this machine',
    next: 'Start it: sudo systemctl start docker; its log says why it ended.',
  },
}

/** The daemon and this user's right to it, and whether it can limit machines. One that is elsewhere (DOCKER_HOST) is only tried. */
export const checkDockerDaemon = async (socketPath: string | undefined): Promise<Finding[]> => {
  const path = socketPath ?? USUAL_SOCKET
  try {
    const info = await infoOf(path)
    return [
      found('Docker daemon', 'nobody', `${info.ServerVersion ?? 'unknown version'} at ${path}`),
      judgeLimits(info),
    ]
  } catch (error) {
    const { code = 'no answer' } = error as NodeJS.ErrnoException
    const lack = LACKS[code] ?? {
      means: 'Docker does not answer as it should',
      fault: 'this machine',
      next: 'See the log of its daemon: journalctl -u docker.',
    }
    return [missing('Docker daemon', 'nobody', `${code} at ${path}`, lack)]
  }
}

export const judgeLimits = (info: Info): Finding => {
  const lacks = [
    ...(info.MemoryLimit === false ? ['memory'] : []),
    ...(info.CpuCfsQuota === false ? ['CPU'] : []),
    ...(info.PidsLimit === false ? ['processes'] : []),
  ]
  return lacks.length === 0
    ? found('Docker limits', 'nobody', `memory, CPU, processes; cgroups v${info.CgroupVersion ?? '?'}`)
    : missing('Docker limits', 'nobody', `none on ${lacks.join(', ')}`, {
        means: 'a machine can take more of the host than was agreed',
        fault: 'this machine',
        next: 'Boot with cgroup_enable=memory swapaccount=1, or with a kernel that has these controllers.',
      })
}

const infoOf = (socketPath: string): Promise<Info> =>
  new Promise((done, failed) => {
    const asked = request({ socketPath, path: '/info', signal: AbortSignal.timeout(DOCKER_INFO_MS) }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
      })
      response.on('error', failed)
      response.on('end', () => {
        try {
          done(JSON.parse(text) as Info)
        } catch (error) {
          failed(error)
        }
      })
    })
    asked.on('error', failed)
    asked.end()
  })
