/**
 * Durable files under one root. Names are relative, `/`-separated, never `..`; folders come into being as needed.
 * Every method throws PosternError store-failed.
 */
export interface Store {
  /** `undefined` when there is no such file. */
  read(name: string): Promise<Uint8Array | undefined>
  /** Names (not paths) of the files in a folder, sorted; empty when there is no such folder. */
  list(folder: string): Promise<readonly string[]>
  /** Whole file by temporary file, fsync, rename and fsync of the folder: after it resolves the file survives anything. */
  write(name: string, bytes: Uint8Array): Promise<void>
  /** Durable when it resolves; replaces what stands there. */
  rename(from: string, to: string): Promise<void>
  /** Durable when it resolves; no error when there is no such file. */
  remove(name: string): Promise<void>
  /** A file that grows; starts empty. */
  append(name: string): Promise<Appender>
}

export interface Appender {
  /** Reaches the operating system before it resolves: a killed process loses nothing of it, a killed machine what was not synced. */
  write(bytes: Uint8Array): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

/** Delivered mail: one Maildir a mailbox. */
export interface Mailboxes {
  /**
   * Durable when it resolves. A second message with the same `id` in the same mailbox is dropped and answers `duplicate`, also after a restart.
   */
  deliver(mailbox: string, id: string, message: Uint8Array): Promise<'delivered' | 'duplicate'>
  /** Oldest first. */
  list(mailbox: string): Promise<readonly StoredMail[]>
}

export interface StoredMail {
  /** File name inside the Maildir. */
  readonly name: string
  readonly message: Uint8Array
}
