import { type RpcMethod, rpcMethod } from './method.ts'

export const nodeMethods: Record<string, RpcMethod> = {
  uptime: rpcMethod('uptime: seconds since the start', {}, (_, { node }) =>
    Math.floor((node.inside.clock.steadyUs() - node.inside.startedAtUs) / 1e6),
  ),
  stop: rpcMethod('stop: ends the node', {}, (_, { stop }) => {
    stop()
    return 'xencoind stopping'
  }),
}
