import { main } from '../../src/cli/main.ts'

// The command line from source, for tests that need a process of its own.
await main(process.argv.slice(2))
