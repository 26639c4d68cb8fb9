import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { Fault } from '../../domain/fault.ts'
import { runProgram } from './host-program.ts'
import { staticBusybox } from './toolbox.ts'

/** The image that every provider has without a registry: a static busybox and the folders that a shell expects. */
export const BUSYBOX_IMAGE = 'zennet/busybox:1'
export const BUSYBOX_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const FOLDERS = [
  ...['bin', 'sbin', 'usr/bin', 'usr/sbin', 'usr/local/bin', 'usr/local/sbin', 'etc', 'dev', 'proc', 'sys', 'run'],
  ...['root', 'home', 'tmp', 'var/tmp', 'var/log', '.zennet', '.old'],
]
const FILES = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  'etc/group': 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n',
  'etc/hosts': '127.0.0.1\tlocalhost\n::1\tlocalhost\n',
  'etc/profile': "export PS1='\\w \\$ '\n",
  'etc/hostname': 'zennet\n',
  'etc/resolv.conf': '',
} as const

/**
 * Makes the image's tree at `folder` (whole or not at all); does nothing when it stands.
 * @throws Fault `machine.no-image` when the host has no static busybox
 */
export const makeBusyboxTree = async (folder: string): Promise<void> => {
  if (existsSync(folder)) return
  const busybox = staticBusybox()
  if (busybox === undefined)
    throw new Fault('machine.no-image', `${BUSYBOX_IMAGE} needs a static busybox, and this host has none`, {
      culprit: 'provider',
      next: 'Install busybox-static (apt-get install busybox-static), or name another image.',
    })
  await mkdir(join(folder, '..'), { recursive: true })
  const draft = await mkdtemp(`${folder}-draft-`)
  for (const name of FOLDERS) await mkdir(join(draft, name), { recursive: true })
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(draft, name), text)
  for (const name of ['tmp', 'var/tmp']) await chmod(join(draft, name), 0o1777)
  await copyFile(busybox, join(draft, 'bin/busybox'))
  await chmod(join(draft, 'bin/busybox'), 0o755)
  const applets = (await runProgram(busybox, '--list')).split('\n').filter((name) => /^[\w.[-]+$/.test(name))
  // `busybox` is in its own list: linking it would overwrite the binary.
  for (const name of applets) if (name !== 'busybox') await symlink('busybox', join(draft, 'bin', name))
  await chmod(draft, 0o755)
  await rename(draft, folder).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  })
}

/** Gives the image to a Docker that does not have it, without a registry. */
export const importBusyboxImage = async (docker: Docker, workFolder: string): Promise<void> => {
  await mkdir(workFolder, { recursive: true })
  const draft = await mkdtemp(join(workFolder, 'image-'))
  try {
    await makeBusyboxTree(join(draft, 'tree'))
    const tar = join(draft, 'tree.tar')
    await runProgram('tar', '-C', join(draft, 'tree'), '--numeric-owner', '--owner=0', '--group=0', '-cf', tar, '.')
    const [repo, tag] = BUSYBOX_IMAGE.split(':')
    const changes = [`ENV PATH=${BUSYBOX_PATH}`, 'CMD ["/bin/sh"]']
    const stream = await docker.importImage(tar, { repo, tag, changes })
    await new Promise<void>((resolve, reject) =>
      docker.modem.followProgress(stream, (error: Error | null) => (error === null ? resolve() : reject(error))),
    )
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}
