import { memoryPeers } from '../../src/peer/memory.ts'
import { noisePeers } from '../../src/peer/noise.ts'
import { systemRandom } from '../../src/random/system.ts'
import { peersContract } from '../contracts/peer.ts'

peersContract('memory', () => memoryPeers(systemRandom))
peersContract('noise', () => noisePeers())
