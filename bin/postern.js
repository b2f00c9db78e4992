#!/usr/bin/env node
import { build, install } from '../scripts/ready.js'

install()
build()
const { main } = await import('../dist/cli/main.js')
await main(process.argv.slice(2))
