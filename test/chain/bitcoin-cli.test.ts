import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { encodeAddress } from '../../domain/chain/address.ts'
import { serveRpc } from '../../src/chain/rpc-server.ts'
import { bitcoinCli, skipWithoutBitcoind, whyNoBitcoind } from '../bitcoind/bitcoind.ts'
import { key } from './coins.ts'
import { freshNode } from './fresh-node.ts'

describe.skipIf(skipWithoutBitcoind)(`Bitcoin’s own command line ${whyNoBitcoind}`, () => {
  it('works against xencoind: calls, names for arguments, its summary, and exit codes', async () => {
    const { node, dataDir } = await freshNode('regtest')
    let stops = 0
    const server = await serveRpc({ node, dataDir, port: 0, onStop: () => stops++ })
    onTestFinished(() => server.close())
    const cli = async (...args: string[]) => {
      const login = [
        '-regtest',
        `-rpcport=${server.port}`,
        `-rpccookiefile=${server.cookieFile}`,
        `-datadir=${dataDir}`,
      ]
      const { stdout } = await promisify(execFile)(bitcoinCli, [...login, ...args])
      return stdout.trim()
    }
    const address = encodeAddress(node.network, key(1).script)
    const hashes = JSON.parse(await cli('generatetoaddress', '3', address)) as string[]
    expect(hashes).toHaveLength(3)
    expect(await cli('getblockcount')).toBe('3')
    expect(await cli('getblockhash', '2')).toBe(hashes[1])
    expect(await cli('-named', 'getblockhash', 'height=3')).toBe(hashes[2])
    const block = JSON.parse(await cli('getblock', hashes[0]!, '2')) as { tx: { txid: string }[] }
    // Amounts are shown as Core shows them.
    expect(await cli('gettxout', block.tx[0]!.txid, '0')).toContain('"value": 50.00000000,')
    expect(JSON.parse(await cli('getblockchaininfo'))).toMatchObject({ chain: 'regtest', blocks: 3 })
    expect(await cli('-getinfo')).toContain('Blocks: 3')
    expect(await cli('help', 'getblockcount')).toContain('getblockcount')
    await expect(cli('getblockhash', '9')).rejects.toMatchObject({
      code: 8,
      stderr: 'error code: -8\nerror message:\nBlock height out of range\n',
    })
    await expect(cli('nosuch')).rejects.toMatchObject({ stderr: expect.stringContaining('Method not found') })
    expect(await cli('stop')).toBe('xencoind stopping')
    await expect.poll(() => stops).toBe(1)
  })
})
