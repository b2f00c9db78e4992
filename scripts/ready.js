// Plain JavaScript, no dependency: it runs before there are any. Installs the locked dependencies when they are
// missing or older than the lock, and builds dist/ when a source is newer than it.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const modified = (path) => (existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0)

function run(command, args) {
  const windows = process.platform === 'win32'
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: windows })
  if (status === 0) return
  process.stderr.write(`postern: "${command} ${args.join(' ')}" failed${error ? `: ${error.message}` : ''}\n`)
  process.exit(2)
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  process.stderr.write(`postern: Node 20.19 or newer is needed, this is ${process.versions.node}\n`)
  process.exit(2)
}

export function install() {
  requireNode()
  if (modified('node_modules/.package-lock.json') >= modified('package-lock.json')) return
  process.stderr.write('postern: installing the locked dependencies (npm ci) …\n')
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
}

const newest = (folder) =>
  Math.max(
    ...readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
      modified(join(folder, file)),
    ),
  )

/** A package that came without sources is built already. */
export function build() {
  if (!existsSync(join(root, 'src'))) return
  const sources = Math.max(newest('src'), modified('tsconfig.json'), modified('tsconfig.build.json'))
  if (modified('dist/.tsbuildinfo') >= sources && existsSync(join(root, 'dist/cli/main.js'))) return
  process.stderr.write('postern: building …\n')
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  install()
  if (process.argv.includes('--build')) build()
}
