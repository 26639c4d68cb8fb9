import { writeSync } from 'node:fs'
import { leaseStream } from '../../domain/ids.ts'
import { leaseIdNumber } from '../projections/lease-history.ts'
import { openPlace } from './place.ts'
import { over } from './secret-lease.ts'

// Started by a test, and killed by it: leases come and are forgotten one after the other, and each is printed when it is.
const [folder, first] = process.argv.slice(2)
if (folder === undefined || first === undefined) throw new Error('usage: forget-for-ever <folder> <first>')
const place = await openPlace(folder)
for (let n = Number(first); ; n++) {
  await place.append(leaseStream(leaseIdNumber(n)), ...over(n))
  const done = await place.forgetting.forget({ kind: 'lease', id: leaseIdNumber(n) })
  await place.obeying.reached((done as { position: number }).position)
  writeSync(1, `${n}\n`)
}
