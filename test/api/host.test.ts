import { request } from 'node:http'
import { expect, it } from 'vitest'
import { isOwnHost, originsOf } from '../../src/api/origin.ts'
import { startNode } from './node.ts'

const statusFor = (url: string, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { headers: { host } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    sent.on('error', reject)
    sent.end()
  })

it('answers no page that only calls itself by its name (DNS rebinding)', async () => {
  const node = await startNode()
  try {
    const { host } = new URL(node.api.url)
    for (const path of ['/healthz', '/metrics']) {
      expect(await statusFor(`${node.api.url}${path}`, host)).toBe(200)
      expect(await statusFor(`${node.api.url}${path}`, host.replace('127.0.0.1', 'localhost'))).toBe(200)
      expect(await statusFor(`${node.api.url}${path}`, 'evil.example')).toBe(403)
      expect(await statusFor(`${node.api.url}${path}`, 'evil.example:4000')).toBe(403)
    }
  } finally {
    await node.close()
  }
})

it('leaves names to whoever binds beyond loopback', () => {
  expect(isOwnHost('10.1.2.3', 'node.example', originsOf('10.1.2.3', 4000))).toBe(true)
  expect(isOwnHost('127.0.0.1', undefined, originsOf('127.0.0.1', 4000))).toBe(false)
})
