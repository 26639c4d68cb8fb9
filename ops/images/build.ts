// Gives the image `zennet/busybox:1` to the Docker of DOCKER_HOST (or the default socket), without a registry:
//   node ops/images/build.ts
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'
import { BUSYBOX_IMAGE, importBusyboxImage } from '../../src/machine/busybox-image.ts'

const folder = await mkdtemp(join(tmpdir(), 'zennet-image-'))
try {
  await importBusyboxImage(new Docker(), folder)
  process.stdout.write(`${BUSYBOX_IMAGE} is ready\n`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
