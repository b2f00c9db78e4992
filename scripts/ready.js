// Plain JavaScript, no dependency: it runs before there are any. Installs the locked dependencies when they are
// missing or older than the lock, and builds dist/ when a source is newer than it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const modified = (path) => (existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0)

function fail(text) {
  process.stderr.write(`postern: ${text}\n`)
  process.exit(2)
}

function run(command, args) {
  const windows = process.platform === 'win32'
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: windows })
  if (status === 0) return
  const why = error?.message ?? (signal === null ? `exit code ${status}` : signal)
  throw new Error(`"${command} ${args.join(' ')}" failed: ${why}; what it said stands above`)
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  fail(`Node 20.19 or newer is needed, this is ${process.versions.node}`)
}

const lock = join(root, 'dist', '.ready')

/** Two commands that begin at once do not install or build into each other: the second waits for the first, if that lives. */
function alone(task) {
  for (;;) {
    try {
      mkdirSync(join(root, 'dist'), { recursive: true })
      mkdirSync(lock)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') fail(`nothing can be written to ${root}: ${error.message}`)
    }
    if (abandoned()) rmSync(lock, { recursive: true, force: true })
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  }
  try {
    writeFileSync(join(lock, 'pid'), String(process.pid))
    task()
  } catch (error) {
    rmSync(lock, { recursive: true, force: true })
    fail(error.message)
  }
  rmSync(lock, { recursive: true, force: true })
}

/** Its holder is gone, or was killed before it wrote down who it is. */
function abandoned() {
  try {
    process.kill(Number(readFileSync(join(lock, 'pid'), 'utf8')), 0)
    return false
  } catch (error) {
    if (error.code === 'ESRCH') return true
    return error.code === 'ENOENT' && existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 5000
  }
}

const isInstalled = () => modified('node_modules/.package-lock.json') >= modified('package-lock.json')

export function install() {
  requireNode()
  if (isInstalled()) return
  alone(() => {
    if (isInstalled()) return
    process.stderr.write('postern: installing the locked dependencies (npm ci) …\n')
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  })
}

const newest = (folder) =>
  Math.max(
    modified(folder),
    ...readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
      modified(join(folder, file)),
    ),
  )

const stamp = 'dist/.tsbuildinfo'

const isBuilt = () =>
  modified(stamp) >= Math.max(newest('src'), modified('tsconfig.json'), modified('tsconfig.build.json')) &&
  existsSync(join(root, 'dist/cli/main.js'))

/** A package that came without sources is built already. */
export function build() {
  if (!existsSync(join(root, 'src')) || isBuilt()) return
  alone(() => {
    if (isBuilt()) return
    process.stderr.write('postern: building …\n')
    const began = new Date()
    try {
      run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'])
    } catch (error) {
      // What was written of it must not pass for a build the next time.
      rmSync(join(root, stamp), { force: true })
      throw error
    }
    // The compiler leaves its stamp as old as it was when only dates changed; a source saved meanwhile is newer.
    if (existsSync(join(root, stamp))) utimesSync(join(root, stamp), began, began)
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  install()
  if (process.argv.includes('--build')) build()
}
