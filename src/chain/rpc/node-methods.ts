import { INCREMENTAL_FEE_RATE, MIN_RELAY_FEE_RATE } from '../xencoind/policy.ts'
import { toCoins } from './amount.ts'
import { type RpcMethod, rpcMethod } from './method.ts'

const perKvb = (rate: bigint) => toCoins(rate * 1000n)

export const nodeMethods: Record<string, RpcMethod> = {
  getnetworkinfo: rpcMethod('getnetworkinfo: what this node is', {}, () => ({
    version: 10_000,
    subversion: '/xencoind:0.1.0/',
    protocolversion: 70016,
    localservices: '0000000000000009',
    localservicesnames: ['NETWORK', 'WITNESS'],
    localrelay: true,
    timeoffset: 0,
    networkactive: false,
    connections: 0,
    connections_in: 0,
    connections_out: 0,
    networks: [],
    relayfee: perKvb(MIN_RELAY_FEE_RATE),
    incrementalfee: perKvb(INCREMENTAL_FEE_RATE),
    localaddresses: [],
    warnings: [],
  })),
  getconnectioncount: rpcMethod('getconnectioncount: peers of this node', {}, () => 0),
  getpeerinfo: rpcMethod('getpeerinfo: who they are', {}, () => []),
  uptime: rpcMethod('uptime: seconds since the start', {}, (_, { node }) =>
    Math.floor((node.inside.clock.steadyUs() - node.inside.startedAtUs) / 1e6),
  ),
  stop: rpcMethod('stop: ends the node', {}, (_, { stop }) => {
    stop()
    return 'xencoind stopping'
  }),
}
