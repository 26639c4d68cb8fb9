import { stat } from 'node:fs/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { toHex } from '../../domain/bytes.ts'
import { encodeAddress } from '../../domain/chain/address.ts'
import { encodeBlock, encodeTransaction, transactionId } from '../../domain/chain/codec.ts'
import { basicAuth, readCookie } from '../../src/chain/rpc/cookie.ts'
import { MAX_RPC_BODY_BYTES } from '../../src/chain/rpc/http-server.ts'
import { serveRpc } from '../../src/chain/rpc-server.ts'
import { key, pay } from './coins.ts'
import { freshNode, ripeCoins } from './fresh-node.ts'

const alice = key(1)
const bob = key(2)

const serve = async () => {
  const { node, dataDir } = await freshNode()
  let stops = 0
  const server = await serveRpc({ node, dataDir, port: 0, login: { user: 'u', password: 'p' }, onStop: () => stops++ })
  onTestFinished(() => server.close())
  const authorization = basicAuth(readCookie(server.cookieFile))
  const post = (body: string, headers: Record<string, string> = { authorization }) =>
    fetch(server.url, { method: 'POST', body, headers })
  const ask = async (method: string, params: unknown = []) => {
    const response = await post(JSON.stringify({ id: 1, method, params }))
    const { result, error } = (await response.json()) as { result: never; error: { code: number } | null }
    return { status: response.status, result: result as never, code: error?.code }
  }

  const result = async <T>(method: string, params: unknown = []): Promise<T> => (await ask(method, params)).result as T
  return { node, server, post, ask, result, stops: () => stops }
}

describe('JSON-RPC as bitcoind serves it', () => {
  it('lets in the cookie and the given login, and nobody else', async () => {
    const { server, post } = await serve()
    const body = JSON.stringify({ method: 'uptime' })
    const basic = (user: string, password: string) => ({ authorization: basicAuth({ user, password }) })
    expect((await post(body, {})).status).toBe(401)
    expect((await post(body, basic('u', 'wrong'))).status).toBe(401)
    expect((await post(body, basic('u', 'p'))).status).toBe(200)
    expect((await post(body)).status).toBe(200)
    expect((await stat(server.cookieFile)).mode & 0o777).toBe(0o600)
    await server.close()
    await expect(stat(server.cookieFile)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('answers malformed requests with the codes that clients know', async () => {
    const { ask, post, node } = await serve()
    const code = async (body: string) => ((await (await post(body)).json()) as { error: { code: number } }).error.code
    expect(await code('{')).toBe(-32700)
    expect(await code('{"params":[]}')).toBe(-32600)
    expect(await code('null')).toBe(-32600)
    expect(await ask('nosuch')).toMatchObject({ status: 404, code: -32601 })
    expect(await ask('__proto__')).toMatchObject({ code: -32601 })
    expect(await ask('constructor')).toMatchObject({ code: -32601 })
    expect(await ask('getblockhash')).toMatchObject({ status: 500, code: -1 })
    expect(await ask('getblockhash', ['x'])).toMatchObject({ code: -3 })
    expect(await ask('getblockhash', [1, 2, 3])).toMatchObject({ code: -1 })
    expect(await ask('getblockhash', { nosuch: 1, height: 0 })).toMatchObject({ code: -8 })
    expect(await ask('getblockhash', [7])).toMatchObject({ code: -8 })
    expect(await ask('getblock', ['zz'])).toMatchObject({ code: -8 })
    expect(await ask('getblock', ['11'.repeat(32)])).toMatchObject({ code: -5 })
    expect(await ask('getrawtransaction', ['11'.repeat(32)])).toMatchObject({ code: -5 })
    expect(await ask('getmempoolentry', ['11'.repeat(32)])).toMatchObject({ code: -5 })
    expect(await ask('generatetoaddress', [1, 'nonsense'])).toMatchObject({ code: -5 })
    expect(await ask('sendrawtransaction', ['00'])).toMatchObject({ code: -22 })
    expect((await post('x'.repeat(MAX_RPC_BODY_BYTES + 1)).catch(() => ({ status: 413 }))).status).toBe(413)
    expect((await node.tip()).height).toBe(0)
  })

  it('answers a batch in order, each call for itself', async () => {
    const { post } = await serve()
    const calls = [{ id: 'a', method: 'getblockcount' }, { id: 'b', method: 'nosuch' }, 5]
    const response = await post(JSON.stringify(calls))
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject([
      { id: 'a', result: 0, error: null },
      { id: 'b', result: null, error: { code: -32601 } },
      { id: null, error: { code: -32600 } },
    ])
  })

  it('takes names for positions, and shows a block in three depths', async () => {
    const { node, result } = await serve()
    const address = encodeAddress(node.network, alice.script)
    const [hash] = await result<string[]>('generatetoaddress', { nblocks: 1, address })
    const { block } = (await node.blockAt(1))!
    const coinbase = block.transactions[0]!
    expect(await result('getblock', [hash, 0])).toBe(toHex(encodeBlock(block)))
    expect(await result('getblock', [hash])).toMatchObject({
      hash,
      height: 1,
      confirmations: 1,
      nTx: 1,
      tx: [transactionId(coinbase)],
    })
    expect(await result('getblock', { blockhash: hash, verbosity: 2 })).toMatchObject({
      tx: [{ txid: transactionId(coinbase), vout: [{ value: 50, n: 0, scriptPubKey: { address } }, { value: 0 }] }],
    })
    expect(await result('gettxout', [transactionId(coinbase), 0])).toMatchObject({
      bestblock: hash,
      confirmations: 1,
      value: 50,
      coinbase: true,
      scriptPubKey: { hex: toHex(alice.script), type: 'witness_v0_keyhash' },
    })
    expect(await result('validateaddress', [address])).toMatchObject({
      isvalid: true,
      scriptPubKey: toHex(alice.script),
    })
    expect(await result('validateaddress', ['bc1qnonsense'])).toMatchObject({ isvalid: false })
    expect(await result('getblockchaininfo')).toMatchObject({ blocks: 1, bestblockhash: hash, pruned: false })
  })

  it('says what sending would say, without sending', async () => {
    const { node, ask, result } = await serve()
    const [coin, other] = await ripeCoins(node, alice, 2)
    const good = pay(coin!, bob)
    const hex = (tx: typeof good) => toHex(encodeTransaction(tx))
    const stranger = pay({ ...coin!, txid: '22'.repeat(32) }, bob)
    expect(await result('testmempoolaccept', [[hex(good)]])).toMatchObject([
      { txid: transactionId(good), allowed: true, vsize: 110, fees: { base: 0.00001 } },
    ])
    expect(await result('testmempoolaccept', [[hex(stranger)]])).toMatchObject([
      { allowed: false, 'reject-reason': 'missing-inputs' },
    ])
    expect(await result('getrawmempool')).toEqual([])
    expect(await ask('sendrawtransaction', [hex(stranger)])).toMatchObject({ code: -25 })
    expect(await ask('sendrawtransaction', [hex(pay(coin!, bob, 1n))])).toMatchObject({ code: -26 })
    expect(await ask('sendrawtransaction', [hex(pay(other!, bob, 400_000_000n))])).toMatchObject({ code: -25 })
    expect(await result('sendrawtransaction', [hex(good)])).toBe(transactionId(good))
    expect(await result('sendrawtransaction', [hex(good)])).toBe(transactionId(good))
    expect(await result('getmempoolinfo')).toMatchObject({ size: 1, bytes: 110 })
    expect(await result('getmempoolentry', [transactionId(good)])).toMatchObject({ vsize: 110, ancestorcount: 1 })
    await node.mine(1, alice.script)
    expect(await ask('sendrawtransaction', [hex(good)])).toMatchObject({ code: -27 })
    expect(await result('estimatesmartfee', [2])).toMatchObject({ blocks: 0, errors: [expect.any(String)] })
  })

  it('waits for a block, and ends when told to', async () => {
    const { node, result, stops } = await serve()
    const waiting = result('waitfornewblock', { timeout: 30_000, current_tip: (await node.tip()).hash })
    await node.mine(1, alice.script)
    expect(await waiting).toMatchObject({ height: 1 })
    expect(await result('waitfornewblock', [1])).toMatchObject({ height: 1 })
    expect(await result('help')).toContain('waitfornewblock')
    await result('stop')
    await expect.poll(stops).toBe(1)
  })

  it('says when its port is taken', async () => {
    const { server } = await serve()
    const { node, dataDir } = await freshNode()
    await expect(serveRpc({ node, dataDir, port: server.port })).rejects.toMatchObject({ code: 'chain.port-taken' })
  })
})
