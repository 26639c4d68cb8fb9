import { INVENTORY, WITNESS_BLOCK } from '../../../domain/chain/wire/inventory.ts'
import type { Clock } from '../../clock/port.ts'
import type { BlockDownload } from './block-download.ts'
import type { Received } from './connection.ts'
import type { Gossip } from './gossip.ts'
import type { HeaderSync } from './header-sync.ts'
import type { Peer } from './peer.ts'
import { PeerEnd } from './peer-end.ts'
import type { Serve } from './serve.ts'
import type { TxRelay } from './tx-relay.ts'

export type HandlerParts = {
  readonly clock: Clock
  readonly headers: HeaderSync
  readonly download: BlockDownload
  readonly serve: Serve
  readonly transactions: TxRelay
  readonly gossip: Gossip
}

/** Does what a message asks for, or takes what it brings. @throws PeerEnd */
export const newHandler =
  (parts: HandlerParts) =>
  (peer: Peer, { message, sizeBytes }: Received): Promise<void> | void => {
    const { headers, download, serve, transactions, gossip } = parts
    switch (message.command) {
      case 'version':
      case 'verack':
        throw new PeerEnd('chain.peer-handshake', `${message.command} came again`)
      case 'ping':
        return peer.connection.send({ command: 'pong', nonce: message.nonce })
      case 'pong':
        return takePong(parts.clock, peer, message.nonce)
      case 'sendheaders':
        peer.wantsHeaders = true
        return
      case 'feefilter':
        if (message.rate >= 0n) peer.feeFilter = message.rate
        return
      case 'addr':
      case 'addrv2':
        return gossip.take(peer, message.addresses)
      case 'getaddr':
        return gossip.answer(peer)
      case 'getheaders':
        return serve.headers(peer, message.locator)
      case 'getblocks':
        return serve.blocks(peer, message.locator)
      case 'getdata':
        return serve.data(peer, message.items)
      case 'mempool':
        return transactions.list(peer)
      case 'headers':
        return headers.take(peer, message.headers)
      case 'inv': {
        const block = message.items.findLast(({ type }) => isBlock(type))
        if (block !== undefined) headers.heardOf(peer, block.hash)
        return transactions.heardOf(peer, message.items)
      }
      case 'notfound':
        transactions.missing(
          peer,
          hashesOf(message.items, (type) => !isBlock(type)),
        )
        return download.missing(peer, hashesOf(message.items, isBlock))
      case 'block':
        return download.take(peer, message.block, sizeBytes)
      case 'tx':
        return transactions.take(peer, message.tx)
      // Short blocks are an offer, which is not taken up; the rest is said in the handshake or is of newer nodes.
      case 'sendcmpct':
      case 'wtxidrelay':
      case 'sendaddrv2':
      case 'unknown':
        return
    }
  }

const isBlock = (type: number): boolean => type === INVENTORY.block || type === WITNESS_BLOCK

const hashesOf = (items: readonly { type: number; hash: string }[], fits: (type: number) => boolean): string[] =>
  items.filter(({ type }) => fits(type)).map(({ hash }) => hash)

const takePong = (clock: Clock, { ping }: Peer, nonce: bigint): void => {
  if (ping.nonce === undefined || ping.nonce !== nonce) return
  delete ping.nonce
  ping.lastUs = clock.steadyUs() - ping.sentUs
  ping.leastUs = Math.min(ping.leastUs ?? ping.lastUs, ping.lastUs)
}
