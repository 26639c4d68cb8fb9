import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { parseYaml } from './yaml.ts'

const Service = z.strictObject({
  image: z.string(),
  command: z.array(z.string()),
  environment: z.record(z.string(), z.string()).default({}),
  restart: z.literal('unless-stopped'),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  tmpfs: z.array(z.string()),
  stop_grace_period: z.string(),
  logging: z.object({ driver: z.string(), options: z.record(z.string(), z.string()) }),
  security_opt: z.array(z.string()),
  depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).default({}),
  volumes: z.array(z.string()),
  ports: z.array(z.string()).default([]),
  networks: z.object({ market: z.object({ ipv4_address: z.string() }) }),
  cpus: z.number(),
  mem_limit: z.string(),
  pids_limit: z.number(),
})
export type Service = z.infer<typeof Service>

const Market = z.looseObject({
  services: z.record(z.string(), Service),
  networks: z.object({ market: z.object({ ipam: z.object({ config: z.tuple([z.object({ subnet: z.string() })]) }) }) }),
  volumes: z.record(z.string(), z.null()),
})

export const MARKET_FILE = 'ops/market/compose.yaml'

/** The compose file of a whole market, with what it says of each service. An unknown key is an error. */
export const readMarket = () => Market.parse(parseYaml(readFileSync(MARKET_FILE, 'utf8')))
