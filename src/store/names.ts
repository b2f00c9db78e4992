import { PosternError } from '../kernel/errors.ts'

/** Temporary files of a write in progress; never listed, never a name of ours. */
export const temporary = '.tmp-'

/**
 * A store name, or a folder of it: relative, `/`-separated, no empty, `.` or `..` part.
 * @throws PosternError store-failed
 */
export function checkedName(name: string): string {
  const bad = name.split('/').some((part) => part === '' || part === '.' || part === '..' || part.startsWith(temporary))
  if (bad || name.includes('\0') || name.includes('\\')) {
    throw new PosternError(
      'store-failed',
      `${JSON.stringify(name.slice(0, 200))} is not a name in a store: expected parts/joined/like-this, none of them ".."`,
    )
  }
  return name
}

/** The folder part of a name; empty for the root. */
export function folderOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')))
}

/** The last part of a name. */
export function baseOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}
